// Address scopes: what may go from one port to another as it is.
#include "system/nat.hh"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <string>

using namespace std::chrono_literals;
using test::Call;
using test::holds;
using test::Nat_site;

namespace {

// Another network inside, with host "three", behind port sg-r1b; and whatever
// leaves untranslated is answered.
struct Site : Nat_site {
    Site()
    {
        node.host("three", "br-int",
                  "ip=10.0.1.5/24 ip=2001:db8:2::5/64 via=10.0.1.1 "
                  "via=2001:db8:2::1 tag=7");
        for (const std::string host : {"one", "two", "three"}) {
            answer(host, "80");
        }
        node.must("ip -n outside route add 10.0.0.0/16 via 198.51.100.10 && "
                  "ip -n outside route add 2001:db8:1::/64 via "
                  "2001:db8::10 dev eth0 onlink && "
                  "ip -n outside route add 2001:db8:2::/64 via "
                  "2001:db8::10 dev eth0 onlink");
    }

    static std::string
    third_port(const std::string &networks = "10.0.1.1/24")
    {
        return "--bridge=br-int --tag=7 port-add r1 sg-r1b " + networks;
    }

    // The scope of each port; "" is that without a name.
    static std::string
    scopes(const std::string &gateway, const std::string &one,
           const std::string &three)
    {
        std::string edit;
        for (const auto &[port, scope] : {std::pair{"qg-r1", &gateway},
                                          {"sg-r1", &one},
                                          {"sg-r1b", &three}}) {
            edit += (edit.empty() ? "" : " -- ")
                    + (scope->empty()
                           ? "remove Router_Port " + std::string{port}
                                 + " options address-scope"
                           : "set Router_Port " + std::string{port}
                                 + " options:address-scope=" + *scope);
        }
        return edit;
    }

    void
    is_dropped(const std::string &host, const std::string &words)
    {
        const auto told = call(host, words);
        BOOST_TEST(told.starts_with("no answer: timed"),
                   host << " " << words << ": " << told);
    }

    std::string
    trace(const std::string &words)
    {
        return node.appctl("nat/trace r1 " + words);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(scopes, Site)

BOOST_AUTO_TEST_CASE(within_one_and_across)
{
    wire(third_port() + " -- " + scopes("blue", "blue", "red"));
    for (const std::string protocol : {"tcp ", "udp "}) {
        is_dropped("one", protocol + "10.0.1.5 80");
        is_dropped("three", protocol + "10.0.0.5 80");
        is_dropped("outside", protocol + "10.0.1.5 80");
        // Within one nothing is translated; across it must be.
        BOOST_TEST(call("one", protocol + "198.51.100.1 80")
                   == "outside:80 sees 10.0.0.5");
        BOOST_TEST(call("outside", protocol + "10.0.0.5 80")
                   == "one:80 sees 198.51.100.1");
        BOOST_TEST(call("three", protocol + "198.51.100.1 80")
                   == "outside:80 sees 198.51.100.10");
    }
    // The router itself is in all of them.
    node.must("ip netns exec snat-r1 ping -c 1 -W 5 10.0.1.5");
    node.must("ip netns exec snat-r1 ping -c 1 -W 5 10.0.0.5");
    node.must_in("three", "ping -c 1 -W 5 10.0.0.1");
    BOOST_TEST(holds(trace("in-port=sg-r1 src=10.0.0.5 dst=10.0.1.5"),
                     "dropped: other scope"));
    BOOST_TEST(!holds(trace("in-port=sg-r1b src=10.0.1.5 dst=203.0.113.1"),
                      "dropped"));
}

// A port that names none is in the same one as the others that name none.
BOOST_AUTO_TEST_CASE(without_a_name)
{
    wire(third_port() + " -- " + scopes("blue", "", ""));
    BOOST_TEST(call("one", "tcp 10.0.1.5 80") == "three:80 sees 10.0.0.5");
    BOOST_TEST(call("one", "tcp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.10");
    is_dropped("outside", "udp 10.0.0.5 80");
    node.snatctl(scopes("", "", "red"));
    BOOST_TEST(call("one", "tcp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.10");
    BOOST_TEST(call("outside", "udp 10.0.0.5 80")
               == "one:80 sees 198.51.100.1");
    is_dropped("one", "udp 10.0.1.5 80");
}

BOOST_AUTO_TEST_CASE(routed_only)
{
    wire(third_port() + " -- set Router r1 enable_snat=false -- "
         + scopes("blue", "blue", "red"));
    BOOST_TEST(call("one", "udp 198.51.100.1 80")
               == "outside:80 sees 10.0.0.5");
    is_dropped("three", "udp 198.51.100.1 80");
}

// Neutron tells that it is active, and drops what comes in.
BOOST_AUTO_TEST_CASE(floating_ips_cross_them)
{
    wire("nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.5 -- "
         "nat-add r1 dnat 198.51.100.10 10.0.1.5 tcp 8080 80 -- "
         + third_port() + " -- " + scopes("blue", "red", "green"));
    for (const std::string enable : {"true", "false"}) {
        node.snatctl("set Router r1 enable_snat=" + enable);
        for (const std::string protocol : {"tcp ", "udp "}) {
            BOOST_TEST(call("outside", protocol + "198.51.100.20 80")
                       == "one:80 sees 198.51.100.1");
            BOOST_TEST(call("one", protocol + "198.51.100.1 80")
                       == "outside:80 sees 198.51.100.20");
            BOOST_TEST(call("three", protocol + "198.51.100.20 80")
                       == "one:80 sees 198.51.100.10");
        }
        BOOST_TEST(call("outside", "tcp 198.51.100.10 8080")
                   == "three:80 sees 198.51.100.1");
        BOOST_TEST(call("one", "tcp 198.51.100.10 8080")
                   == "three:80 sees 198.51.100.20");
        // What a host says of a packet that it has got belongs to the flow.
        const auto told = call_with_port("outside", "udp 198.51.100.20 99");
        BOOST_TEST(holds(told, "Connection refused"), told);
        node.must_in("outside", "ping -c 1 -W 5 198.51.100.20");
        is_dropped("outside", "udp 10.0.0.5 80");
    }
}

// And of the same scope it still translates.
BOOST_AUTO_TEST_CASE(rules_count_within_one)
{
    wire("nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.5 -- "
         "nat-add r1 snat 198.51.100.21 10.0.1.0/24 -- "
         + third_port() + " -- " + scopes("blue", "blue", "blue"));
    BOOST_TEST(call("one", "tcp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.20");
    BOOST_TEST(call("three", "tcp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.21");
    BOOST_TEST(call("two", "tcp 198.51.100.1 80")
               == "outside:80 sees 10.0.0.6");
}

BOOST_AUTO_TEST_CASE(without_connection_tracking)
{
    wire(row("type=dnat_and_snat 'external_ip=\"198.51.100.20\"' "
             "'logical_ip=\"10.0.0.5\"' options:stateless=true")
         + " -- " + third_port() + " -- " + scopes("blue", "red", "green"));
    for (const std::string protocol : {"tcp ", "udp "}) {
        BOOST_TEST(call("outside", protocol + "198.51.100.20 80")
                   == "one:80 sees 198.51.100.1");
        BOOST_TEST(call("one", protocol + "198.51.100.1 80")
                   == "outside:80 sees 198.51.100.20");
        is_dropped("one", protocol + "10.0.1.5 80");
    }
    const auto told = call_with_port("outside", "udp 198.51.100.20 99");
    BOOST_TEST(holds(told, "Connection refused"), told);
}

// Without default SNAT; each family has its own.
BOOST_AUTO_TEST_CASE(of_ipv6)
{
    wire_ipv6("nat-add r1 dnat_and_snat 2001:db8::20 2001:db8:1::5 -- "
              + third_port("10.0.1.1/24 2001:db8:2::1/64") + " -- "
              + scopes("6:blue", "6:red", "6:blue"));
    BOOST_TEST(call("outside", "udp 2001:db8:2::5 80")
               == "three:80 sees 2001:db8::1");
    BOOST_TEST(call("three", "tcp 2001:db8::1 80")
               == "outside:80 sees 2001:db8:2::5");
    is_dropped("outside", "udp 2001:db8:1::6 80");
    is_dropped("two", "udp 2001:db8:2::5 80");
    BOOST_TEST(call("outside", "tcp 2001:db8::20 80")
               == "one:80 sees 2001:db8::1");
    BOOST_TEST(call("one", "tcp 2001:db8::1 80")
               == "outside:80 sees 2001:db8::20");
    BOOST_TEST(call("three", "udp 10.0.0.5 80") == "one:80 sees 10.0.1.5");
}

// What was allowed and is not any more is not let through, be it known to
// connection tracking or not.
BOOST_AUTO_TEST_CASE(flows_that_may_not_go_on)
{
    wire(third_port());
    const Call udp = keep_calling("one", "udp 10.0.1.5 80"),
               tcp = keep_calling("one", "tcp 10.0.1.5 80"),
               own = keep_calling("two", "tcp 10.0.0.5 80"),
               out = keep_calling("two", "tcp 198.51.100.1 80");
    for (const Call *call : {&udp, &tcp}) {
        BOOST_TEST(call->is_answered("three:80 sees 10.0.0.5"));
    }
    const auto before = node.snapshot();
    node.snatctl("set Router_Port sg-r1b options:address-scope=red");
    {
        const auto left = listen("three", "src host 10.0.0.5");
        const auto tried = listen("one", "src host 10.0.0.5 and tcp");
        BOOST_TEST(test::wait_until(
            [&] { return test::split(tried->output(), '\n').size() > 3; }));
        node.must("ip netns exec snat-r1 conntrack -D -d 10.0.1.5");
        const auto size = tried->output().size();
        BOOST_TEST(test::wait_until(
            [&] { return tried->output().size() > size; }, 20s));
        BOOST_TEST(left->output() == "");
    }
    BOOST_TEST(out.is_answered("outside:80 sees 198.51.100.10"));
    BOOST_TEST(out.end() == "0 lost, 0 sent again");
    node.snatctl("remove Router_Port sg-r1b options address-scope");
    BOOST_TEST(udp.is_answered("three:80 sees 10.0.0.5"));
    BOOST_TEST(node.is_as(before));
}

// What has passed as it was is translated from now on; others go on.
BOOST_AUTO_TEST_CASE(flows_that_shall_be_translated)
{
    wire(third_port() + " -- " + scopes("blue", "blue", "blue"));
    const Call moved = keep_calling("one", "udp 198.51.100.1 80"),
               other = keep_calling("three", "tcp 198.51.100.1 80");
    BOOST_TEST(moved.is_answered("outside:80 sees 10.0.0.5"));
    BOOST_TEST(other.is_answered("outside:80 sees 10.0.1.5"));
    node.snatctl("set Router_Port sg-r1 options:address-scope=red");
    BOOST_TEST(moved.is_answered("outside:80 sees 198.51.100.10"));
    BOOST_TEST(other.is_answered("outside:80 sees 10.0.1.5"));
    BOOST_TEST(other.end() == "0 lost, 0 sent again");
}

BOOST_AUTO_TEST_CASE(said_by_the_switch)
{
    node.vsctl("add-port br-ex qg-r2 -- set Interface qg-r2 type=internal "
               "external_ids:snat-router=r2 "
               "external_ids:snat-networks=198.51.100.10/24 "
               "external_ids:snat-scope=blue -- "
               "add-port br-int sg-r2 -- set Interface sg-r2 type=internal "
               "external_ids:snat-router=r2 "
               "external_ids:snat-networks=10.0.0.1/24 "
               "external_ids:snat-scope=4:blue");
    node.vsctl("wait-until Interface sg-r2 external_ids:snat-state=active");
    BOOST_TEST(call("one", "udp 198.51.100.1 80")
               == "outside:80 sees 10.0.0.5");
    node.vsctl("remove Interface sg-r2 external_ids snat-scope");
    node.wait_for("ip netns exec snat-r2 nft list map inet ovs_snat scopes4 | "
                  "grep -q '\"sg-r2\" : 0x00000000'");
    BOOST_TEST(call("one", "udp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.10");
    node.vsctl("set Interface sg-r2 external_ids:snat-scope=4:");
    node.vsctl("wait-until Interface sg-r2 external_ids:snat-state=failed");
    BOOST_TEST(holds(node.vsctl("get Interface sg-r2 external_ids:snat-error"),
                     "snat-scope"));
}

BOOST_AUTO_TEST_CASE(repaired)
{
    wire(third_port() + " -- " + scopes("blue", "blue", "red"));
    const auto before = node.snapshot();
    for (const std::string what :
         {"map inet ovs_snat scopes4", "set inet ovs_snat within4",
          "chain inet ovs_snat translated"}) {
        node.must("ip netns exec snat-r1 nft flush " + what);
        BOOST_TEST(node.is_as(before));
    }
    is_dropped("one", "udp 10.0.1.5 80");
}

BOOST_AUTO_TEST_SUITE_END()
