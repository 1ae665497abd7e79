// Router advertisements from the outside: taken where nobody gives an IPv6
// gateway, and nowhere else.
#include "system/node.hh"
#include "system/text.hh"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

namespace data = boost::unit_test::data;
using test::Node;

namespace {

const std::string wirings[] = {"veth", "internal"};

// A host inside, one outside that is a router, and a network behind that.
struct Advertised {
    Node node;

    Advertised()
    {
        node.host("one", "br-int", "ip=2001:db8:1::5/64 via=2001:db8:1::1");
        node.host("outside", "br-ex", "ip=2001:db8::1/64 ip=fe80::1/64");
        node.must("ip -n outside address add 2001:db8:99::1/128 dev lo && "
                  "ip -n outside -6 route add 2001:db8:1::/64 via "
                  "2001:db8::10");
    }

    void
    wire(const std::string &wiring, const std::string &gateway = "")
    {
        node.snatctl("-- router-add r1 -- --wiring=" + wiring
                     + " --bridge=br-ex " + gateway
                     + " port-add r1 qg-r1 2001:db8::10/64 -- --wiring="
                     + wiring
                     + " --bridge=br-int port-add r1 sg-r1 "
                       "2001:db8:1::1/64");
    }

    // It has arrived when this returns.
    void
    advertise()
    {
        node.wait_for("! ip -n outside -6 address show tentative | grep -q .");
        // A link that is new takes the kernel a moment.
        node.wait_for("ip netns exec outside " TOP_SRCDIR
                      "/tests/system/advertise.py");
        node.wait_for("ip netns exec outside ping -c 1 -W 1 2001:db8::10");
    }

    std::string
    accept_ra(const std::string &port)
    {
        return node.must("ip netns exec snat-r1 sysctl -n net.ipv6.conf."
                         + port + ".accept_ra");
    }

    std::string
    default_routes()
    {
        return node.must("ip -n snat-r1 -6 route show default");
    }

    std::string
    plan()
    {
        return node.appctl("router/plan r1");
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(ra)

BOOST_DATA_TEST_CASE_F(Advertised, is_taken_where_no_gateway_is_given,
                       data::make(wirings), wiring)
{
    wire(wiring);
    BOOST_TEST(accept_ra("qg-r1") == "2");
    BOOST_TEST(accept_ra("sg-r1") == "0");
    BOOST_TEST(default_routes() == "");
    advertise();
    const auto routes = default_routes();
    BOOST_TEST(test::holds(routes, "via fe80::1 dev qg-r1 proto ra"), routes);
    node.must_in("one", "ping -c 1 -W 5 2001:db8:99::1");
    // Neither that nor an address that came with it is drift.
    node.must("ip -n snat-r1 -6 address show dev qg-r1 | grep -q "
              "2001:db8:5:");
    BOOST_TEST(plan() == "nothing to do");
}

BOOST_DATA_TEST_CASE_F(Advertised, is_not_taken_where_one_is_given,
                       data::make(wirings), wiring)
{
    wire(wiring, "--gateway=2001:db8::1");
    BOOST_TEST(accept_ra("qg-r1") == "0");
    advertise();
    const auto routes = default_routes();
    BOOST_TEST(!test::holds(routes, "proto ra"), routes);
    BOOST_TEST(test::holds(routes, "via 2001:db8::1 dev qg-r1"), routes);
    node.must_in("one", "ping -c 1 -W 5 2001:db8:99::1");
}

// As the gateway comes and goes.
BOOST_FIXTURE_TEST_CASE(is_taken_as_long_as_none_is_given, Advertised)
{
    wire("veth");
    advertise();
    node.snatctl("set Router_Port qg-r1 'gateway_ips=\"2001:db8::1\"'");
    BOOST_TEST(accept_ra("qg-r1") == "0");
    const auto routes = default_routes();
    BOOST_TEST(test::holds(routes, "via 2001:db8::1 dev qg-r1"), routes);
    BOOST_TEST(!test::holds(routes, "proto ra"), routes);
    node.snatctl("clear Router_Port qg-r1 gateway_ips");
    BOOST_TEST(accept_ra("qg-r1") == "2");
    advertise();
    BOOST_TEST(test::holds(default_routes(), "proto ra"));
}

BOOST_AUTO_TEST_SUITE_END()
