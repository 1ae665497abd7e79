// Routers with several gateway ports: each translates by its own rules.
#include "system/nat.hh"

#include <boost/test/unit_test.hpp>
#include <string>

using test::Answering_site;
using test::holds;

namespace {

// Another network outside, with host "beyond", behind port qg-r1b.
struct Site : Answering_site {
    Site()
    {
        node.host("beyond", "br-ex", "ip=203.0.113.1/24 tag=7");
        node.must("ip -n outside route del 203.0.113.0/24");
        answer("beyond", "80");
    }

    void
    wire_both(const std::string &rules)
    {
        wire("--bridge=br-ex --tag=7 port-add r1 qg-r1b 203.0.113.10/24 "
             + rules);
    }

    std::string
    addresses(const std::string &port)
    {
        return node.must("ip -n snat-r1 -o address show " + port);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(nat_gateways, Site)

BOOST_AUTO_TEST_CASE(each_has_its_own_address)
{
    wire_both("");
    for (const std::string protocol : {"tcp ", "udp "}) {
        BOOST_TEST(call("one", protocol + "198.51.100.1 80")
                   == "outside:80 sees 198.51.100.10");
        BOOST_TEST(call("one", protocol + "203.0.113.1 80")
                   == "beyond:80 sees 203.0.113.10");
    }
}

// An external address names the port by its network.
BOOST_AUTO_TEST_CASE(sources_are_of_one_port)
{
    wire_both("-- nat-add r1 snat 198.51.100.20 10.0.0.0/24 -- "
              "--gateway-port=qg-r1b nat-add r1 snat 203.0.113.20 10.0.0.6");
    BOOST_TEST(call("one", "tcp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.20");
    BOOST_TEST(call("one", "tcp 203.0.113.1 80")
               == "beyond:80 sees 203.0.113.10");
    BOOST_TEST(call("two", "tcp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.20");
    BOOST_TEST(call("two", "tcp 203.0.113.1 80")
               == "beyond:80 sees 203.0.113.20");
}

// One that is in no network is every port's, or that of the port it names.
BOOST_AUTO_TEST_CASE(addresses_in_no_network)
{
    wire_both("-- nat-add r1 snat 10.9.0.1 10.0.0.5 -- "
              "--gateway-port=qg-r1b nat-add r1 snat 10.9.0.2 10.0.0.6");
    for (const std::string host : {"outside", "beyond"}) {
        node.must("ip -n " + host + " route add 10.9.0.0/24 dev eth0");
    }
    BOOST_TEST(holds(addresses("qg-r1"), " 10.9.0.1/32 "));
    BOOST_TEST(holds(addresses("qg-r1b"), " 10.9.0.1/32 "));
    BOOST_TEST(!holds(addresses("qg-r1"), "10.9.0.2"));
    BOOST_TEST(holds(addresses("qg-r1b"), " 10.9.0.2/32 "));
    BOOST_TEST(call("one", "tcp 198.51.100.1 80")
               == "outside:80 sees 10.9.0.1");
    BOOST_TEST(call("one", "tcp 203.0.113.1 80") == "beyond:80 sees 10.9.0.1");
    BOOST_TEST(call("two", "tcp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.10");
    BOOST_TEST(call("two", "tcp 203.0.113.1 80") == "beyond:80 sees 10.9.0.2");
}

// What arrives for a floating IP by another port is not translated.
BOOST_AUTO_TEST_CASE(floating_ips_are_of_one_port)
{
    wire_both("-- nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.5 -- "
              "nat-add r1 dnat 203.0.113.10 10.0.0.6 tcp 8080 80");
    node.must("ip -n beyond route add 198.51.100.0/24 via 203.0.113.10 && "
              "ip -n outside route add 203.0.113.0/24 via 198.51.100.10");
    BOOST_TEST(call("outside", "tcp 198.51.100.20 80")
               == "one:80 sees 198.51.100.1");
    BOOST_TEST(call("beyond", "tcp 203.0.113.10 8080")
               == "two:80 sees 203.0.113.1");
    for (const std::string protocol : {"tcp ", "udp "}) {
        const auto told = call("beyond", protocol + "198.51.100.20 80");
        BOOST_TEST(told.starts_with("no answer"), told);
    }
    const auto told = call("outside", "tcp 203.0.113.10 8080");
    BOOST_TEST(told.starts_with("no answer"), told);
    BOOST_TEST(call("one", "tcp 203.0.113.1 80")
               == "beyond:80 sees 203.0.113.10");
    // From inside they are reached by whoever has the way there.
    BOOST_TEST(call("two", "tcp 198.51.100.20 80")
               == "one:80 sees 198.51.100.10");
}

// A host has a floating IP of each.
BOOST_AUTO_TEST_CASE(a_floating_ip_on_each_port)
{
    wire_both("-- nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.5 -- "
              "nat-add r1 dnat_and_snat 203.0.113.20 10.0.0.5");
    BOOST_TEST(call("one", "tcp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.20");
    BOOST_TEST(call("one", "tcp 203.0.113.1 80")
               == "beyond:80 sees 203.0.113.20");
    BOOST_TEST(call("outside", "tcp 198.51.100.20 80")
               == "one:80 sees 198.51.100.1");
    BOOST_TEST(call("beyond", "tcp 203.0.113.20 80")
               == "one:80 sees 203.0.113.1");
}

BOOST_AUTO_TEST_SUITE_END()
