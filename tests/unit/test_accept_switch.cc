// Acceptance of what a port has on the switch, and waiting for what is not
// there yet.
#include "asked.hh"

using namespace asked;

BOOST_AUTO_TEST_SUITE(accept_switch)

BOOST_AUTO_TEST_CASE(wiring_of_door_2_follows_the_datapath)
{
    const struct {
        const char *bridge, *wiring;
        Wiring wished;
    } rows[] = {
        {"br-int", "", Wiring::internal},
        {"br-int", "auto", Wiring::internal},
        {"br-int", "veth", Wiring::veth},
        {"br-netdev", "", Wiring::veth},
        {"br-netdev", "auto", Wiring::veth},
        {"br-netdev", "internal", Wiring::internal},
    };
    for (const auto &row : rows) {
        BOOST_TEST_CONTEXT(row.bridge << " " << row.wiring)
        {
            Port_row port = make_internal(false);
            port.bridge = row.bridge;
            port.wiring = row.wiring;
            const Port read = read_good(port);
            BOOST_TEST((read.wiring == row.wished));
            BOOST_TEST((read.switch_port->wiring == row.wished));
            BOOST_TEST(read.switch_port->bridge == row.bridge);
            BOOST_TEST(read.userspace == (row.bridge == "br-netdev"s));
        }
    }
}

BOOST_AUTO_TEST_CASE(bad_wiring)
{
    check_bad_values({
        {"wiring",
         [](Port_row &r) { r.wiring = "vxlan"; },
         {"\"vxlan\"", "expected", "internal", "veth"}},
        {"wiring in capitals",
         [](Port_row &r) { r.wiring = "Internal"; },
         {"\"Internal\"", "expected", "internal", "veth"}},
    });
}

BOOST_AUTO_TEST_CASE(jumbo_packets_need_a_pair_on_a_userspace_datapath)
{
    Port_row port = make_internal(false);
    port.mtu = 1501;
    for (const char *wiring : {"internal", "veth"}) {
        port.wiring = wiring;
        port.bridge = "br-int";
        BOOST_TEST(read_good(port).mtu == 1501u);
    }
    port.bridge = "br-netdev";
    BOOST_TEST(read_good(port).mtu == 1501u);
    port.wiring = "internal";
    check_port_refused(port, {"MTU 1501", "expected at most 1500", "veth"});
    port.mtu = 1500;
    BOOST_TEST(read_good(port).mtu == 1500u);
}

BOOST_AUTO_TEST_CASE(vlans)
{
    for (const int64_t tag : {0, 1, 4095}) {
        Port_row port = make_internal(false);
        port.tag = tag;
        BOOST_TEST((read_good(port).switch_port->tag == tag));
    }
    for (const int64_t tag : {-1, 4096, 65536}) {
        Port_row port = make_internal(false);
        port.tag = tag;
        check_port_refused(
            port, {"tag " + std::to_string(tag), "expected", "0 to 4095"});
    }
}

BOOST_AUTO_TEST_CASE(a_missing_bridge_is_waited_for)
{
    for (const bool is_door1 : {true, false}) {
        Port_row port = make_internal(is_door1);
        port.bridge = "br-none";
        check_refused(accept_demo(demo({port})), port,
                      {"the bridge \"br-none\" does not exist"}, true);
    }
    // A wrong row is refused, bridge or not.
    Port_row wrong = make_internal(false);
    wrong.bridge = "br-none";
    wrong.networks = {"banana"};
    check_refused(accept_demo(demo({wrong})), wrong, {"banana"});
}

BOOST_AUTO_TEST_CASE(the_default_bridge_goes_by_the_role)
{
    for (const bool gateway : {true, false}) {
        const Port_row port
            = gateway ? make_gateway(false) : make_internal(false);
        Router_row row = demo({port});
        check_refused(accept(row, {}, {}), port,
                      {gateway ? "\"br-ex\"" : "\"br-int\""}, true);
        row.options = {{"default-gateway-bridge", "br-g"},
                       {"default-internal-bridge", "br-i"}};
        check_refused(accept_demo(row), port,
                      {gateway ? "\"br-g\"" : "\"br-i\""}, true);
    }
}

BOOST_AUTO_TEST_CASE(a_missing_device_is_waited_for)
{
    const Port_row port = make_internal(true);
    Surroundings around = bridges();
    around.missing_devices = {{"sg-a", ""}};
    check_refused(accept(demo({port}), around, {}), port,
                  {"ovs-vswitchd has not made the device sg-a"}, true);
    around.missing_devices = {{"sg-a", "could not open it"}};
    check_refused(accept(demo({port}), around, {}), port,
                  {"the device sg-a", "could not open it"}, true);
    read_good(make_internal(false), around);
}

BOOST_AUTO_TEST_SUITE_END()
