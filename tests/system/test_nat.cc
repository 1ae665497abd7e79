// What NAT rules translate, and how: floating IPs and sources.
#include "system/ask.hh"
#include "system/nat.hh"

#include <boost/test/unit_test.hpp>
#include <set>
#include <string>

using test::hears;
using test::holds;
using test::Nat_site;

namespace {

struct Site : Nat_site {
    // By each protocol; the floating IP is that of host one.
    void
    translates_both_ways(const std::string &floating,
                         const std::string &outside)
    {
        answer("one", "80");
        for (const std::string protocol : {"tcp ", "udp "}) {
            BOOST_TEST(call("one", protocol + outside + " 80")
                       == "outside:80 sees " + floating);
            BOOST_TEST(call("outside", protocol + floating + " 80")
                       == "one:80 sees " + outside);
        }
        const auto out = node.whoami("outside", 9), in = node.whoami("one", 9);
        node.must_in("one", "ping -c 1 -W 5 " + outside);
        BOOST_TEST(hears(*out, "icmp " + floating + "\n"));
        node.must_in("outside", "ping -c 1 -W 5 " + floating);
        BOOST_TEST(hears(*in, "icmp " + outside + "\n"));
    }

    // The port that host one is seen from; 0: it has no answer.
    int
    seen_port(const std::string &own_port = "")
    {
        const auto told = call_with_port("one", "udp 198.51.100.1 80 10.0.0.5 "
                                                    + own_port);
        return told.starts_with("outside:80 sees ")
                   ? std::stoi(told.substr(told.rfind(' ')))
                   : 0;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(nat, Site)

BOOST_AUTO_TEST_CASE(floating_ip)
{
    wire("nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.5");
    translates_both_ways("198.51.100.20", "198.51.100.1");
    BOOST_TEST(call("two", "tcp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.10");
}

BOOST_AUTO_TEST_CASE(floating_ip_of_ipv6)
{
    wire_ipv6("nat-add r1 dnat_and_snat 2001:db8::20 2001:db8:1::5");
    translates_both_ways("2001:db8::20", "2001:db8::1");
}

// It is put on the port, and said to be there.
BOOST_AUTO_TEST_CASE(floating_ip_outside_every_network)
{
    wire("");
    const auto heard = listen("outside", "arp");
    node.snatctl("nat-add r1 dnat_and_snat 203.0.113.20 10.0.0.5");
    const auto address = node.must("ip -n snat-r1 -o address show qg-r1");
    BOOST_TEST(holds(address, " 203.0.113.20/32 "), address);
    BOOST_TEST(hears(*heard, "who-has 203.0.113.20 tell 203.0.113.20"));
    translates_both_ways("203.0.113.20", "198.51.100.1");
    node.snatctl("nat-del r1 dnat_and_snat");
    const auto less = node.must("ip -n snat-r1 -o address show qg-r1");
    BOOST_TEST(!holds(less, "203.0.113.20"), less);
}

BOOST_AUTO_TEST_CASE(floating_ip_of_ipv6_outside_every_network)
{
    wire_ipv6("nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.6");
    const auto heard = listen("outside", "icmp6");
    node.snatctl("nat-add r1 dnat_and_snat 2001:db8:9::20 2001:db8:1::5");
    const auto address = node.must("ip -n snat-r1 -o address show qg-r1");
    BOOST_TEST(holds(address, " 2001:db8:9::20/128 "), address);
    BOOST_TEST(hears(*heard, "neighbor advertisement, tgt is 2001:db8:9::20"));
    translates_both_ways("2001:db8:9::20", "2001:db8::1");
}

// All that a host does goes by its floating IP, be it only one way.
BOOST_AUTO_TEST_CASE(whole_address_of_dnat)
{
    wire("nat-add r1 dnat 198.51.100.20 10.0.0.5");
    answer("one", "80 81");
    BOOST_TEST(call("outside", "udp 198.51.100.20 80")
               == "one:80 sees 198.51.100.1");
    BOOST_TEST(call("outside", "tcp 198.51.100.20 81")
               == "one:81 sees 198.51.100.1");
    BOOST_TEST(call("one", "tcp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.10");
}

BOOST_AUTO_TEST_CASE(longest_prefix_wins)
{
    wire("nat-add r1 snat 198.51.100.21 10.0.0.0/16 -- "
         "nat-add r1 snat 198.51.100.22 10.0.0.4/31 -- "
         "nat-add r1 snat 198.51.100.23 10.0.0.0/29");
    const std::string ask = "udp 198.51.100.1 80";
    BOOST_TEST(call("one", ask) == "outside:80 sees 198.51.100.22");
    BOOST_TEST(call("two", ask) == "outside:80 sees 198.51.100.23");
    node.snatctl("nat-add r1 snat 203.0.113.24 10.0.0.5");
    BOOST_TEST(call("one", ask) == "outside:80 sees 203.0.113.24");
    node.snatctl("-- nat-del r1 snat 10.0.0.5 -- nat-del r1 snat 10.0.0.4/31");
    BOOST_TEST(call("one", ask) == "outside:80 sees 198.51.100.23");
    node.snatctl("nat-del r1 snat 10.0.0.0/29");
    BOOST_TEST(call("two", ask) == "outside:80 sees 198.51.100.21");
    // Others go by the default.
    node.snatctl("-- nat-del r1 snat -- "
                 "nat-add r1 snat 198.51.100.22 10.0.0.6");
    BOOST_TEST(call("one", ask) == "outside:80 sees 198.51.100.10");
    BOOST_TEST(call("two", ask) == "outside:80 sees 198.51.100.22");
}

BOOST_AUTO_TEST_CASE(sources_of_ipv6)
{
    wire_ipv6("nat-add r1 snat 2001:db8::20 2001:db8:1::/64 -- "
              "nat-add r1 snat 2001:db8::21 2001:db8:1::6");
    for (const std::string ask :
         {"tcp 2001:db8::1 80", "udp 2001:db8::1 80"}) {
        BOOST_TEST(call("one", ask) == "outside:80 sees 2001:db8::20");
        BOOST_TEST(call("two", ask) == "outside:80 sees 2001:db8::21");
    }
    BOOST_TEST(call("one", "tcp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.10");
}

BOOST_AUTO_TEST_CASE(source_ports_are_of_the_range)
{
    wire(row("type=snat external_ip=198.51.100.20 logical_ip=10.0.0.0/24 "
             "external_port=3000-3003"));
    std::set<int> seen;
    for (int i = 0; i < 4; i++) {
        const int port = seen_port();
        BOOST_TEST((port >= 3000 && port <= 3003), port);
        BOOST_TEST(seen.insert(port).second, port);
    }
    // None is left for another flow to there, but some are for TCP.
    BOOST_TEST(seen_port() == 0);
    BOOST_TEST(call("one", "tcp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.20");
}

BOOST_AUTO_TEST_CASE(source_ports_are_kept_if_so_asked)
{
    wire(row("type=snat external_ip=198.51.100.20 logical_ip=10.0.0.5 "
             "options:random=none"));
    for (const int port : {40001, 40002, 40003}) {
        BOOST_TEST(seen_port(std::to_string(port)) == port);
    }
}

BOOST_AUTO_TEST_CASE(source_ports_of_a_floating_ip_are_kept)
{
    wire("nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.5");
    for (const int port : {40001, 40002, 40003}) {
        BOOST_TEST(seen_port(std::to_string(port)) == port);
    }
}

BOOST_AUTO_TEST_SUITE_END()
