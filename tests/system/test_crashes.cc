// Where another agent that dies leaves things half done for good: loopback
// down, a port of the switch that nobody owns, a link that stays down, a route
// that cannot be made.  Here the next start finishes what the rows still ask
// for, and clears away what they do not.  That this holds at every step is the
// campaign's: tests/campaign.
#include "system/node.hh"
#include "system/text.hh"

#include <algorithm>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <tuple>

namespace data = boost::unit_test::data;
using test::Node;

namespace {

const std::string wirings[] = {"veth", "internal"};

struct Crashed {
    Node node;
    std::string nothing;

    Crashed()
    {
        node.host("one", "br-int", "ip=10.0.0.5/24 via=10.0.0.1");
        node.host("outside", "br-ex", "ip=198.51.100.1/24");
        node.wait_for("! ip -o address | grep -q tentative");
        nothing = node.snapshot();
    }

    static std::string
    create(const std::string &wiring)
    {
        const std::string port = " -- --wiring=" + wiring;
        return "-- router-add r1" + port
               + " --bridge=br-ex --gateway=198.51.100.1 port-add r1 qg-r1 "
                 "198.51.100.10/24"
               + port + " --bridge=br-int port-add r1 sg-r1 10.0.0.1/24";
    }

    // By number, the first step of a change that makes r1 whose words these
    // are.
    std::string
    find_step(const std::string &wiring, const std::string &words)
    {
        node.snatctl(create(wiring));
        const auto steps = test::split(node.appctl("change/show 1"), '\n');
        const auto found = std::ranges::find_if(
            steps, [&](const auto &line) { return test::holds(line, words); });
        BOOST_REQUIRE_MESSAGE(found != steps.end(), "no step to " << words);
        node.snatctl("router-del r1");
        return found->substr(0, found->find('.'));
    }

    // Both processes die right after that step.
    void
    die_after(const std::string &wiring, const std::string &words)
    {
        const auto step = find_step(wiring, words);
        const auto pids = std::to_string(node.main_pid()) + " "
                          + std::to_string(node.kernel_pid());
        node.appctl("fault/crash-at-step " + step);
        node.must("ovs-snatctl --no-wait " + create(wiring));
        node.wait_for("! kill -0 " + pids);
    }

    // Whole, not only told to be.
    void
    is_whole()
    {
        node.snatctl("wait-until Router r1 state=active");
        node.must("ip -n snat-r1 link show lo up | grep -q LOOPBACK");
        BOOST_TEST(node.must("ip netns exec snat-r1 sysctl -n "
                             "net.ipv4.conf.all.promote_secondaries "
                             "net.netfilter.nf_conntrack_tcp_loose")
                   == "1\n0");
        for (const std::string port : {"qg-r1", "sg-r1"}) {
            node.must("ip -n snat-r1 link show " + port
                      + " up | grep -q LOWER_UP");
        }
        node.must("ip -n snat-r1 route show default | grep -q 'via "
                  "198.51.100.1 dev qg-r1 proto static'");
        node.must_in("one", "ping -c 1 -W 5 198.51.100.1");
        BOOST_TEST(node.appctl("router/plan r1") == "nothing to do");
    }

    void
    goes_on_to_the_end(const std::string &wiring, const std::string &words)
    {
        die_after(wiring, words);
        node.start_daemon();
        is_whole();
    }

    // Its rows are gone when the daemon is there again.
    void
    leaves_nothing(const std::string &wiring, const std::string &words)
    {
        die_after(wiring, words);
        node.must("ovs-snatctl --no-wait router-del r1");
        node.start_daemon();
        BOOST_TEST(node.is_as(nothing));
        BOOST_TEST(node.must("ovs-vsctl --columns=name --bare find Interface "
                             "external_ids:snat-owner=ovs-snatd")
                   == "");
    }

    void
    comes_out_right(const std::string &wiring, const std::string &words,
                    bool is_deleted)
    {
        is_deleted ? leaves_nothing(wiring, words)
                   : goes_on_to_the_end(wiring, words);
    }
};

const auto all_ways = data::make(wirings) * data::make({false, true});

} // namespace

BOOST_AUTO_TEST_SUITE(crashes)

// C1: before loopback is up and promote_secondaries set.
BOOST_DATA_TEST_CASE_F(Crashed, after_the_namespace_is_made, all_ways, wiring,
                       is_deleted)
{
    comes_out_right(wiring, "make the namespace", is_deleted);
}

// C2: before the devices are in the namespace.
BOOST_DATA_TEST_CASE_F(Crashed, after_the_switch_has_the_ports, all_ways,
                       wiring, is_deleted)
{
    comes_out_right(wiring, "add the port", is_deleted);
}

// C3: of the internal port, before it is up.
BOOST_DATA_TEST_CASE_F(Crashed, before_a_link_is_up, all_ways, wiring,
                       is_deleted)
{
    comes_out_right(wiring, "set the addresses of sg-r1", is_deleted);
}

// C4: of the gateway port, before it is up and the default route is there.
BOOST_DATA_TEST_CASE_F(Crashed, before_the_gateway_is_up, all_ways, wiring,
                       is_deleted)
{
    comes_out_right(wiring, "set the addresses of qg-r1", is_deleted);
}

BOOST_DATA_TEST_CASE_F(Crashed, before_the_default_route, all_ways, wiring,
                       is_deleted)
{
    comes_out_right(wiring, "set sg-r1 up", is_deleted);
}

BOOST_AUTO_TEST_SUITE_END()
