// Hosts inside that call one another, or themselves, by external addresses.
#include "system/nat.hh"

#include <boost/test/unit_test.hpp>
#include <string>

using test::Answering_site;

namespace {

const std::string floating_ips
    = "nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.5 -- "
      "nat-add r1 dnat_and_snat 198.51.100.21 10.0.0.6";

struct Site : Answering_site {
    // By floating IPs: that of one and that of two.
    void
    each_calls_each(const std::string &one, const std::string &two)
    {
        for (const std::string protocol : {"tcp ", "udp "}) {
            for (const bool by_one : {true, false}) {
                const std::string host = by_one ? "one" : "two",
                                  seen = by_one ? one : two;
                BOOST_TEST(call(host, protocol + one + " 80")
                           == "one:80 sees " + seen);
                BOOST_TEST(call(host, protocol + two + " 80")
                           == "two:80 sees " + seen);
            }
        }
        node.must_in("one", "ping -c 1 -W 5 " + two);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(nat_hairpin, Site)

BOOST_AUTO_TEST_CASE(by_floating_ips)
{
    wire(floating_ips);
    each_calls_each("198.51.100.20", "198.51.100.21");
}

BOOST_AUTO_TEST_CASE(by_floating_ips_without_snat)
{
    wire(floating_ips + " -- set Router r1 enable_snat=false");
    each_calls_each("198.51.100.20", "198.51.100.21");
}

BOOST_AUTO_TEST_CASE(by_floating_ips_of_ipv6)
{
    wire_ipv6("nat-add r1 dnat_and_snat 2001:db8::20 2001:db8:1::5 -- "
              "nat-add r1 dnat_and_snat 2001:db8:9::21 2001:db8:1::6");
    each_calls_each("2001:db8::20", "2001:db8:9::21");
}

// They are seen with the gateway's address, also from another network.
BOOST_AUTO_TEST_CASE(callers_without_a_floating_ip)
{
    node.host("three", "br-int", "ip=10.0.1.5/24 via=10.0.1.1 tag=7");
    wire("nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.5 -- "
         "--bridge=br-int --tag=7 port-add r1 sg-r1b 10.0.1.1/24");
    for (const std::string enable : {"true", "false"}) {
        node.snatctl("set Router r1 enable_snat=" + enable);
        for (const std::string host : {"two", "three"}) {
            for (const std::string protocol : {"tcp", "udp"}) {
                BOOST_TEST(call(host, protocol + " 198.51.100.20 80")
                           == "one:80 sees 198.51.100.10");
            }
        }
    }
}

// Its networks are a set; the first address is the lowest, or the one asked
// for.
BOOST_AUTO_TEST_CASE(callers_without_a_floating_ip_of_two_networks)
{
    wire("nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.5 -- "
         "set Router_Port qg-r1 "
         "'networks=[\"198.51.100.10/24\",\"198.51.100.9/24\"]'");
    BOOST_TEST(call("two", "tcp 198.51.100.20 80")
               == "one:80 sees 198.51.100.9");
    node.snatctl("set Router_Port qg-r1 options:snat-address=198.51.100.10");
    for (const std::string enable : {"true", "false"}) {
        node.snatctl("set Router r1 enable_snat=" + enable);
        BOOST_TEST(call("two", "tcp 198.51.100.20 80")
                   == "one:80 sees 198.51.100.10");
    }
}

BOOST_AUTO_TEST_CASE(by_forwards)
{
    wire("nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.5 -- "
         "nat-add r1 dnat 198.51.100.20 10.0.0.6 tcp 8080 80 -- "
         "nat-add r1 dnat 198.51.100.10 10.0.0.6 tcp 8081 80 -- "
         "nat-add r1 dnat 198.51.100.10 10.0.0.5 udp 8080 80");
    for (const std::string enable : {"true", "false"}) {
        node.snatctl("set Router r1 enable_snat=" + enable);
        BOOST_TEST(call("one", "tcp 198.51.100.20 8080")
                   == "two:80 sees 198.51.100.20");
        BOOST_TEST(call("one", "tcp 198.51.100.10 8081")
                   == "two:80 sees 198.51.100.20");
        BOOST_TEST(call("one", "udp 198.51.100.10 8080")
                   == "one:80 sees 198.51.100.20");
        BOOST_TEST(call("two", "udp 198.51.100.10 8080")
                   == "one:80 sees 198.51.100.10");
        BOOST_TEST(call("two", "tcp 198.51.100.10 8081")
                   == "two:80 sees 198.51.100.10");
    }
}

BOOST_AUTO_TEST_SUITE_END()
