// What a router made through either door does for packets, and what becomes
// of wishes that cannot be fulfilled.
#include "system/ask.hh"
#include "system/node.hh"
#include "system/text.hh"

#include <boost/test/unit_test.hpp>
#include <string>

using test::ask_tcp;
using test::ask_udp;
using test::hears;
using test::holds;
using test::Node;
using namespace std::chrono_literals;

namespace {

// Two internal networks, the second one on VLAN 7, and one outside.
struct Site {
    Node node;

    Site()
    {
        node.host("one", "br-int",
                  "ip=10.0.0.5/24 via=10.0.0.1 ip=2001:db8:1::5/64");
        node.host("two", "br-int", "ip=10.0.1.5/24 via=10.0.1.1 tag=7");
        node.host("outside", "br-ex", "ip=198.51.100.1/24 ip=2001:db8::1/64");
        node.must_in("one", "ip -6 route add default via 2001:db8:1::1");
        node.must_in("outside", "ip -6 route add default via 2001:db8::10");
    }

    void
    add(const std::string &wiring)
    {
        const std::string port = " -- --wiring=" + wiring;
        node.snatctl("-- router-add demo" + port
                     + " --bridge=br-ex --gateway=198.51.100.1 port-add demo "
                       "qg-demo 198.51.100.10/24 2001:db8::10/64"
                     + port
                     + " --bridge=br-int port-add demo sg-one 10.0.0.1/24 "
                       "2001:db8:1::1/64"
                     + port
                     + " --bridge=br-int --tag=7 port-add demo sg-two "
                       "10.0.1.1/24");
    }

    // All that leaves bears the router's address.
    void
    translates(const std::string &wiring)
    {
        add(wiring);
        const auto who = node.whoami("outside");
        const std::string us = "you are 198.51.100.10";
        for (const std::string host : {"one", "two"}) {
            BOOST_TEST(ask_tcp(node, host, "198.51.100.1") == us);
            BOOST_TEST(ask_udp(node, host, "198.51.100.1") == us);
            node.must_in(host, "ping -c 1 -W 5 198.51.100.1");
        }
        BOOST_TEST(hears(*who, "icmp 198.51.100.10\n"));
        const auto calls = who->output();
        BOOST_TEST(!holds(calls, " 10.0."), calls);
    }

    void
    routes_ipv6(const std::string &wiring)
    {
        add(wiring);
        const auto who = node.whoami("outside");
        const std::string us = "2001:db8:1::5";
        BOOST_TEST(ask_tcp(node, "one", "[2001:db8::1]") == "you are " + us);
        BOOST_TEST(ask_udp(node, "one", "2001:db8::1") == "you are " + us);
        node.must_in("one", "ping -c 1 -W 5 2001:db8::1");
        BOOST_TEST(hears(*who, "icmp " + us + "\n"));
    }

    // The port is on VLAN 7 and nowhere else.
    void
    is_on_its_vlan(const std::string &wiring)
    {
        add(wiring);
        BOOST_TEST(node.vsctl("get Port sg-two tag") == "7");
        node.must_in("two", "ping -c 1 -W 5 10.0.1.1");
        node.snatctl("set Router_Port sg-two tag=8");
        BOOST_TEST(node.vsctl("get Port sg-two tag") == "8");
        BOOST_TEST(node.run_in("two", "ping -c 1 -W 1 10.0.1.1").status != 0);
        node.vsctl("set Port two tag=8");
        node.must_in("two", "ping -c 2 -W 5 10.0.1.1");
    }

    void
    has_mtu(const std::string &wiring)
    {
        add(wiring);
        for (const std::string mtu : {"1400", "1300", "1000"}) {
            const std::string ipv4 = "'networks=[\"10.0.0.1/24\"]'";
            node.snatctl("set Router_Port sg-one mtu=" + mtu + " "
                         + (mtu == "1000" ? ipv4 : ""));
            const auto link = node.must("ip -n snat-demo link show sg-one");
            BOOST_TEST(holds(link, " mtu " + mtu + " "), link);
        }
        node.must_in("one", "ping -c 1 -W 5 -M do -s 972 10.0.0.1");
    }
};

// A router that stands and forwards while others are wished for in vain.
struct Neighbour : Site {
    Neighbour() { add("veth"); }

    void
    goes_on()
    {
        BOOST_TEST(node.snatctl("get Router demo state") == "active");
        node.must_in("one", "ping -c 1 -W 5 198.51.100.1");
    }

    // The edit of the port fails and says so everywhere, with the words.
    void
    is_refused(const std::string &edit, const std::string &words)
    {
        const auto told = node.run("ovs-snatctl --timeout=20 " + edit);
        BOOST_TEST(told.status != 0, edit << " is taken");
        BOOST_TEST(holds(told.err, words), edit << " gives: " << told.err);
        for (const std::string row : {"Router bad", "Router_Port sg-bad"}) {
            BOOST_TEST(node.snatctl("get " + row + " state") == "failed",
                       "state of " << row << " after " << edit);
            const auto error = node.snatctl("--bare get " + row + " error");
            BOOST_TEST(holds(error, words), edit << " gives: " << error);
        }
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(doors)

BOOST_FIXTURE_TEST_CASE(veth_translates, Site)
{
    translates("veth");
}

BOOST_FIXTURE_TEST_CASE(internal_translates, Site)
{
    translates("internal");
}

BOOST_FIXTURE_TEST_CASE(veth_routes_ipv6, Site)
{
    routes_ipv6("veth");
}

BOOST_FIXTURE_TEST_CASE(internal_routes_ipv6, Site)
{
    routes_ipv6("internal");
}

BOOST_FIXTURE_TEST_CASE(veth_is_on_its_vlan, Site)
{
    is_on_its_vlan("veth");
}

BOOST_FIXTURE_TEST_CASE(internal_is_on_its_vlan, Site)
{
    is_on_its_vlan("internal");
}

BOOST_FIXTURE_TEST_CASE(veth_has_mtu, Site)
{
    has_mtu("veth");
}

BOOST_FIXTURE_TEST_CASE(internal_has_mtu, Site)
{
    has_mtu("internal");
}

// ovs-vswitchd holds on to the device that it opened first, and must be told.
BOOST_FIXTURE_TEST_CASE(a_pair_that_is_made_again_forwards, Neighbour)
{
    node.must("ip link delete sg-one");
    node.wait_for("ovs-appctl -t ovs-snatd change/list demo | tail -n 1 | "
                  "grep -q 'drift *committed'");
    goes_on();
    node.must("ip link set qg-demo down");
    node.wait_for("ip link show qg-demo | grep -q LOWER_UP");
    goes_on();
}

BOOST_FIXTURE_TEST_CASE(a_pair_of_a_users_row_is_made_again, Site)
{
    node.vsctl("--no-wait add-port br-int sg-user");
    for (int i = 0; i < 3; i++) {
        node.vsctl("--no-wait set Interface sg-user "
                   "external_ids:snat-router=user "
                   "external_ids:snat-networks=10.0.0.1/24");
        node.vsctl("wait-until Interface sg-user "
                   "external_ids:snat-state=active");
        // Its MAC address is another one each time.
        node.must("ip netns exec one ip neighbour flush all");
        node.must_in("one", "ping -c 1 -W 5 10.0.0.1");
        node.vsctl("--no-wait remove Interface sg-user external_ids "
                   "snat-router");
        node.wait_for("! ip link show sg-user");
        BOOST_TEST(node.vsctl("get Interface sg-user type") == "\"\"");
    }
}

// The kernel tells that the old device is gone, the database that there is to
// be another one: whichever comes first, and whatever ovs-vswitchd could not
// make while our own pair had the name.
BOOST_FIXTURE_TEST_CASE(a_users_row_changes_its_type, Site)
{
    node.vsctl("--no-wait add-port br-int sg-user -- set Interface sg-user "
               "external_ids:snat-router=user "
               "external_ids:snat-networks=10.0.0.1/24");
    for (int i = 0; i < 6; i++) {
        const bool internal = i % 2 == 0;
        node.vsctl("wait-until Interface sg-user "
                   "external_ids:snat-state=active");
        node.vsctl(std::string{"--no-wait set Interface sg-user type="}
                   + (internal ? "internal" : "'\"\"'"));
        node.wait_for(std::string{"ip -n snat-user -d link show sg-user | "
                                  "grep -qw "}
                          + (internal ? "tun" : "veth"),
                      5s);
        node.must_in("one", "ip neighbour flush all");
        node.must_in("one", "ping -c 1 -W 5 10.0.0.1");
    }
    // What cannot be goes, and with it nothing else.
    node.vsctl("--no-wait add-port br-int sg-more -- set Interface sg-more "
               "external_ids:snat-router=user "
               "external_ids:snat-networks=10.0.9.1/24");
    node.vsctl("wait-until Interface sg-more external_ids:snat-state=active");
    node.vsctl("--no-wait set Interface sg-user type=banana");
    node.wait_for("! ip -n snat-user link show sg-user", 5s);
    node.vsctl("wait-until Interface sg-user external_ids:snat-state=failed");
    node.must("ip -n snat-user link show sg-more | grep -q LOWER_UP");
    node.vsctl("--no-wait set Interface sg-user type=internal");
    node.vsctl("wait-until Interface sg-user external_ids:snat-state=active");
}

BOOST_FIXTURE_TEST_CASE(two_routers_swap_their_ports, Site)
{
    const std::string port = " -- --bridge=br-int port-add ";
    node.snatctl("-- router-add left" + port + "left sg-1 10.0.0.1/24"
                 + " -- router-add right" + port + "right sg-2 10.0.2.1/24");
    node.snatctl("-- port-del sg-1 -- port-del sg-2" + port
                 + "right sg-1 10.0.0.1/24" + port + "left sg-2 10.0.2.1/24");
    node.must("ip -n snat-right link show sg-1 && ip -n snat-left link show "
              "sg-2");
    node.must("ip netns exec one ip neighbour flush all");
    node.must_in("one", "ping -c 1 -W 5 10.0.0.1");
}

BOOST_FIXTURE_TEST_CASE(bad_values_are_refused, Neighbour)
{
    node.snatctl("-- router-add bad -- --wiring=veth --bridge=br-int "
                 "port-add bad sg-bad 10.7.0.1/24");
    const auto before = node.snapshot();
    const std::string port = "set Router_Port sg-bad ";
    is_refused(port + "networks=banana", "banana");
    is_refused(port + "networks=10.7.0.1/33", "10.7.0.1/33");
    is_refused(port + "networks=10.7.0.1", "10.7.0.1");
    is_refused(port + "networks=127.0.0.1/8", "127.0.0.1");
    is_refused(port + "networks=10.7.0.255/24", "10.7.0.255");
    is_refused(port + "networks=10.7.0.1/24 gateway_ips=10.7.0.9",
               "gateway_ips");
    node.snatctl("clear Router_Port sg-bad gateway_ips");
    is_refused(port + "'networks=[\"10.7.0.1/24\",\"10.7.0.1/25\"]'",
               "10.7.0.1/25");
    is_refused(port
                   + "networks=$(printf '\"10.7.%d.%d/8\",' "
                     "$(for i in $(seq 5000); do echo $((i / 250)) "
                     "$((i % 250 + 1)); done) | sed 's/,$//')",
               "5000 addresses");
    is_refused(port + "'networks=[\"2001:db8:7::1/64\"]' mtu=1279", "1279");
    is_refused("-- clear Router_Port sg-bad mtu -- " + port
                   + "networks=10.7.0.1/24 'options:wiring=\"$(reboot)\"'",
               "$(reboot)");
    node.snatctl("remove Router_Port sg-bad options wiring");
    is_refused(port + "'mac=\"01:00:5e:00:00:01\"'", "01:00:5e:00:00:01");
    goes_on();
    BOOST_TEST(node.is_as(before));
    node.snatctl("clear Router_Port sg-bad mac -- " + port
                 + "networks=10.7.0.1/24");
    BOOST_TEST(node.snatctl("get Router bad state") == "active");
}

BOOST_FIXTURE_TEST_CASE(bad_values_of_vsctl_are_refused, Neighbour)
{
    node.vsctl("--no-wait add-port br-int sg-bad -- set Interface sg-bad "
               "external_ids:snat-router=bad "
               "external_ids:snat-networks=banana");
    node.vsctl("wait-until Interface sg-bad external_ids:snat-state=failed");
    const auto error
        = node.vsctl("get Interface sg-bad external_ids:snat-error");
    BOOST_TEST(holds(error, "banana"), error);
    goes_on();
}

BOOST_FIXTURE_TEST_CASE(foreign_namespace_is_left_alone, Neighbour)
{
    node.must("ip netns add snat-x && "
              "ip -n snat-x link add one type veth peer name two && "
              "ip -n snat-x address add 192.0.2.1/24 dev one");
    const auto before = node.snapshot();
    const auto told
        = node.run("ovs-snatctl --timeout=20 -- router-add x -- --wiring=veth "
                   "--bridge=br-int port-add x sg-x 10.8.0.1/24");
    BOOST_TEST(told.status != 0);
    BOOST_TEST(holds(told.err, "snat-x is taken by another namespace"),
               told.err);
    BOOST_TEST(holds(node.snatctl("get Router x error"), "snat-x"));
    BOOST_TEST(node.is_as(before));
    node.snatctl("router-del x");
    BOOST_TEST(node.is_as(before));
    goes_on();
}

BOOST_FIXTURE_TEST_CASE(a_name_that_was_taken_hinders_no_delete, Neighbour)
{
    node.snatctl("-- router-add x -- --wiring=veth --bridge=br-int port-add x "
                 "sg-x 10.8.0.1/24");
    // Else the daemon might make its own anew before the other is there.
    const auto daemon = std::to_string(node.main_pid());
    node.must("kill -STOP " + daemon
              + " && ip netns delete snat-x && ip netns add snat-x && "
                "ip -n snat-x link add one type veth peer name two && "
                "kill -CONT "
              + daemon);
    node.snatctl("--timeout=20 router-del x");
    node.must("ip -n snat-x link show one");
    node.wait_for("! ip link show sg-x");
    BOOST_TEST(node.run("ovs-vsctl get Interface sg-x name").status != 0);
    BOOST_TEST(node.snatctl("router-list").find("x") == std::string::npos);
    goes_on();
}

BOOST_AUTO_TEST_SUITE_END()
