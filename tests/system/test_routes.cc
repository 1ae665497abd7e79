// Static routes: where packets go by them, and what becomes of wrong ones.
#include "system/nat.hh"

#include <boost/test/unit_test.hpp>
#include <set>
#include <string>

using test::holds;
using test::Nat_site;
using namespace std::chrono_literals;

namespace {

// Two more routers outside, "near" and "far".  Everybody outside has all of
// the network beyond them, so who answers tells which way a call went.
struct Site : Nat_site {
    Site()
    {
        node.must("ip -n outside route del 203.0.113.0/24");
        add_router("near", "198.51.100.3");
        add_router("far", "198.51.100.4");
        has_all("outside");
    }

    void
    add_router(const std::string &name, const std::string &address)
    {
        node.host(name, "br-ex", "ip=" + address + "/24");
        has_all(name);
        answer(name, "80");
    }

    void
    has_all(const std::string &host)
    {
        node.must("ip -n " + host + " link set lo up && ip -n " + host
                  + " address add 203.0.113.0/24 dev lo");
    }

    void
    add(const std::string &words)
    {
        node.snatctl(words);
    }

    std::string
    inside(const std::string &words)
    {
        return node.must("ip -n snat-r1 " + words);
    }

    // Who answers at the first addresses of a network beyond, in the words of
    // call.py but for their ends ("udp 203.0.113."): "far near".  By UDP: a
    // SYN that TCP sends again has another flow label, so with IPv6 it may
    // take another next hop in the middle of a handshake.
    std::string
    all_who_answer(const std::string &network)
    {
        std::set<std::string> all;
        for (int i = 1; i <= 16; i++) {
            const auto told = call("one", network + std::to_string(i) + " 80");
            all.insert(told.substr(0, told.find(":80 sees")));
        }
        std::string names;
        for (const std::string &name : all) {
            names += (names.empty() ? "" : " ") + name;
        }
        return names;
    }

    // Few enough that they look like no fight.  TABLE is that of a source.
    void
    repairs(const std::vector<std::string> &mischiefs)
    {
        wire("--metric=9 route-add r1 203.0.113.0/24 198.51.100.3 -- "
             "route-add r1 192.168.0.0/16 discard -- --policy=src-ip "
             "route-add r1 10.0.0.5/32 198.51.100.4");
        const auto before = node.shape();
        const auto table = inside(
            "rule | sed -n 's/.*10.0.0.5 lookup \\([0-9]*\\).*/\\1/p'");
        for (std::string mischief : mischiefs) {
            const auto at = mischief.find("TABLE");
            if (at != mischief.npos) {
                mischief.replace(at, 5, table);
            }
            inside(mischief);
            BOOST_TEST(node.has_shape(before), mischief);
        }
    }

    std::string
    route_state(const std::string &prefix)
    {
        return node.snatctl("--bare --columns=state find Static_Route "
                            "ip_prefix='\""
                            + prefix + "\"'");
    }
};

const std::string by_default = "outside:80 sees 198.51.100.10";

} // namespace

BOOST_FIXTURE_TEST_SUITE(routes, Site)

BOOST_AUTO_TEST_CASE(by_a_next_hop)
{
    wire("");
    BOOST_TEST(call("one", "tcp 203.0.113.9 80") == by_default);
    add("route-add r1 203.0.113.0/24 198.51.100.3");
    BOOST_TEST(call("one", "tcp 203.0.113.9 80")
               == "near:80 sees 198.51.100.10");
    add("route-add r1 203.0.113.9/32 198.51.100.4");
    BOOST_TEST(call("one", "tcp 203.0.113.9 80")
               == "far:80 sees 198.51.100.10");
    BOOST_TEST(call("one", "tcp 203.0.113.8 80")
               == "near:80 sees 198.51.100.10");
    add("route-del r1 203.0.113.9/32 -- route-del r1 203.0.113.0/24");
    BOOST_TEST(call("one", "tcp 203.0.113.9 80") == by_default);
}

BOOST_AUTO_TEST_CASE(by_several_next_hops)
{
    wire("route-add r1 203.0.113.0/24 198.51.100.3 -- "
         "route-add r1 203.0.113.0/24 198.51.100.4");
    BOOST_TEST(all_who_answer("udp 203.0.113.") == "far near");
    // One of two gone, it is a plain route again.
    add("route-del r1 203.0.113.0/24 198.51.100.3");
    BOOST_TEST(all_who_answer("udp 203.0.113.") == "far");
    // As many default routes as there are next hops.
    add("route-del r1 -- set Router_Port qg-r1 "
        "gateway_ips=198.51.100.3,198.51.100.4");
    BOOST_TEST(all_who_answer("udp 203.0.113.") == "far near");
}

BOOST_AUTO_TEST_CASE(the_lower_metric_counts)
{
    wire("--metric=20 route-add r1 203.0.113.0/24 198.51.100.3 -- "
         "--metric=10 route-add r1 203.0.113.0/24 198.51.100.4");
    BOOST_TEST(call("one", "tcp 203.0.113.9 80")
               == "far:80 sees 198.51.100.10");
    add("route-del r1 203.0.113.0/24 198.51.100.4");
    BOOST_TEST(call("one", "tcp 203.0.113.9 80")
               == "near:80 sees 198.51.100.10");
}

BOOST_AUTO_TEST_CASE(into_a_black_hole)
{
    wire("route-add r1 203.0.113.0/25 discard");
    const auto told = call("one", "udp 203.0.113.9 80");
    BOOST_TEST(told.starts_with("no answer"), told);
    BOOST_TEST(call("one", "udp 203.0.113.129 80") == by_default);
}

BOOST_AUTO_TEST_CASE(to_further_networks_on_the_link)
{
    node.must("ip -n near address add 198.18.0.9/15 dev eth0");
    wire("");
    auto told = call("one", "udp 198.18.0.9 80");
    BOOST_TEST(told.starts_with("no answer"), told);
    add("route-add r1 198.18.0.0/15 '' qg-r1");
    BOOST_TEST(call("one", "udp 198.18.0.9 80")
               == "near:80 sees 198.51.100.10");
}

// The default routes' own may be anywhere, too.
BOOST_AUTO_TEST_CASE(by_default_next_hops_of_another_network)
{
    node.must("ip -n near address add 192.168.7.1/32 dev eth0 && "
              "ip -n near address add 2001:db8:7::1/64 dev eth0 nodad && "
              "ip -n near address add 2001:db8:5::9/128 dev lo nodad && "
              "ip -n near -6 route add 2001:db8:1::/64 via fe80::ff:fe00:10 "
              "dev eth0");
    wire_ipv6("set Router_Port qg-r1 gateway_ips=192.168.7.1,"
              "'\"2001:db8:7::1\"' mac='\"02:00:00:00:00:10\"'");
    BOOST_TEST(call("one", "tcp 203.0.113.9 80")
               == "near:80 sees 198.51.100.10");
    BOOST_TEST(call("one", "tcp 2001:db8:5::9 80")
               == "near:80 sees 2001:db8:1::5");
}

// Beyond the port's networks, and of the other family.
BOOST_AUTO_TEST_CASE(by_next_hops_of_another_network)
{
    node.must("ip -n near address add 192.168.7.1/32 dev eth0 && "
              "ip -n far address add 2001:db8:7::1/64 dev eth0 nodad");
    wire("route-add r1 203.0.113.0/25 192.168.7.1 qg-r1 -- "
         "route-add r1 203.0.113.128/25 2001:db8:7::1 qg-r1");
    BOOST_TEST(call("one", "udp 203.0.113.9 80")
               == "near:80 sees 198.51.100.10");
    BOOST_TEST(call("one", "udp 203.0.113.129 80")
               == "far:80 sees 198.51.100.10");
}

BOOST_AUTO_TEST_CASE(by_the_source)
{
    wire("--policy=src-ip route-add r1 10.0.0.5/32 198.51.100.3 -- "
         "--policy=src-ip route-add r1 10.0.0.0/24 198.51.100.4");
    BOOST_TEST(call("one", "udp 203.0.113.9 80")
               == "near:80 sees 198.51.100.10");
    BOOST_TEST(call("two", "udp 203.0.113.9 80")
               == "far:80 sees 198.51.100.10");
    // Connected networks and specific routes come before it.
    BOOST_TEST(call("one", "udp 198.51.100.1 80") == by_default);
    add("route-add r1 203.0.113.0/24 198.51.100.1");
    BOOST_TEST(call("one", "udp 203.0.113.9 80") == by_default);
    add("route-del r1");
    BOOST_TEST(call("one", "udp 203.0.113.9 80") == by_default);
    BOOST_TEST(!holds(inside("rule"), "1000:"));
}

BOOST_AUTO_TEST_CASE(by_the_table_of_the_port)
{
    node.host("three", "br-int", "ip=10.0.1.5/24 via=10.0.1.1 tag=7");
    wire("--bridge=br-int --tag=7 port-add r1 sg-r1b 10.0.1.1/24 -- "
         "set Router_Port sg-r1b options:route-table=blue -- "
         "--id=@route create Static_Route ip_prefix=0.0.0.0/0 "
         "nexthop=198.51.100.3 options:route-table=blue -- "
         "add Router r1 static_routes @route");
    BOOST_TEST(call("three", "udp 203.0.113.9 80")
               == "near:80 sees 198.51.100.10");
    BOOST_TEST(call("one", "udp 203.0.113.9 80") == by_default);
    answer("one", "80");
    BOOST_TEST(call("three", "udp 10.0.0.5 80") == "one:80 sees 10.0.1.5");
    add("remove Router_Port sg-r1b options route-table");
    BOOST_TEST(call("three", "udp 203.0.113.9 80") == by_default);
}

BOOST_AUTO_TEST_CASE(of_ipv6_by_several_next_hops)
{
    for (const std::string host : {"near", "far"}) {
        node.must("ip -n " + host
                  + " address add 2001:db8::" + (host == "near" ? "3" : "4")
                  + "/64 dev eth0 nodad && ip -n " + host
                  + " -6 route add local 2001:db8:5::/64 dev lo && ip "
                    "-n "
                  + host
                  + " -6 route add 2001:db8:1::/64 via "
                    "2001:db8::10");
    }
    wire_ipv6("route-add r1 2001:db8:5::/64 2001:db8::3 -- "
              "route-add r1 2001:db8:5::/64 2001:db8::4");
    BOOST_TEST(all_who_answer("udp 2001:db8:5::") == "far near");
}

BOOST_AUTO_TEST_CASE(of_ipv6)
{
    node.must("ip -n near address add 2001:db8::3/64 dev eth0 nodad && "
              "ip -n near address add 2001:db8:5::9/128 dev lo nodad && "
              "ip -n near -6 route add 2001:db8:1::/64 via 2001:db8::10");
    wire_ipv6("route-add r1 2001:db8:5::/64 2001:db8::3");
    BOOST_TEST(call("one", "tcp 2001:db8:5::9 80")
               == "near:80 sees 2001:db8:1::5");
    add("route-add r1 2001:db8:5::9/128 discard");
    const auto told = call("one", "udp 2001:db8:5::9 80");
    BOOST_TEST(told.starts_with("no answer"), told);
}

BOOST_AUTO_TEST_CASE(of_door_1)
{
    node.vsctl("--timeout=10 add-port br-ex qg-r1 -- set Interface qg-r1 "
               "type=internal external_ids:snat-router=r1 "
               "external_ids:snat-networks=198.51.100.10/24 "
               "external_ids:snat-gateway-ips=198.51.100.1 "
               "external_ids:snat-routes='203.0.113.0/25=198.51.100.3 "
               "203.0.113.200/32=discard' -- add-port br-int sg-r1 -- set "
               "Interface sg-r1 type=internal external_ids:snat-router=r1 "
               "external_ids:snat-networks=10.0.0.1/24");
    node.vsctl("--timeout=10 wait-until Interface qg-r1 "
               "external_ids:snat-state=active");
    BOOST_TEST(call("one", "udp 203.0.113.9 80")
               == "near:80 sees 198.51.100.10");
    BOOST_TEST(call("one", "udp 203.0.113.199 80") == by_default);
    const auto told = call("one", "udp 203.0.113.200 80");
    BOOST_TEST(told.starts_with("no answer"), told);
    node.vsctl("set Interface qg-r1 external_ids:snat-routes=banana");
    node.vsctl("--timeout=10 wait-until Interface qg-r1 "
               "external_ids:snat-state=failed");
    BOOST_TEST(holds(node.vsctl("get Interface qg-r1 external_ids:snat-error"),
                     "PREFIX=NEXTHOP"));
    BOOST_TEST(call("one", "udp 203.0.113.9 80")
               == "near:80 sees 198.51.100.10");
}

// The address that the kernel has made of a MAC address is nobody's next hop,
// but in no row.
BOOST_AUTO_TEST_CASE(that_the_kernel_refuses)
{
    const std::string own = "fe80::ff:fe00:10";
    wire_ipv6("set Router_Port qg-r1 mac='\"02:00:00:00:00:10\"' -- "
              "route-add r1 203.0.113.0/24 198.51.100.3");
    const auto before = node.snapshot();
    is_refused("route-add r1 2001:db8:5::/64 " + own + " qg-r1",
               "the kernel refuses");
    BOOST_TEST(route_state("2001:db8:5::/64") == "failed");
    BOOST_TEST(route_state("203.0.113.0/24") == "active");
    BOOST_TEST(node.snatctl("get Router r1 state") == "failed");
    BOOST_TEST(node.is_as(before));
    BOOST_TEST(call("one", "udp 203.0.113.9 80")
               == "near:80 sees 198.51.100.10");
    // The rest goes on without it, if that is wanted.
    node.snatctl("--no-wait set Router r1 options:refused-rows=skip -- "
                 "nat-add r1 snat 198.51.100.21 10.0.0.5");
    node.wait_for("test \"$(ovs-snatctl get Router r1 state)\" = degraded");
    BOOST_TEST(route_state("2001:db8:5::/64") == "failed");
    BOOST_TEST(call("one", "udp 203.0.113.9 80")
               == "near:80 sees 198.51.100.21");
    add("route-del r1 2001:db8:5::/64");
    BOOST_TEST(node.snatctl("get Router r1 state") == "active");
}

BOOST_AUTO_TEST_CASE(that_are_wrong)
{
    wire("route-add r1 203.0.113.0/24 198.51.100.3");
    const auto before = node.snapshot();
    is_refused("route-add r1 192.168.0.0/16 172.16.0.1", "172.16.0.1");
    is_refused("route-del r1 192.168.0.0/16 -- route-add r1 10.0.0.0/24 "
               "198.51.100.3",
               "sg-r1");
    is_refused("route-del r1 10.0.0.0/24 -- route-add r1 203.0.113.0/24 "
               "discard",
               "another metric");
    const auto states = route_state("203.0.113.0/24"); // In no order.
    BOOST_TEST(holds(states, "active"), states);
    BOOST_TEST(holds(states, "failed"), states);
    BOOST_TEST(node.is_as(before));
}

BOOST_AUTO_TEST_CASE(are_undone)
{
    wire("route-add r1 203.0.113.0/24 198.51.100.3 -- --policy=src-ip "
         "route-add r1 10.0.0.5/32 198.51.100.4");
    const auto before = node.shape();
    const auto number
        = [this] { return node.snatctl("get Router r1 change"); };
    add("route-del r1");
    BOOST_TEST(!node.has_shape(before, 0s));
    add("undo " + number());
    BOOST_TEST(node.has_shape(before));
    add("undo " + number());
    BOOST_TEST(node.snatctl("--bare --columns=ip_prefix list Static_Route")
               == "");
    node.appctl("change/undo " + number());
    node.wait_for("ip -n snat-r1 rule | grep -q '10.0.0.5 lookup'");
    BOOST_TEST(node.has_shape(before));
}

BOOST_AUTO_TEST_CASE(are_repaired)
{
    repairs({"route del 203.0.113.0/24 metric 9",
             "route del blackhole 192.168.0.0/16",
             "route add 172.16.0.0/12 via 198.51.100.3 metric 3"});
}

BOOST_AUTO_TEST_CASE(of_sources_are_repaired)
{
    repairs({"route del default table TABLE",
             "route replace blackhole default table TABLE"});
}

BOOST_AUTO_TEST_CASE(rules_are_repaired)
{
    repairs({"rule del pref 1000", "rule del table TABLE",
             "rule add from 10.0.0.6 table 7 pref 9"});
}

BOOST_AUTO_TEST_CASE(rules_of_the_kernel_are_repaired)
{
    repairs({"rule del pref 32766", "-6 rule del pref 32766"});
}

// Routes that come and go are nothing to a flow that takes another.
BOOST_AUTO_TEST_CASE(leave_other_flows_alone)
{
    wire("route-add r1 203.0.113.0/24 198.51.100.3");
    auto flow = keep_calling("one", "tcp 203.0.113.9 80");
    BOOST_TEST(flow.is_answered("near:80 sees 198.51.100.10"));
    for (int i = 1; i <= 20; i++) {
        const std::string prefix = "172.16." + std::to_string(i) + ".0/24";
        add("route-add r1 " + prefix
            + " 198.51.100.4 -- --policy=src-ip "
              "route-add r1 10.0.0.6/32 198.51.100.4");
        add("route-del r1 " + prefix + " -- route-del r1 10.0.0.6/32");
    }
    BOOST_TEST(flow.end() == "0 lost, 0 sent again");
}

BOOST_AUTO_TEST_SUITE_END()
