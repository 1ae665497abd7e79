// Acceptance of one port's row: what the port is, and no word that has no
// meaning.
#include "asked.hh"

using namespace asked;

BOOST_AUTO_TEST_SUITE(accept_port)

BOOST_AUTO_TEST_CASE(good_rows_of_door_1)
{
    Port_row row = make_gateway(true);
    row.networks = {"198.51.100.20/24", "198.51.100.10/24", "2001:db8::5/64"};
    row.gateway_ips = {"2001:db8::1", "198.51.100.1"};
    row.mac = "02:00:00:00:00:0A";
    row.mtu = 1400;
    row.options["snat-gateway-ips"] = "2001:db8::1 198.51.100.1";
    Port wished;
    wished.name = "qg-a";
    wished.role = Role::gateway;
    wished.wiring = Wiring::internal;
    wished.mac = *parse_mac("02:00:00:00:00:0a");
    wished.mtu = 1400;
    wished.networks = {*parse_network("198.51.100.20/24"),
                       *parse_network("198.51.100.10/24"),
                       *parse_network("2001:db8::5/64")};
    wished.gateway_ips = {*parse_ip("198.51.100.1"), *parse_ip("2001:db8::1")};
    wished.snat_ip = *parse_ip("198.51.100.20");
    BOOST_TEST((read_good(row) == wished));

    row = make_internal(true);
    row.bridge = "br-netdev";
    row.wiring = "";
    wished = Port{};
    wished.name = "sg-a";
    wished.userspace = true;
    wished.networks = {*parse_network("10.0.0.1/24")};
    BOOST_TEST((read_good(row) == wished));
}

BOOST_AUTO_TEST_CASE(good_rows_of_door_2)
{
    Port_row row = make_gateway(false);
    row.networks = {"198.51.100.20/24", "198.51.100.10/24", "2001:db8::5/64"};
    row.gateway_ips = {"198.51.100.1"};
    row.mac = "02:00:00:00:00:0A";
    row.tag = 7;
    row.external_ids = {{"iface-id", "some"}, {"snat-owner", "me"}};
    Port wished;
    wished.name = "qg-a";
    wished.role = Role::gateway;
    wished.wiring = Wiring::internal;
    wished.mac = *parse_mac("02:00:00:00:00:0a");
    wished.networks = {*parse_network("198.51.100.10/24"),
                       *parse_network("198.51.100.20/24"),
                       *parse_network("2001:db8::5/64")};
    wished.gateway_ips = {*parse_ip("198.51.100.1")};
    wished.snat_ip = *parse_ip("198.51.100.10");
    wished.switch_port = Switch_port{"br-ex",
                                     uint16_t{7},
                                     Wiring::internal,
                                     {{"attached-mac", "02:00:00:00:00:0a"},
                                      {"iface-id", "some"},
                                      {"snat-owner", "ovs-snatd"},
                                      {"snat-router", "demo"}}};
    BOOST_TEST((read_good(row) == wished));

    row = make_internal(false);
    wished = Port{};
    wished.name = "sg-a";
    wished.wiring = Wiring::internal;
    wished.networks = {*parse_network("10.0.0.1/24")};
    wished.switch_port
        = Switch_port{"br-int",
                      std::nullopt,
                      Wiring::internal,
                      {{"snat-owner", "ovs-snatd"}, {"snat-router", "demo"}}};
    BOOST_TEST((read_good(row) == wished));
}

BOOST_AUTO_TEST_CASE(roles)
{
    const struct {
        const char *name, *role;
        Role wished;
    } rows[] = {
        {"qg-x", "", Role::gateway},
        {"sg-x", "", Role::internal},
        {"qg-x", "internal", Role::internal},
        {"sg-x", "gateway", Role::gateway},
        {"eth9", "gateway", Role::gateway},
        {"eth9", "internal", Role::internal},
    };
    for (const bool is_door1 : {true, false}) {
        for (const auto &row : rows) {
            BOOST_TEST_CONTEXT(row.name << " " << row.role)
            {
                Port_row port = make_row(is_door1, row.name, "10.0.0.1/24");
                port.role = row.role;
                BOOST_TEST((read_good(port).role == row.wished));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(bad_roles)
{
    check_bad_values({
        {"role",
         [](Port_row &r) { r.role = "external"; },
         {"role", "\"external\"", "expected gateway or internal"}},
        {"role in capitals",
         [](Port_row &r) { r.role = "Gateway"; },
         {"\"Gateway\"", "expected gateway or internal"}},
        {"no role",
         [](Port_row &r) { r.name = "eth9"; },
         {"eth9", "expected", "gateway or internal", "qg- or sg-"}},
        {"gateway_ips on an internal port",
         [](Port_row &r) { r.gateway_ips = {"10.0.0.2"}; },
         {"gateway_ips", "internal port", "expected on gateway ports"}},
    });
}

BOOST_AUTO_TEST_CASE(keys_of_door_1)
{
    const struct {
        const char *key;
        bool gateway;
        std::vector<std::string> parts; // Empty: accepted.
    } rows[] = {
        {"snat-role", false, {}},
        {"snat-state", false, {}},
        {"snat-error", false, {}},
        {"snat-change", false, {}},
        {"snat-enable", true, {}},
        {"snat-gateway-ips", true, {}},
        {"snat-enable", false, {"snat-enable", "internal port", "expected"}},
        {"snat-gateway-ips",
         false,
         {"snat-gateway-ips", "internal port", "expected"}},
        {"snat-floating-ips", true, {}},
        {"snat-port-forwards", true, {}},
        {"snat-floating-ips",
         false,
         {"snat-floating-ips", "internal port", "expected"}},
        {"snat-port-forwards",
         false,
         {"snat-port-forwards", "internal port", "expected"}},
        {"snat-routes", true, {}},
        {"snat-routes", false, {"snat-routes", "internal port", "expected"}},
        {"snat-scope", false, {}},
        {"snat-netwroks",
         true,
         {"unknown key \"snat-netwroks\"", "did you mean snat-networks?"}},
        {"snat-wait", true, {"\"snat-wait\"", "or snat-scope"}},
        {"snat-\x1b[2J", true, {"\"snat-?[2J\"", "expected snat-router"}},
    };
    for (const auto &row : rows) {
        BOOST_TEST_CONTEXT(row.key << (row.gateway ? " on gateway" : ""))
        {
            Port_row port
                = row.gateway ? make_gateway(true) : make_internal(true);
            port.options[row.key] = "something";
            if (row.parts.empty()) {
                read_good(port);
            } else {
                check_port_refused(port, row.parts);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(options_of_door_2)
{
    Port_row port = make_internal(false);
    port.options = {{"mss_clamp", "1400"}};
    check_port_refused(
        port, {"unknown option \"mss_clamp\"", "did you mean mss-clamp?"});
    port.options = {{"stateless", "true"}};
    check_port_refused(port, {"unknown option \"stateless\"",
                              "expected wiring, ", " or ndp-proxy"});
    // An empty one is as good as none.
    const Port none = read_good(make_gateway(false));
    for (const std::string key :
         {"snat-address", "rate-in", "burst-in", "rate-out", "burst-out",
          "route-table", "address-scope", "mss-clamp", "ndp-proxy"}) {
        Port_row empty = make_gateway(false);
        empty.options[key] = "";
        BOOST_TEST((read_good(empty) == none), key);
    }
}

BOOST_AUTO_TEST_CASE(hostile_values_become_short_plain_sentences)
{
    const struct {
        const char *what;
        std::function<void(Port_row &, const std::string &)> change;
        bool pending = false;
    } rows[] = {
        {"role", [](Port_row &r, const std::string &t) { r.role = t; }},
        {"mac", [](Port_row &r, const std::string &t) { r.mac = t; }},
        {"networks",
         [](Port_row &r, const std::string &t) { r.networks = {t}; }},
        {"networks with length",
         [](Port_row &r, const std::string &t) { r.networks = {t + "/24"}; }},
        {"gateway_ips",
         [](Port_row &r, const std::string &t) { r.gateway_ips = {t}; }},
        {"wiring", [](Port_row &r, const std::string &t) { r.wiring = t; }},
        {"enable",
         [](Port_row &r, const std::string &t) { r.enable_snat = t; }},
        {"snat-address",
         [](Port_row &r, const std::string &t) { r.snat_address = t; }},
        {"bridge", [](Port_row &r, const std::string &t) { r.bridge = t; },
         true},
    };
    for (const bool is_door1 : {true, false}) {
        for (const auto &row : rows) {
            for (const std::string &text : hostile) {
                BOOST_TEST_CONTEXT(row.what << " " << quoted(text))
                {
                    Port_row port = make_gateway(is_door1);
                    row.change(port, text);
                    check_refused(accept_demo(demo({port})), port, {},
                                  row.pending);
                }
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
