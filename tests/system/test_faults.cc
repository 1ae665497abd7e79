// A change of which the N-th step fails, for every N: nothing has happened.
#include "system/drill.hh"

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <regex>
#include <string>

using test::Door;
using test::Drill;
using test::Drilled;
using test::Kind;
using test::Node;

namespace {

// Two computers that a router serves, and that call each other all the time.
class Traffic {
public:
    // The router has ports to them already, or is a new one.
    Traffic(Node &node, const std::string &router) : node_{node}
    {
        node.snatctl("-- --may-exist router-add " + router
                     + " -- --bridge=br-int port-add " + router
                     + " sg-left 10.1.0.1/24 -- --bridge=br-int port-add "
                     + router + " sg-right 10.1.1.1/24");
        node.host("left", "br-int", "ip=10.1.0.5/24 via=10.1.0.1");
        node.host("right", "br-int", "ip=10.1.1.5/24 via=10.1.1.1");
        node.must_in("left", "ping -c 1 -W 5 10.1.1.5");
        ping_ = node.start_in("left", "exec ping -i 0.02 10.1.1.5");
    }

    // Every call has had its answer, but for those on their way at the end.
    void
    ends_without_loss()
    {
        ping_->signal(SIGINT);
        const auto told = ping_->finish().out;
        static const std::regex answer{"icmp_seq=([0-9]+) ttl"};
        int last = 0;
        for (std::sregex_iterator at{told.begin(), told.end(), answer}, end;
             at != end; ++at) {
            const int number = std::stoi((*at)[1]);
            BOOST_TEST(number == last + 1, "no answer after " << last);
            last = number;
        }
        BOOST_TEST(last > 10);
        const auto summary = told.find(" packets transmitted");
        const auto sent = told.rfind('\n', summary) + 1;
        BOOST_TEST(std::stoi(told.substr(sent)) <= last + 50);
    }

private:
    Node &node_;
    std::unique_ptr<test::Job> ping_;
};

// Each step of the edit fails once; at last the edit passes.  Nobody else
// notices anything: neither another router nor other ports of the same one.
void
fails_at_every_step(const Drill &drill)
{
    Drilled drilled{drill};
    Node &node = drilled.node;
    // What was undone is not tried again behind our back.
    node.must("ovs-snatctl --no-wait set SNAT_Global . "
              "options:retry-initial=3600000 options:retry-max=3600000");
    Traffic traffic{node, drill.kind == Kind::update ? "r1" : "r0"};
    const auto before = node.snapshot();
    int n = 1;
    for (;; n++) {
        node.appctl("fault/fail-step " + std::to_string(n));
        const bool realised = drilled.edit();
        if (node.appctl("fault/show") != "none") {
            BOOST_TEST(realised);
            break;
        }
        BOOST_TEST_CONTEXT("step " << n)
        {
            BOOST_TEST(!realised);
            BOOST_REQUIRE(node.is_as(before));
            drilled.take_back();
        }
    }
    traffic.ends_without_loss();
    BOOST_TEST_MESSAGE(n - 1 << " steps failed");
    BOOST_TEST(n > 2);
}

} // namespace

BOOST_AUTO_TEST_SUITE(faults)

BOOST_AUTO_TEST_CASE(create_veth_by_snatctl)
{
    fails_at_every_step({Door::snatctl, Kind::create, "veth", true});
}

BOOST_AUTO_TEST_CASE(create_internal_by_snatctl)
{
    fails_at_every_step({Door::snatctl, Kind::create, "internal", true});
}

BOOST_AUTO_TEST_CASE(update_veth_by_snatctl)
{
    fails_at_every_step({Door::snatctl, Kind::update, "veth", true});
}

BOOST_AUTO_TEST_CASE(update_internal_by_snatctl)
{
    fails_at_every_step({Door::snatctl, Kind::update, "internal", true});
}

BOOST_AUTO_TEST_CASE(delete_veth_by_snatctl)
{
    fails_at_every_step({Door::snatctl, Kind::destroy, "veth", true});
}

BOOST_AUTO_TEST_CASE(delete_internal_by_snatctl)
{
    fails_at_every_step({Door::snatctl, Kind::destroy, "internal", true});
}

BOOST_AUTO_TEST_CASE(create_veth_by_vsctl)
{
    fails_at_every_step({Door::vsctl, Kind::create, "veth", true});
}

BOOST_AUTO_TEST_CASE(create_internal_by_vsctl)
{
    fails_at_every_step({Door::vsctl, Kind::create, "internal", true});
}

BOOST_AUTO_TEST_CASE(update_veth_by_vsctl)
{
    fails_at_every_step({Door::vsctl, Kind::update, "veth", true});
}

BOOST_AUTO_TEST_CASE(update_internal_by_vsctl)
{
    fails_at_every_step({Door::vsctl, Kind::update, "internal", true});
}

BOOST_AUTO_TEST_CASE(delete_veth_by_vsctl)
{
    fails_at_every_step({Door::vsctl, Kind::destroy, "veth", true});
}

BOOST_AUTO_TEST_CASE(delete_internal_by_vsctl)
{
    fails_at_every_step({Door::vsctl, Kind::destroy, "internal", true});
}

// The undo fails as well: it is told, and made good when the cause is gone.
BOOST_AUTO_TEST_CASE(a_failed_undo_heals)
{
    Drilled drilled{{Door::snatctl, Kind::update, "veth"}};
    Node &node = drilled.node;
    node.appctl("fault/fail-step 5");
    node.appctl("fault/fail-undo 2");
    BOOST_TEST(!drilled.edit());
    BOOST_TEST(node.appctl("fault/show") == "none");
    const auto told = node.appctl("change/show 2");
    BOOST_TEST(told.find("undo_failed") != told.npos, told);
    BOOST_TEST(told.find("outstanding") != told.npos, told);
    const auto error = node.snatctl("get Router r1 error");
    BOOST_TEST(error.find("outstanding") != error.npos, error);
    node.snatctl("wait-until Router r1 state=active");
    const auto healed = node.appctl("change/show 2");
    BOOST_TEST(healed.find("undone") != healed.npos, healed);
    BOOST_TEST(healed.find("outstanding") == healed.npos, healed);
    node.wait_for("ip -n snat-r1 link show sg-r1c");
}

BOOST_AUTO_TEST_SUITE_END()
