// Steps as values: turning one round twice gives it back, and their words
// keep addresses to themselves unless asked.
#include "samples.hh"

#include <boost/test/unit_test.hpp>
#include <regex>

namespace {

using namespace samples;

Ip
ip(const char *text)
{
    return *parse_ip(text);
}

Device
device(const char *mac, uint32_t mtu)
{
    Device out;
    out.mac = *parse_mac(mac);
    out.node_mac = *parse_mac("02:00:00:00:0b:01");
    out.mtu = mtu;
    out.index = 4;
    out.node_index = 5;
    return out;
}

Route
route(const char *prefix, const char *via)
{
    return {network(prefix), {{*parse_ip(via), "qg-a"}, {{}, "sg-a"}}};
}

struct Row {
    std::string words;
    Step step;
    // What the words hold once they may hold values.
    std::vector<std::string> values = {};
};

std::vector<Row>
all_rows()
{
    const Device a = device("02:00:00:00:0a:01", 1500);
    const Device b = device("02:00:00:00:0a:02", 1400);
    const Nat damaged{true, {}};
    const Nat one{false, {{"rules", {{"0x8a", "snat 198.51.100.10"}}}}};
    const Nat two{
        false,
        {{"rules",
          {{"0x8a", "snat 198.51.100.10"}, {"0x8b", "snat 203.0.113.7"}}}}};
    const Change_nat added{
        {{"rules", "0x8a", std::nullopt, "snat 198.51.100.10"},
         {"to4", "0x8a", std::nullopt, "198.51.100.10"}}};
    const End_flows ended{
        {7},
        {{*parse_ip("198.51.100.20"), 0, {0, 65535}, {}, {}}},
        {{*parse_ip("10.0.0.0"), *parse_ip("10.0.0.9")}}};
    const Switch_port there{
        "br-ex",
        std::nullopt,
        Wiring::veth,
        {{"attached-mac", "02:00:00:00:0a:01"}, {"snat-router", "demo"}}};
    Switch_port tagged = there;
    tagged.tag = 7;
    const Route v4 = route("0.0.0.0/0", "198.51.100.1");
    const Route v6 = route("2001:db8:5::/48", "fe80::1");
    return {
        {"make the namespace", Set_namespace{false, true}},
        {"drop the namespace", Set_namespace{true, false}},
        {"give the namespace its name", Set_name{false, true}},
        {"take the namespace's name away", Set_name{true, false}},
        {"load 1 NAT rule", Set_nat{std::nullopt, one}, {"198.51.100.10"}},
        {"load 2 NAT rules",
         Set_nat{one, two},
         {"198.51.100.10", "203.0.113.7"}},
        {"change 2 entries of the NAT tables, for 1 rule more and 0 rules "
         "less",
         added,
         {"add snat 198.51.100.10"}},
        {"for 0 rules more and 1 rule less",
         inverse(added),
         {"remove snat 198.51.100.10"}},
        {"end the flows of 1 removed rule, to 1 newly translated "
         "destination, from 1 newly translated source",
         ended},
        {"leave flows as they are", inverse(Step{ended})},
        {"unload the NAT rules", Set_nat{two, std::nullopt}},
        {"repair the 1 NAT rule", Set_nat{damaged, one}, {"198.51.100.10"}},
        {"leave the repaired NAT rules as they are", Set_nat{one, damaged}},
        {"set net/ipv4/ip_forward to 1",
         Set_sysctl{"net/ipv4/ip_forward", "0", "1"}},
        {"let go of net/ipv4/conf/sg-a/rp_filter",
         Set_sysctl{"net/ipv4/conf/sg-a/rp_filter", "1", ""}},
        {"make the veth pair sg-a",
         Set_device{"sg-a", std::nullopt, a},
         {"1500", "02:00:00:00:0a:01"}},
        {"change the device sg-a",
         Set_device{"sg-a", a, b},
         {"1400", "02:00:00:00:0a:02"}},
        {"delete the device sg-a", Set_device{"sg-a", b, std::nullopt}},
        {"move the device sg-a into the namespace",
         Move_device{"sg-a", true, a, b},
         {"1400", "02:00:00:00:0a:02"}},
        {"move the device sg-a out of the namespace",
         Move_device{"sg-a", false, a, b},
         {"1500", "02:00:00:00:0a:01"}},
        {"set sg-a up", Set_up{"sg-a", false, true}},
        {"set the neighbours that qg-a answers for from 0 addresses to 1 "
         "address",
         Set_proxies{"qg-a", {}, {*parse_ip("2001:db8::9")}},
         {"2001:db8::9"}},
        {"set sg-a down", Set_up{"sg-a", true, false}},
        {"addresses of sg-a from 0 addresses to 1 address",
         Set_addresses{"sg-a", {}, {network("10.0.0.1/24")}},
         {"from none", "10.0.0.1/24"}},
        {"addresses of sg-a from 2 addresses to 1 address",
         Set_addresses{"sg-a",
                       {network("10.0.0.1/24"), network("10.0.0.2/24")},
                       {network("2001:db8::1/64")}},
         {"10.0.0.1/24", "10.0.0.2/24", "2001:db8::1/64"}},
        {"add 2 addresses to sg-a",
         Change_hosts{"sg-a", {}, {ip("10.0.0.1"), ip("10.0.0.2")}},
         {"10.0.0.1", "10.0.0.2"}},
        {"remove 1 address from sg-a",
         Change_hosts{"sg-a", {ip("10.0.0.1")}, {}},
         {"10.0.0.1"}},
        {"add 1 address to sg-a, remove 1 address from sg-a",
         Change_hosts{"sg-a", {ip("10.0.0.1")}, {ip("10.0.0.2")}},
         {"10.0.0.1", "10.0.0.2"}},
        {"add the default route for IPv4",
         Set_route{std::nullopt, v4},
         {"0.0.0.0/0", "via 198.51.100.1 on qg-a", "on-link on sg-a"}},
        {"change a route for IPv6",
         Set_route{v6, v6},
         {"2001:db8:5::/48", "via fe80::1 on qg-a"}},
        {"remove a route for IPv6",
         Set_route{v6, std::nullopt},
         {"2001:db8:5::/48", "via fe80::1 on qg-a"}},
        {"add the port sg-a on the bridge br-ex, change the port sg-b on the "
         "bridge br-ex with VLAN 7, remove the port sg-c",
         Set_switch{{{"sg-a", std::nullopt, there},
                     {"sg-b", there, tagged},
                     {"sg-c", tagged, std::nullopt}}}},
        {"have the switch open sg-a, sg-b",
         Set_open{{"sg-a", "sg-b"}, false, true}},
        {"take sg-a from the switch", Set_open{{"sg-a"}, true, false}},
        {"wait until the switch has opened sg-a, sg-b",
         Await_open{{"sg-a", "sg-b"}, false, true}},
        {"wait no more for the switch to open sg-a",
         Await_open{{"sg-a"}, true, false}},
        {"delete the device qg-a, which is left over",
         Remove_abandoned{"qg-a"}},
        {"verify that nobody else has 3 addresses of qg-a",
         Verify{{{"qg-a",
                  {*parse_ip("198.51.100.10"), *parse_ip("198.51.100.11")}},
                 {"sg-a", {*parse_ip("10.0.0.1")}}}},
         {"qg-a: 198.51.100.10, 198.51.100.11, sg-a: 10.0.0.1"}},
        {"verify that 1 next hop answers on qg-a",
         Verify{{{"qg-a", {*parse_ip("fe80::1")}}}, true},
         {"qg-a: fe80::1"}},
    };
}

bool
has_address(const std::string &text)
{
    // IPv4; MAC or IPv6.
    static const std::regex any{
        R"(\d+\.\d+\.\d+\.\d+|[0-9a-fA-F]*:[0-9a-fA-F]*:)"};
    return std::regex_search(text, any);
}

} // namespace

BOOST_AUTO_TEST_SUITE(steps)

BOOST_AUTO_TEST_CASE(turned_round_twice_is_the_same)
{
    for (const Row &row : all_rows()) {
        BOOST_TEST_CONTEXT(row.words)
        {
            BOOST_TEST((inverse(inverse(row.step)) == row.step));
            BOOST_TEST(inverse(row.step).index() == row.step.index());
        }
    }
    for (const bool door2 : {false, true}) {
        for (const Sample &a : all(door2)) {
            for (const Sample &b : all(door2)) {
                for (const Step &step :
                     plan(wish(b.router), seen(a.router, b.router))) {
                    BOOST_TEST(inverse(inverse(step)) == step);
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(turned_round_swaps_the_sides)
{
    const Device a = device("02:00:00:00:0a:01", 1500);
    const Device b = device("02:00:00:00:0a:02", 1400);
    const Switch_port one{"br-ex", std::nullopt, Wiring::veth, {}};
    const Switch_port two{"br-ex", uint16_t{7}, Wiring::veth, {}};
    const std::pair<Step, Step> rows[] = {
        {Set_namespace{false, true}, Set_namespace{true, false}},
        {Set_name{false, true}, Set_name{true, false}},
        {Set_nat{std::nullopt, Nat{}}, Set_nat{Nat{}, std::nullopt}},
        {Set_sysctl{"k", "0", "1"}, Set_sysctl{"k", "1", "0"}},
        {Set_device{"l", a, b}, Set_device{"l", b, a}},
        {Move_device{"l", true, a, b}, Move_device{"l", false, a, b}},
        {Set_up{"l", false, true}, Set_up{"l", true, false}},
        {Set_addresses{"l", {}, {network("10.0.0.1/24")}},
         Set_addresses{"l", {network("10.0.0.1/24")}, {}}},
        {Change_hosts{"l", {ip("10.0.0.1")}, {ip("10.0.0.2")}},
         Change_hosts{"l", {ip("10.0.0.2")}, {ip("10.0.0.1")}}},
        {Set_route{std::nullopt, Route{}}, Set_route{Route{}, std::nullopt}},
        // In reverse order, as all that is undone.
        {Set_switch{{{"a", std::nullopt, one}, {"b", one, two}}},
         Set_switch{{{"b", two, one}, {"a", one, std::nullopt}}}},
    };
    for (const auto &[step, turned] : rows) {
        BOOST_TEST((inverse(step) == turned), step.index());
        BOOST_TEST((inverse(turned) == step), step.index());
    }
}

BOOST_AUTO_TEST_CASE(only_port_rows_are_the_switchs)
{
    for (const Row &row : all_rows()) {
        const bool is_switchs
            = std::holds_alternative<Set_switch>(row.step)
              || std::holds_alternative<Set_open>(row.step)
              || std::holds_alternative<Await_open>(row.step);
        const bool is_nobodys = std::holds_alternative<Verify>(row.step);
        BOOST_TEST(is_switch_step(row.step) == is_switchs, row.words);
        BOOST_TEST(is_kernel_step(row.step) == (!is_switchs && !is_nobodys),
                   row.words);
    }
}

BOOST_AUTO_TEST_CASE(words_hold_no_values_unless_asked)
{
    for (const Row &row : all_rows()) {
        BOOST_TEST_CONTEXT(row.words)
        {
            const std::string plain = words(row.step);
            BOOST_TEST(plain.find(row.words) != std::string::npos, plain);
            BOOST_TEST(!has_address(plain), plain);
            BOOST_TEST(!has_address(words(inverse(row.step))));
            const std::string full = words(row.step, true);
            for (const std::string &value : row.values) {
                BOOST_TEST(full.find(value) != std::string::npos,
                           "\"" << full << "\" has no " << value);
            }
            BOOST_TEST(has_address(full) == !row.values.empty(), full);
        }
    }
}

BOOST_AUTO_TEST_CASE(words_of_whole_plans_hold_no_values)
{
    for (const bool door2 : {false, true}) {
        for (const Sample &a : all(door2)) {
            for (const Sample &b : all(door2)) {
                for (const Step &step :
                     plan(wish(b.router), seen(a.router, b.router))) {
                    BOOST_TEST(!has_address(words(step)), words(step));
                }
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
