// The validator: what either door may say, and the sentences that refuse the
// rest.
#include "router/accept.hh"
#include "router/names.hh"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <functional>

using namespace snat;
using namespace std::string_literals;

namespace {

Port_row
door1(const std::string &name, const std::string &network)
{
    Port_row row;
    row.id = {Table::interface, "uuid-of-" + name};
    row.name = name;
    row.bridge = "br-user";
    row.wiring = "internal";
    row.networks = {network};
    row.options = {{"snat-router", "demo"}, {"snat-networks", network}};
    return row;
}

Port_row
door2(const std::string &name, const std::string &network)
{
    Port_row row;
    row.id = {Table::router_port, "uuid-of-" + name};
    row.name = name;
    row.networks = {network};
    return row;
}

Port_row
make_gateway(bool is_door1)
{
    return (is_door1 ? door1 : door2)("qg-a", "198.51.100.10/24");
}

Port_row
make_internal(bool is_door1)
{
    return (is_door1 ? door1 : door2)("sg-a", "10.0.0.1/24");
}

Router_row
demo(std::vector<Port_row> ports)
{
    Router_row row;
    row.id = Row_id{Table::router, "uuid-of-demo"};
    row.name = "demo";
    row.ports = std::move(ports);
    return row;
}

Surroundings
bridges()
{
    Surroundings around;
    around.bridges = {{"br-ex", false},
                      {"br-int", false},
                      {"br-user", false},
                      {"br-netdev", true}};
    return around;
}

Accepted
accept_demo(const Router_row &row)
{
    return accept(row, bridges(), {});
}

bool
has(const std::string &text, const std::string &part)
{
    return text.find(part) != std::string::npos;
}

// One sentence for a terminal, that says all of 'parts'.
void
check_sentence(const std::string &what, const std::vector<std::string> &parts)
{
    BOOST_TEST(what.size() > 0u);
    BOOST_TEST(what.size() < 300u);
    BOOST_TEST(
        std::ranges::all_of(what, [](char c) { return c >= ' ' && c < 0x7f; }),
        what);
    for (const std::string &part : parts) {
        BOOST_TEST(has(what, part), "\"" << what << "\" has no " << part);
    }
}

// The router loses this one row, by one sentence, and keeps the others.
void
check_refused(const Accepted &accepted, const Port_row &row,
              const std::vector<std::string> &parts, bool pending = false)
{
    BOOST_REQUIRE(accepted.refusals.size() == 1u);
    const Refusal &refusal = accepted.refusals[0];
    BOOST_TEST((refusal.row == row.id));
    BOOST_TEST((refusal.name == row.name));
    BOOST_TEST(refusal.pending == pending);
    check_sentence(refusal.what, parts);
}

// The router itself is refused, by one sentence.
void
check_router_refused(const Accepted &accepted,
                     const std::vector<std::string> &parts)
{
    BOOST_REQUIRE(accepted.refusals.size() == 1u);
    BOOST_TEST(!accepted.refusals[0].row);
    BOOST_TEST(!accepted.refusals[0].pending);
    check_sentence(accepted.refusals[0].what, parts);
}

// A row that is wrong, with a right one beside it.
void
check_port_refused(const Port_row &row, const std::vector<std::string> &parts)
{
    const Port_row good
        = (row.is_door1() ? door1 : door2)("sg-good", "10.9.9.1/24");
    const Accepted accepted = accept_demo(demo({row, good}));
    check_refused(accepted, row, parts);
    BOOST_TEST(accepted.router.ports.size() == 1u);
    BOOST_TEST(accepted.router.ports.contains("sg-good"));
}

Port
read_good(const Port_row &row, const Surroundings &around = bridges())
{
    const Accepted accepted = accept(demo({row}), around, {});
    BOOST_TEST(accepted.refusals.empty(), summary(accepted.refusals));
    BOOST_REQUIRE(accepted.router.ports.contains(row.name));
    return accepted.router.ports.at(row.name);
}

const std::string hostile[] = {
    " ",
    "a b",
    "demo\0"s,
    "demo\n",
    "../../etc/passwd",
    "a/b",
    "$(reboot)",
    "`id`;",
    "; rm -rf /",
    "\x1b[2J",
    "\xff\xfe",
    "\xc3\xa4",
    std::string(100000, '/'),
    std::string(100000, '\xff'),
};

} // namespace

BOOST_AUTO_TEST_SUITE(accepting)

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
                Port_row port
                    = (is_door1 ? door1 : door2)(row.name, "10.0.0.1/24");
                port.role = row.role;
                BOOST_TEST((read_good(port).role == row.wished));
            }
        }
    }
}

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

BOOST_AUTO_TEST_CASE(default_snat)
{
    const struct {
        const char *enable, *address;
        bool router;
        const char *wished; // "": none.
    } rows[] = {
        {"", "", true, "198.51.100.10"},
        {"true", "", true, "198.51.100.10"},
        {"false", "", true, ""},
        {"", "", false, ""},
        {"true", "", false, ""},
        {"", "198.51.100.20", true, "198.51.100.20"},
        {"", "198.51.100.20", false, ""},
    };
    for (const auto &row : rows) {
        BOOST_TEST_CONTEXT(row.enable << " " << row.address)
        {
            Port_row port = make_gateway(false);
            port.networks = {"198.51.100.20/24", "198.51.100.10/24"};
            port.enable_snat = row.enable;
            port.snat_address = row.address;
            Router_row router = demo({port});
            router.enable_snat = row.router;
            const Accepted accepted = accept_demo(router);
            BOOST_TEST(accepted.refusals.empty());
            const auto &ip = accepted.router.ports.at("qg-a").snat_ip;
            BOOST_TEST((ip ? to_string(*ip) : "") == row.wished);
        }
    }
    // IPv6 is not translated by default.
    Port_row port = make_gateway(true);
    port.networks = {"2001:db8::5/64"};
    BOOST_TEST(!read_good(port).snat_ip);
}

BOOST_AUTO_TEST_CASE(edges_are_accepted)
{
    for (const char *text :
         {"198.51.100.0/31", "198.51.100.1/31", "198.51.100.0/32",
          "198.51.100.255/32", "198.51.100.255/23", "2001:db8::/64",
          "fe80::5/64", "169.254.1.1/16", "223.255.255.254/24"}) {
        for (const bool is_door1 : {true, false}) {
            BOOST_TEST_CONTEXT(text)
            {
                Port_row port = make_internal(is_door1);
                port.networks = {text};
                BOOST_TEST(to_string(read_good(port).networks[0]) == text);
            }
        }
    }
    for (const int64_t mtu : {68, 1279, 1280, 1500, 9000, 65535}) {
        Port_row port = make_internal(false);
        port.mtu = mtu;
        BOOST_TEST(read_good(port).mtu == mtu);
    }
    for (const char *name : {"qg-", "qg-345678901234", "sg-a.b@c"}) {
        BOOST_TEST(read_good(door2(name, "10.0.0.1/24")).name == name);
    }
    // Next hops may lie outside the port's networks.
    Port_row port = make_gateway(true);
    port.gateway_ips = {"203.0.113.1", "fe80::1"};
    BOOST_TEST(read_good(port).gateway_ips.size() == 2u);
}

BOOST_AUTO_TEST_CASE(bad_values_are_refused_in_either_door)
{
    const struct {
        const char *what;
        std::function<void(Port_row &)> change;
        std::vector<std::string> parts;
        bool gateway = false;
    } rows[] = {
        {"MAC",
         [](Port_row &r) { r.mac = "02:00:00"; },
         {"\"02:00:00\"", "expected", "02:00:00:00:00:01"}},
        {"multicast MAC",
         [](Port_row &r) { r.mac = "01:00:5e:00:00:01"; },
         {"01:00:5e:00:00:01", "expected a unicast address"}},
        {"broadcast MAC",
         [](Port_row &r) { r.mac = "ff:ff:ff:ff:ff:ff"; },
         {"ff:ff:ff:ff:ff:ff", "expected a unicast address"}},
        {"zero MAC",
         [](Port_row &r) { r.mac = "00:00:00:00:00:00"; },
         {"00:00:00:00:00:00", "expected a unicast address"}},
        {"role",
         [](Port_row &r) { r.role = "external"; },
         {"role", "\"external\"", "expected gateway or internal"}},
        {"role in capitals",
         [](Port_row &r) { r.role = "Gateway"; },
         {"\"Gateway\"", "expected gateway or internal"}},
        {"no role",
         [](Port_row &r) { r.name = "eth9"; },
         {"eth9", "expected", "gateway or internal", "qg- or sg-"}},
        {"wiring",
         [](Port_row &r) { r.wiring = "vxlan"; },
         {"\"vxlan\"", "expected", "internal", "veth"}},
        {"small MTU",
         [](Port_row &r) { r.mtu = 67; },
         {"67", "expected 68 to 65535"}},
        {"negative MTU",
         [](Port_row &r) { r.mtu = -1; },
         {"-1", "expected 68 to 65535"}},
        {"large MTU",
         [](Port_row &r) { r.mtu = 65536; },
         {"65536", "expected 68 to 65535"}},
        {"very large MTU",
         [](Port_row &r) { r.mtu = 4294968796; },
         {"4294968796", "expected 68 to 65535"}},
        {"MTU for IPv6",
         [](Port_row &r) {
             r.mtu = 1279;
             r.networks.push_back("2001:db8::1/64");
         },
         {"1279", "expected at least 1280", "IPv6"}},
        {"no networks",
         [](Port_row &r) { r.networks.clear(); },
         {"networks is empty", "expected", "198.51.100.10/24"}},
        {"gateway_ips on an internal port",
         [](Port_row &r) { r.gateway_ips = {"10.0.0.2"}; },
         {"gateway_ips", "internal port", "expected on gateway ports"}},
        {"next hop",
         [](Port_row &r) { r.gateway_ips = {"198.51.100.1/24"}; },
         {"198.51.100.1/24", "expected"},
         true},
        {"unspecified next hop",
         [](Port_row &r) { r.gateway_ips = {"0.0.0.0"}; },
         {"0.0.0.0", "expected the address of one router"},
         true},
        {"loopback next hop",
         [](Port_row &r) { r.gateway_ips = {"::1"}; },
         {"::1", "expected the address of one router"},
         true},
        {"multicast next hop",
         [](Port_row &r) { r.gateway_ips = {"224.0.0.1"}; },
         {"224.0.0.1", "expected the address of one router"},
         true},
        {"itself as next hop",
         [](Port_row &r) { r.gateway_ips = {"198.51.100.10"}; },
         {"198.51.100.10", "own address", "expected"},
         true},
        {"next hop twice",
         [](Port_row &r) {
             r.gateway_ips = {"2001:db8::1", "2001:DB8:0::1"};
         },
         {"2001:DB8:0::1", "twice"},
         true},
        {"next hop with a zone",
         [](Port_row &r) { r.gateway_ips = {"fe80::1%qg-a"}; },
         {"fe80::1%qg-a", "expected"},
         true},
        {"enable",
         [](Port_row &r) { r.enable_snat = "yes"; },
         {"snat-enable", "\"yes\"", "expected true or false"},
         true},
    };
    for (const bool is_door1 : {true, false}) {
        for (const auto &row : rows) {
            BOOST_TEST_CONTEXT((is_door1 ? "door 1: " : "door 2: ")
                               << row.what)
            {
                Port_row port = row.gateway ? make_gateway(is_door1)
                                            : make_internal(is_door1);
                row.change(port);
                check_port_refused(port, row.parts);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(bad_networks_are_refused_in_either_door)
{
    const struct {
        const char *text, *why;
    } rows[] = {
        {"", "\"\""},
        {"banana", "prefix length"},
        {"198.51.100.10", "prefix length"},
        {"2001:db8::1", "prefix length"},
        {"198.51.100.10/", "prefix length"},
        {"198.51.100.10/33", "0 to 32"},
        {"2001:db8::1/129", "0 to 128"},
        {"198.51.100.010/24", "prefix length"},
        {"198.51.100.10/024", "prefix length"},
        {"fe80::1%eth0/64", "prefix length"},
        {"0.0.0.0/24", "the unspecified address"},
        {"::/64", "the unspecified address"},
        {"127.0.0.1/8", "a loopback address"},
        {"::1/128", "a loopback address"},
        {"224.0.0.1/24", "a multicast"},
        {"255.255.255.255/32", "a multicast"},
        {"ff02::1/64", "a multicast"},
        {"198.51.100.0/24", "its network's own address"},
        {"198.51.100.4/30", "its network's own address"},
        {"198.51.100.255/24", "its network's broadcast address"},
        {"198.51.100.7/30", "its network's broadcast address"},
        {"198.51.100.10/0", "an address of everybody"},
        {"2001:db8::1/0", "an address of everybody"},
    };
    for (const bool is_door1 : {true, false}) {
        for (const auto &row : rows) {
            BOOST_TEST_CONTEXT(row.text)
            {
                Port_row port = make_internal(is_door1);
                port.networks.push_back(row.text);
                check_port_refused(port, {row.text, row.why, "expected"});
            }
        }
    }
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
        {"snat-floating-ips", true, {"snat-floating-ips", "not supported"}},
        {"snat-port-forwards", true, {"snat-port-forwards", "not supported"}},
        {"snat-routes", true, {"snat-routes", "not supported"}},
        {"snat-scope", false, {"snat-scope", "not supported"}},
        {"snat-network", true, {"\"snat-network\"", "expected snat-router"}},
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
    for (const char *key : {"address-scope", "stateless"}) {
        Port_row port = make_internal(false);
        port.options[key] = "true";
        check_port_refused(port, {key, "not supported"});
    }
    for (const char *text : {"198.51.100.11", "2001:db8::5", "banana",
                             "198.51.100.10/24", "198.51.100.010"}) {
        BOOST_TEST_CONTEXT(text)
        {
            Port_row port = make_gateway(false);
            port.networks.push_back("2001:db8::5/64");
            port.snat_address = text;
            check_port_refused(port, {"snat-address", text,
                                      "expected one of the port's own IPv4"});
        }
    }
}

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
            const Port_row second
                = (other ? door1 : door2)("sg-b", "10.0.0.1/16");
            const Accepted accepted
                = accept_demo(demo({make_internal(is_door1), second}));
            check_refused(accepted, second, {"10.0.0.1/16", "twice", "sg-a"});
            BOOST_TEST(accepted.router.ports.contains("sg-a"));
        }
    }
}

BOOST_AUTO_TEST_CASE(what_is_missing_is_pending)
{
    for (const bool is_door1 : {true, false}) {
        Port_row port = make_internal(is_door1);
        port.bridge = "br-none";
        check_refused(accept_demo(demo({port})), port,
                      {"the bridge \"br-none\" does not exist"}, true);
    }
    // The default bridges, by role.
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
    // A wrong row is refused, bridge or not.
    Port_row wrong = make_internal(false);
    wrong.bridge = "br-none";
    wrong.networks = {"banana"};
    check_refused(accept_demo(demo({wrong})), wrong, {"banana"});
    // The switch's own device.
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

BOOST_AUTO_TEST_CASE(a_name_belongs_to_one_row)
{
    const Claim by_door1{"demo", true}, by_door2{"demo", false},
        other_door1{"other", true}, other_door2{"other", false};
    const struct {
        std::vector<Claim> claims;
        std::optional<Claim> holder;
        Claim mine, winner;
    } rows[] = {
        {{by_door1}, std::nullopt, by_door1, by_door1},
        {{by_door2}, other_door1, by_door2, by_door2},
        {{by_door1, by_door2}, std::nullopt, by_door1, by_door1},
        {{by_door2, by_door1}, std::nullopt, by_door2, by_door1},
        {{by_door1, by_door2}, by_door2, by_door1, by_door2},
        {{by_door1, by_door2}, by_door2, by_door2, by_door2},
        {{by_door1, by_door2}, by_door1, by_door2, by_door1},
        {{by_door1, other_door2}, std::nullopt, by_door1, by_door1},
        {{by_door1, other_door2}, other_door2, by_door1, other_door2},
        {{other_door1, by_door2}, std::nullopt, by_door2, other_door1},
        {{other_door1, by_door2}, by_door2, by_door2, by_door2},
        // A holder who claims it no more has lost it.
        {{by_door1, by_door2}, other_door2, by_door1, by_door1},
        {{by_door1, by_door2}, other_door2, by_door2, by_door1},
    };
    for (const auto &row : rows) {
        Surroundings around = bridges();
        around.claims["sg-a"] = row.claims;
        if (row.holder) {
            around.holders["sg-a"] = *row.holder;
        }
        const Port_row port = make_internal(row.mine.door1);
        if (row.mine == row.winner) {
            read_good(port, around);
        } else {
            check_refused(accept(demo({port}), around, {}), port,
                          {"the port name sg-a",
                           "belongs to router " + row.winner.router,
                           row.winner.door1 ? "Open_vSwitch" : "OVS_SNAT",
                           "one row only"});
        }
    }
}

BOOST_AUTO_TEST_CASE(foreign_ports_are_left_alone)
{
    Surroundings around = bridges();
    around.foreign_ports = {"sg-a"};
    const Port_row port = make_internal(false);
    check_refused(accept(demo({port}), around, {}), port,
                  {"interface sg-a", "not ours"});
    read_good(make_gateway(false), around);
}

BOOST_AUTO_TEST_CASE(nat_and_static_routes_are_refused)
{
    Router_row row = demo({make_gateway(false)});
    row.nat = {{Table::nat, "n1"}, {Table::nat, "n2"}};
    row.static_routes = {{Table::static_route, "r1"}};
    const Accepted accepted = accept_demo(row);
    BOOST_TEST(accepted.router.ports.size() == 1u);
    BOOST_REQUIRE(accepted.refusals.size() == 3u);
    for (size_t i = 0; i < 2; i++) {
        BOOST_TEST((accepted.refusals[i].row == row.nat[i]));
        BOOST_TEST(!accepted.refusals[i].pending);
        check_sentence(accepted.refusals[i].what, {"NAT", "not supported"});
    }
    BOOST_TEST((accepted.refusals[2].row == row.static_routes[0]));
    check_sentence(accepted.refusals[2].what,
                   {"static routes", "not supported"});
}

BOOST_AUTO_TEST_CASE(max_ports_per_router)
{
    Router_row row = demo({});
    for (int i = 0; i < 65; i++) {
        const std::string n = std::to_string(i);
        row.ports.push_back(
            (i % 2 ? door1 : door2)("sg-" + n, "10.0." + n + ".1/24"));
    }
    check_router_refused(accept_demo(row),
                         {"65 ports", "at most 64", "max-ports-per-router"});
    Limits limits;
    limits.max_ports_per_router = 65;
    BOOST_TEST(accept(row, bridges(), limits).refusals.empty());
    row.options = {{"max-ports-per-router", "65"}};
    BOOST_TEST(accept_demo(row).refusals.empty());
    row.options = {{"max-ports-per-router", "3"}};
    check_router_refused(accept(row, bridges(), limits),
                         {"65 ports", "at most 3", "max-ports-per-router"});
}

BOOST_AUTO_TEST_CASE(max_addresses_per_port)
{
    for (const bool is_door1 : {true, false}) {
        Port_row port = make_gateway(is_door1);
        port.networks.clear();
        for (int i = 1; i <= 10000; i++) {
            port.networks.push_back("10.1." + std::to_string(i / 256) + "."
                                    + std::to_string(i % 256) + "/15");
        }
        Router_row row = demo({port});
        check_refused(
            accept_demo(row), port,
            {"10000 addresses", "at most 256", "max-addresses-per-port"});
        row.options = {{"max-addresses-per-port", "9999"}};
        check_refused(
            accept_demo(row), port,
            {"10000 addresses", "at most 9999", "max-addresses-per-port"});
        row.options = {{"max-addresses-per-port", "10000"}};
        const Accepted accepted = accept_demo(row);
        BOOST_TEST(accepted.refusals.empty());
        BOOST_REQUIRE(accepted.router.ports.contains("qg-a"));
        BOOST_TEST(accepted.router.ports.at("qg-a").networks.size() == 10000u);
    }
}

BOOST_AUTO_TEST_CASE(wrong_options_keep_the_base)
{
    for (const Limit &limit : all_limits) {
        for (const std::string &text :
             {""s, "banana"s, "-1"s, "+1"s, " 20"s, "20 "s, "0x20"s, "2e1"s,
              "4294967316"s, "99999999999999999999"s, "\x1b[2J"s,
              std::to_string(limit.most + 1), std::string(100000, '9')}) {
            BOOST_TEST_CONTEXT(limit.key << "=" << text.substr(0, 20))
            {
                Limits base;
                base.*limit.value = limit.least + 1;
                std::vector<std::string> errors;
                BOOST_TEST(
                    (read_limits(base, {{limit.key, text}}, errors) == base));
                BOOST_REQUIRE(errors.size() == 1u);
                check_sentence(errors[0], {limit.key, quoted(text), "expected",
                                           std::to_string(limit.least) + " to "
                                               + std::to_string(limit.most)});
            }
        }
        for (const uint32_t value : {limit.least, limit.most}) {
            std::vector<std::string> errors;
            const Limits limits = read_limits(
                {}, {{limit.key, std::to_string(value)}}, errors);
            BOOST_TEST(errors.empty());
            BOOST_TEST((limits.*limit.value) == value);
        }
    }
    Router_row row = demo({make_gateway(false)});
    row.options = {{"max-ports-per-router", "many"}};
    check_router_refused(accept_demo(row),
                         {"max-ports-per-router", "\"many\"", "0 to 4096"});
    BOOST_TEST(accept_demo(row).router.ports.size() == 1u);
    row.options = {{"refused-rows", "ignore"}};
    check_router_refused(accept_demo(row),
                         {"refused-rows", "\"ignore\"", "stop or skip"});
}

BOOST_AUTO_TEST_CASE(refused_rows)
{
    std::vector<std::string> errors;
    BOOST_TEST(
        read_limits({}, {{"refused-rows", "skip"}}, errors).skip_refused_rows);
    Limits skip;
    skip.skip_refused_rows = true;
    BOOST_TEST(!read_limits(skip, {{"refused-rows", "stop"}}, errors)
                    .skip_refused_rows);
    BOOST_TEST(errors.empty());
}

BOOST_AUTO_TEST_CASE(router_names)
{
    for (const std::string &name :
         {"a"s, "7"s, "Demo-1_x.y"s, std::string(64, 'a')}) {
        Router_row row = demo({make_gateway(false)});
        row.name = name;
        const Accepted accepted = accept_demo(row);
        BOOST_TEST(accepted.refusals.empty());
        BOOST_TEST(accepted.router.name == name);
    }
    std::vector<std::string> bad = {"",
                                    ".",
                                    "..",
                                    "-a",
                                    "_a",
                                    ".a",
                                    "a:b",
                                    "a\"b",
                                    "a*",
                                    "a\\b",
                                    std::string(65, 'a')};
    bad.insert(bad.end(), std::begin(hostile), std::end(hostile));
    for (const std::string &name : bad) {
        BOOST_TEST_CONTEXT(quoted(name))
        {
            Router_row row = demo({make_gateway(false)});
            row.name = name;
            check_router_refused(accept_demo(row),
                                 {quoted(name), "expected 1 to 64 of",
                                  "beginning with a letter or digit"});
        }
    }
}

BOOST_AUTO_TEST_CASE(port_names)
{
    std::vector<std::string> bad
        = {"", ".", "..", "qg-a:1", "qg-4567890123456"};
    bad.insert(bad.end(), std::begin(hostile), std::end(hostile));
    for (const bool is_door1 : {true, false}) {
        for (const std::string &name : bad) {
            BOOST_TEST_CONTEXT(quoted(name))
            {
                Port_row port = make_gateway(is_door1);
                port.name = name;
                port.role = "gateway";
                check_port_refused(port,
                                   {quoted(name), "expected 1 to 15 of"});
            }
        }
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
