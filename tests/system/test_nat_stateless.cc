// Floating IPs without connection tracking.
#include "system/nat.hh"

#include <boost/test/unit_test.hpp>
#include <string>

using test::Answering_site;
using test::holds;

namespace {

struct Site : Answering_site {
    // Calls and pings in, and out to 'peer'; and what nobody answers is told.
    void
    translates_both_ways(const std::string &external, const std::string &peer)
    {
        for (const std::string protocol : {"tcp ", "udp "}) {
            BOOST_TEST(call("outside", protocol + external + " 80")
                       == "one:80 sees " + peer);
            BOOST_TEST(call("one", protocol + peer + " 80")
                       == "outside:80 sees " + external);
        }
        node.must_in("outside", "ping -c 1 -W 5 " + external);
        node.must_in("one", "ping -c 1 -W 5 " + peer);
        for (const auto &[host, to] :
             {std::pair{"outside", external}, {"one", peer}}) {
            const auto told = call_with_port(host, "udp " + to + " 99");
            BOOST_TEST(holds(told, "Connection refused"), told);
        }
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(nat_stateless, Site)

BOOST_AUTO_TEST_CASE(both_ways)
{
    wire(stateless_row("198.51.100.20", "10.0.0.5"));
    translates_both_ways("198.51.100.20", "198.51.100.1");
    BOOST_TEST(flows() == "");
    // All others are tracked, as ever.
    BOOST_TEST(call("two", "udp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.10");
    BOOST_TEST(holds(flows(), "src=10.0.0.6 "), flows());
}

BOOST_AUTO_TEST_CASE(of_ipv6)
{
    wire_ipv6(stateless_row("2001:db8::20", "2001:db8:1::5"));
    translates_both_ways("2001:db8::20", "2001:db8::1");
    BOOST_TEST(flows("-f ipv6") == "");
}

BOOST_AUTO_TEST_CASE(for_callers_from_inside)
{
    wire(stateless_row("198.51.100.20", "10.0.0.5"));
    for (const std::string protocol : {"tcp ", "udp "}) {
        BOOST_TEST(call("two", protocol + "198.51.100.20 80")
                   == "one:80 sees 198.51.100.10");
    }
}

// Its packets are the default's from now on.
BOOST_AUTO_TEST_CASE(until_it_goes)
{
    wire("");
    const auto before = node.snapshot();
    node.snatctl(stateless_row("198.51.100.20", "10.0.0.5"));
    translates_both_ways("198.51.100.20", "198.51.100.1");
    node.snatctl("nat-del r1 dnat_and_snat");
    BOOST_TEST(call("one", "udp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.10");
    BOOST_TEST(node.is_as(before));
}

BOOST_AUTO_TEST_SUITE_END()
