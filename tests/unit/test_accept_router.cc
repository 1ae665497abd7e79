// Acceptance of a router as a whole: what it may not have, and how it says so.
#include "asked.hh"

using namespace asked;

BOOST_AUTO_TEST_SUITE(accept_router)

BOOST_AUTO_TEST_CASE(an_address_twice_in_the_router)
{
    for (const bool is_door1 : {true, false}) {
        // On one port, also with another prefix length.
        Port_row port = make_internal(is_door1);
        port.networks = {"10.0.0.1/24", "10.0.0.2/24", "10.0.0.1/16"};
        check_port_refused(port, {"10.0.0.1/", "twice", "sg-a"});
        port.networks = {"2001:db8::1/64", "2001:DB8:0::1/64"};
        check_port_refused(port, {"2001:db8::1/64", "twice", "sg-a"});
        // On two ports: the first keeps it.
        for (const bool other : {true, false}) {
            const Port_row second = make_row(other, "sg-b", "10.0.0.1/16");
            const Accepted accepted
                = accept_demo(demo({make_internal(is_door1), second}));
            check_refused(accepted, second, {"10.0.0.1/16", "twice", "sg-a"});
            BOOST_TEST(accepted.router.ports.contains("sg-a"));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_next_hop_outside_the_networks_of_two_ports)
{
    const auto two = [](const std::string &next_hop) {
        Port_row first = make_gateway(true), second = first;
        second.name = "qg-b";
        second.id.uuid = "qg-b";
        second.networks = {"203.0.113.7/24"};
        first.gateway_ips = second.gateway_ips = {next_hop};
        return demo({first, second});
    };
    const Router_row row = two("2001:db8::1");
    check_refused(
        accept_demo(row), row.ports[1],
        {"2001:db8::1", "none of its networks", "qg-a", "link-local"});
    for (const std::string fine : {"fe80::1", "192.0.2.1"}) {
        BOOST_TEST(accept_demo(two(fine)).refusals.empty());
    }
}

BOOST_AUTO_TEST_CASE(the_summary_names_the_rows)
{
    BOOST_TEST(summary({}) == "");
    std::vector<Refusal> refusals
        = {{std::nullopt, "demo", "too many ports", false},
           {Row_id{Table::router_port, "1"}, "sg-a", "is bad", false},
           {Row_id{Table::interface, "2"}, "sg-b", "waits", true}};
    BOOST_TEST(summary(refusals)
               == "too many ports; sg-a: is bad; sg-b: waits");
    refusals.resize(10000, refusals[1]);
    BOOST_TEST(summary(refusals)
               == "too many ports; sg-a: is bad; sg-b: waits; "
                  "and 9997 more");
}

BOOST_AUTO_TEST_SUITE_END()
