// A router from its first ovs-vsctl line to its end.
#include "system/ask.hh"
#include "system/node.hh"

#include <boost/test/unit_test.hpp>

using test::ask_tcp;
using test::ask_udp;
using test::hears;
using test::Node;
using namespace std::chrono_literals;

namespace {

// One internal and one external computer, and the two ports of a router
// between them, as an operator with nothing but ovs-vsctl makes them.
struct Demo {
    Node node;

    Demo()
    {
        node.host("inside", "br-int", "ip=10.0.0.5/24 via=10.0.0.1");
        node.host("outside", "br-ex", "ip=198.51.100.1/24");
    }

    void
    wire()
    {
        node.vsctl("add-port br-ex qg-demo -- set Interface qg-demo "
                   "type=internal external_ids:snat-router=demo "
                   "external_ids:snat-networks=198.51.100.10/24 "
                   "external_ids:snat-gateway-ips=198.51.100.1");
        node.vsctl("add-port br-int sg-demo -- set Interface sg-demo "
                   "type=internal external_ids:snat-router=demo "
                   "external_ids:snat-networks=10.0.0.1/24");
        for (const std::string port : {"qg-demo", "sg-demo"}) {
            node.vsctl("wait-until Interface " + port
                       + " external_ids:snat-state=active");
        }
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(router)

BOOST_FIXTURE_TEST_CASE(translates_what_leaves, Demo)
{
    wire();
    const auto who = node.whoami("outside");
    BOOST_TEST(ask_tcp(node, "inside", "198.51.100.1")
               == "you are 198.51.100.10");
    BOOST_TEST(ask_udp(node, "inside", "198.51.100.1")
               == "you are 198.51.100.10");
    node.must_in("inside", "ping -c 1 -W 5 198.51.100.1");
    BOOST_TEST(hears(*who, "icmp 198.51.100.10\n"));
    const auto calls = who->output();
    BOOST_TEST(calls.find("10.0.0.5") == calls.npos);
}

BOOST_FIXTURE_TEST_CASE(leaves_nothing_behind, Demo)
{
    const auto before = node.snapshot();
    wire();
    node.vsctl("del-port qg-demo -- del-port sg-demo");
    BOOST_TEST(node.is_as(before));
}

// While the router is being given its second port the first one goes.
BOOST_FIXTURE_TEST_CASE(a_port_goes_in_the_middle_of_a_change, Demo)
{
    wire();
    node.vsctl("wait-until Interface qg-demo external_ids:snat-state=active");
    node.vsctl("del-port qg-demo");
    node.wait_for("ip -n snat-demo link show sg-demo && ! ip -n snat-demo "
                  "link show qg-demo && ovs-appctl -t ovs-snatd router/list "
                  "| grep -q 'active *1 ports'",
                  3s);
}

BOOST_AUTO_TEST_SUITE_END()
