// The node that all other system tests stand on.
#include "system/ask.hh"
#include "system/node.hh"
#include "system/text.hh"

#include <boost/test/unit_test.hpp>

using test::hears;
using test::Node;

BOOST_AUTO_TEST_SUITE(node)

BOOST_AUTO_TEST_CASE(hosts_reach_each_other)
{
    Node node;
    node.host("one", "br-int", "ip=10.0.0.5/24 ip=2001:db8::5/64 tag=7");
    node.host("two", "br-int", "ip=10.0.0.6/24 ip=2001:db8::6/64 tag=7");
    node.host("three", "br-int", "ip=10.0.0.7/24 tag=8");
    for (const std::string address : {"10.0.0.6", "2001:db8::6"}) {
        node.wait_for("ip netns exec one ping -c 1 -W 1 " + address);
    }
    BOOST_TEST(node.run_in("one", "ping -c 1 -W 1 10.0.0.7").status == 1);
}

BOOST_AUTO_TEST_CASE(whoami_tells_who_called)
{
    Node node;
    node.host("one", "br-int", "ip=10.0.0.5/24");
    node.host("two", "br-int", "ip=10.0.0.6/24");
    const auto who = node.whoami("two");
    BOOST_TEST(node.must_in("one", "curl -s http://10.0.0.6/")
               == "you are 10.0.0.5");
    node.must_in("one", "ping -c 1 -W 5 10.0.0.6");
    BOOST_TEST(node.must_in("one", "exec 3<>/dev/udp/10.0.0.6/80; echo >&3;"
                                   "timeout 5 dd bs=2048 count=1 <&3")
               == "you are 10.0.0.5");
    BOOST_TEST(hears(*who, "tcp 10.0.0.5 "));
    BOOST_TEST(hears(*who, "udp 10.0.0.5 "));
    BOOST_TEST(hears(*who, "icmp 10.0.0.5\n"));
}

BOOST_AUTO_TEST_CASE(snapshot_sees_changes_and_nothing_else)
{
    Node node;
    node.host("snat-x", "br-int", "ip=10.0.0.5/24");
    const auto before = node.snapshot();
    BOOST_TEST(node.is_as(before));
    for (const std::string command :
         {"ip -n snat-x address add 10.0.0.9/24 dev eth0",
          "ip -n snat-x route add 198.51.100.0/24 via 10.0.0.1",
          "ip netns exec snat-x nft add table inet t",
          "ip netns exec snat-x sysctl net.ipv4.ip_forward=1",
          "ovs-vsctl set port snat-x tag=5", "ip netns add y"}) {
        node.must(command);
        const auto after = node.snapshot();
        BOOST_TEST(after != before, command << " is not seen");
    }
}

BOOST_AUTO_TEST_CASE(nodes_live_side_by_side)
{
    Node a, b;
    a.host("one", "br-int", "ip=10.0.0.5/24");
    b.host("one", "br-int", "ip=10.0.0.5/24");
    a.vsctl("del-port one");
    BOOST_TEST(a.vsctl("list-ports br-int") == "");
    BOOST_TEST(b.vsctl("list-ports br-int") == "one");
}

BOOST_AUTO_TEST_CASE(without_a_command)
{
    Node node;
    for (const std::string words : {"", " _build"}) {
        const auto told = node.run(TOP_SRCDIR "/utilities/node.sh" + words);
        BOOST_TEST(told.status == 2);
        BOOST_TEST(told.err
                   == "usage: utilities/node.sh BUILD-DIRECTORY "
                      "COMMAND [ARG]...\n");
    }
}

BOOST_AUTO_TEST_CASE(difference_shows_lines)
{
    BOOST_TEST(test::difference("a\nb\nc\n", "a\nx\nc\nd\n")
               == "- b\n+ x\n+ d\n");
}

BOOST_AUTO_TEST_SUITE_END()
