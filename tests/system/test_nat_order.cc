// Port forwards, exceptions, and which of several rules takes a flow.
#include "system/nat.hh"

#include <boost/test/unit_test.hpp>
#include <string>

using test::holds;
using test::Nat_site;

namespace {

const std::string external_20 = "external_ip=198.51.100.20 ";

struct Site : Nat_site {
    Site()
    {
        answer("one", "80 81 8000 8001 8002");
        answer("two", "80 81");
    }

    // The router's own address answers nobody.
    void
    has_no_answer(const std::string &host, const std::string &words)
    {
        const auto told = call(host, words);
        BOOST_TEST(told.starts_with("no answer"), told);
    }

    // The computer outside knows the way to those inside.
    void
    route_back()
    {
        node.must("ip -n outside route add 10.0.0.0/24 via 198.51.100.10");
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(nat_order, Site)

BOOST_AUTO_TEST_CASE(forwards)
{
    wire("nat-add r1 dnat 198.51.100.20 10.0.0.5 tcp 8080 80 -- "
         "nat-add r1 dnat 198.51.100.20 10.0.0.6 udp 8080 80 -- "
         "nat-add r1 dnat 198.51.100.20 10.0.0.6 tcp 81");
    BOOST_TEST(call("outside", "tcp 198.51.100.20 8080")
               == "one:80 sees 198.51.100.1");
    BOOST_TEST(call("outside", "udp 198.51.100.20 8080")
               == "two:80 sees 198.51.100.1");
    BOOST_TEST(call("outside", "tcp 198.51.100.20 81")
               == "two:81 sees 198.51.100.1");
    has_no_answer("outside", "udp 198.51.100.20 81");
    has_no_answer("outside", "tcp 198.51.100.20 80");
    // What the host itself calls is not the forward's.
    BOOST_TEST(call("one", "tcp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.10");
}

BOOST_AUTO_TEST_CASE(forwards_of_ipv6)
{
    wire_ipv6("nat-add r1 dnat 2001:db8::20 2001:db8:1::5 tcp 8080 80 -- "
              "nat-add r1 dnat 2001:db8::10 2001:db8:1::6 udp 81");
    BOOST_TEST(call("outside", "tcp 2001:db8::20 8080")
               == "one:80 sees 2001:db8::1");
    BOOST_TEST(call("outside", "udp 2001:db8::10 81")
               == "two:81 sees 2001:db8::1");
}

BOOST_AUTO_TEST_CASE(a_forwarded_range_is_shifted)
{
    wire("nat-add r1 dnat 198.51.100.20 10.0.0.5 tcp 9000-9002 8000-8002");
    for (const std::string last : {"0", "1", "2"}) {
        BOOST_TEST(call("outside", "tcp 198.51.100.20 900" + last)
                   == "one:800" + last + " sees 198.51.100.1");
    }
    has_no_answer("outside", "tcp 198.51.100.20 9003");
    has_no_answer("outside", "tcp 198.51.100.20 8000");
}

BOOST_AUTO_TEST_CASE(a_forward_comes_before_a_floating_ip)
{
    wire("nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.5 -- "
         "nat-add r1 dnat 198.51.100.20 10.0.0.6 tcp 80 81");
    BOOST_TEST(call("outside", "tcp 198.51.100.20 80")
               == "two:81 sees 198.51.100.1");
    BOOST_TEST(call("outside", "udp 198.51.100.20 80")
               == "one:80 sees 198.51.100.1");
    BOOST_TEST(call("outside", "tcp 198.51.100.20 81")
               == "one:81 sees 198.51.100.1");
    BOOST_TEST(call("one", "tcp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.20");
    BOOST_TEST(call("two", "tcp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.10");
}

BOOST_AUTO_TEST_CASE(a_forward_of_the_gateways_own_address)
{
    wire("nat-add r1 dnat 198.51.100.10 10.0.0.5 udp 80-81");
    BOOST_TEST(call("outside", "udp 198.51.100.10 81")
               == "one:81 sees 198.51.100.1");
    has_no_answer("outside", "tcp 198.51.100.10 80");
    node.must_in("outside", "ping -c 1 -W 5 198.51.100.10");
    BOOST_TEST(call("two", "udp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.10");
}

BOOST_AUTO_TEST_CASE(exceptions_leave_sources_as_they_are)
{
    route_back();
    wire("nat-add r1 snat 198.51.100.21 10.0.0.5 -- "
         "nat-add r1 dnat_and_snat 198.51.100.22 10.0.0.6");
    node.snatctl(row("type=snat logical_ip=10.0.0.0/24 options:no-nat=true "
                     "options:allowed-ext=198.51.100.2"));
    for (const std::string protocol : {"tcp ", "udp "}) {
        BOOST_TEST(call("one", protocol + "198.51.100.2 80")
                   == "outside:80 sees 10.0.0.5");
        BOOST_TEST(call("two", protocol + "198.51.100.2 80")
                   == "outside:80 sees 10.0.0.6");
        BOOST_TEST(call("one", protocol + "198.51.100.1 80")
                   == "outside:80 sees 198.51.100.21");
        BOOST_TEST(call("two", protocol + "198.51.100.1 80")
                   == "outside:80 sees 198.51.100.22");
    }
}

// In the words of nat-add, the option set a moment later: until then the row
// is refused.
BOOST_AUTO_TEST_CASE(an_exception_by_nat_add)
{
    route_back();
    wire("");
    is_refused("nat-add r1 snat '' 10.0.0.0/24", "external_ip");
    const auto uuid
        = node.snatctl("--bare --columns=_uuid find NAT type=snat");
    node.snatctl("set NAT " + uuid + " options:no-nat=true");
    BOOST_TEST(call("one", "tcp 198.51.100.1 80")
               == "outside:80 sees 10.0.0.5");
    node.snatctl("remove NAT " + uuid + " options no-nat -- set NAT " + uuid
                 + " " + external_20);
    BOOST_TEST(call("one", "tcp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.20");
}

BOOST_AUTO_TEST_CASE(exceptions_leave_destinations_as_they_are)
{
    wire("nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.5 -- "
         "nat-add r1 dnat 198.51.100.20 10.0.0.6 tcp 81 -- "
         + row("type=dnat protocol=tcp external_port=80-81 " + external_20
               + "options:no-nat=true options:exempted-ext=198.51.100.2"));
    has_no_answer("outside", "tcp 198.51.100.20 80");
    has_no_answer("outside", "tcp 198.51.100.20 81");
    BOOST_TEST(call("outside", "tcp 198.51.100.20 80 198.51.100.2")
               == "one:80 sees 198.51.100.2");
    BOOST_TEST(call("outside", "tcp 198.51.100.20 81 198.51.100.2")
               == "two:81 sees 198.51.100.2");
    BOOST_TEST(call("outside", "udp 198.51.100.20 80")
               == "one:80 sees 198.51.100.1");
}

// What one does not take goes on to the next longest, and to the default.
BOOST_AUTO_TEST_CASE(sources_for_some_peers)
{
    wire(row("type=snat logical_ip=10.0.0.5 " + external_20
                 + "options:allowed-ext=198.51.100.2/31",
             "@host")
         + " -- "
         + row("type=snat logical_ip=10.0.0.0/24 external_ip=198.51.100.21 "
               "options:exempted-ext=198.51.100.2",
               "@network"));
    BOOST_TEST(call("one", "udp 198.51.100.2 80")
               == "outside:80 sees 198.51.100.20");
    BOOST_TEST(call("one", "udp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.21");
    BOOST_TEST(call("two", "udp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.21");
    BOOST_TEST(call("two", "udp 198.51.100.2 80")
               == "outside:80 sees 198.51.100.10");
}

BOOST_AUTO_TEST_CASE(floating_ips_for_some_peers)
{
    wire(row("type=dnat_and_snat logical_ip=10.0.0.5 " + external_20
                 + "options:allowed-ext=198.51.100.2",
             "@some")
         + " -- "
         + row("type=dnat_and_snat logical_ip=10.0.0.6 " + external_20
                   + "options:exempted-ext=198.51.100.0/30",
               "@others"));
    BOOST_TEST(call("one", "tcp 198.51.100.2 80")
               == "outside:80 sees 198.51.100.20");
    BOOST_TEST(call("one", "tcp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.10");
    BOOST_TEST(call("outside", "tcp 198.51.100.20 80 198.51.100.2")
               == "one:80 sees 198.51.100.2");
    has_no_answer("outside", "tcp 198.51.100.20 80 198.51.100.1");
    node.must("ip -n outside address add 198.51.100.5/24 dev eth0");
    BOOST_TEST(call("outside", "tcp 198.51.100.20 80 198.51.100.5")
               == "two:80 sees 198.51.100.5");
    BOOST_TEST(call("two", "tcp 198.51.100.5 80")
               == "outside:80 sees 198.51.100.20");
    // All that is left is one's who has it for all.
    node.snatctl("nat-add r1 dnat_and_snat 198.51.100.21 10.0.0.6");
    BOOST_TEST(call("two", "tcp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.21");
}

BOOST_AUTO_TEST_CASE(forwards_for_some_peers)
{
    wire(row("type=dnat logical_ip=10.0.0.5 protocol=tcp external_port=80-82 "
             "internal_port=8000-8002 "
             + external_20 + "options:allowed-ext=198.51.100.2")
         + " -- nat-add r1 dnat 198.51.100.20 10.0.0.6 tcp 80 81 -- "
           "nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.6");
    BOOST_TEST(call("outside", "tcp 198.51.100.20 80 198.51.100.2")
               == "one:8000 sees 198.51.100.2");
    BOOST_TEST(call("outside", "tcp 198.51.100.20 81 198.51.100.2")
               == "one:8001 sees 198.51.100.2");
    BOOST_TEST(call("outside", "tcp 198.51.100.20 80 198.51.100.1")
               == "two:81 sees 198.51.100.1");
    BOOST_TEST(call("outside", "tcp 198.51.100.20 81 198.51.100.1")
               == "two:81 sees 198.51.100.1");
}

BOOST_AUTO_TEST_SUITE_END()
