// From a Router back to rows: what is rewritten and accepted is the Router
// again, whatever the rows were before.
#include "router/rows_for.hh"

#include "asked.hh"

#include <random>

using namespace asked;

namespace {

// Rows of one router, right ones, at random.
class Random_rows {
public:
    explicit Random_rows(unsigned seed) : random_{seed} {}

    Router_row
    router()
    {
        Router_row row = demo({});
        row.enable_snat = !one_in(4);
        address_ = 0;
        for (const std::string name :
             {"qg-a", "qg-b", "sg-a", "sg-b", "eth0", "eth1"}) {
            if (!one_in(3)) {
                row.ports.push_back(port(name));
            }
        }
        std::ranges::shuffle(row.ports, random_);
        return row;
    }

private:
    bool
    one_in(int n)
    {
        return std::uniform_int_distribution{1, n}(random_) == 1;
    }

    // eth* may be anything; by its name it is no user's and none of ours.
    Port_row
    port(const std::string &name)
    {
        const bool is_door1 = name.ends_with('b') || name.ends_with('1');
        Port_row row = make_row(is_door1, name, network());
        const bool gateway
            = name.starts_with("eth") ? one_in(2) : name.starts_with("qg-");
        if (name.starts_with("eth") || one_in(3)) {
            row.role = gateway ? "gateway" : "internal";
            key(row, "snat-role", row.role);
        }
        while (one_in(2)) {
            row.networks.push_back(network());
        }
        key(row, "snat-networks", row.networks);
        if (gateway && one_in(2)) {
            row.gateway_ips = {"192.0.2.1"};
            if (one_in(2)) {
                row.gateway_ips.push_back("fe80::1");
            }
            key(row, "snat-gateway-ips", row.gateway_ips);
        }
        if (one_in(3)) {
            row.mtu = one_in(2) ? 1500 : 1400;
        }
        if (one_in(3)) {
            row.options[is_door1 ? "snat-scope" : "address-scope"]
                = one_in(2) ? "blue" : "6:red";
        }
        is_door1 ? door1_part(row, gateway) : door2_part(row, gateway);
        return row;
    }

    void
    door1_part(Port_row &row, bool gateway)
    {
        if (gateway && one_in(2)) {
            row.enable_snat = one_in(2) ? "false" : "true";
            row.options["snat-enable"] = row.enable_snat;
        }
    }

    void
    door2_part(Port_row &row, bool gateway)
    {
        if (one_in(2)) {
            row.bridge = one_in(2) ? "br-netdev" : "br-user";
        }
        if (one_in(3)) {
            row.tag = one_in(2) ? 0 : 7;
        }
        if (one_in(3)) {
            row.mac = one_in(2) ? "02:00:00:00:00:0A" : "02:00:00:00:00:0b";
        }
        if (one_in(2)) {
            row.wiring = one_in(3) ? "auto" : one_in(2) ? "veth" : "internal";
            row.options["wiring"] = row.wiring;
        }
        const auto &network = row.networks.back();
        if (gateway && one_in(2) && network.find(':') == network.npos) {
            row.snat_address = network.substr(0, network.find('/'));
            row.options["snat-address"] = row.snat_address;
        }
        for (const std::string way : {"in", "out"}) {
            if (gateway && one_in(3)) {
                row.options["rate-" + way] = one_in(2) ? "3000" : "4000";
                if (one_in(2)) {
                    row.options["burst-" + way] = "10";
                }
            }
        }
        if (one_in(3)) {
            row.options["mss-clamp"] = one_in(2) ? "pmtu" : "1300";
        }
        if (gateway && one_in(3)) {
            row.options["ndp-proxy"] = "2001:db8:1::/126, 2001:db8:2::5";
        }
        if (one_in(3)) {
            row.external_ids["iface-id"] = one_in(2) ? "some" : "other";
        }
        if (one_in(4)) {
            row.options["ndp-proxy"] = "";
        }
    }

    // No address is ever given twice.
    std::string
    network()
    {
        const auto n = std::to_string(++address_ * 7 % 200 + 1);
        return one_in(4) ? "2001:db8::" + n + "/64" : "10.0.0." + n + "/24";
    }

    static void
    key(Port_row &row, const char *name, const std::string &value)
    {
        if (row.is_door1()) {
            row.options[name] = value;
        }
    }
    static void
    key(Port_row &row, const char *name, const std::vector<std::string> &list)
    {
        std::string all;
        for (const auto &text : list) {
            all += (all.empty() ? "" : ", ") + text;
        }
        key(row, name, all);
    }

    std::mt19937 random_;
    int address_ = 0;
};

// All users' rows there are, as 'a' or 'b' has them, without their keys.
Writable
writable(const Router_row &now, const Router_row &other)
{
    Writable there{now, {}, {}};
    for (Port_row row : other.ports) {
        const bool is_in
            = std::ranges::find(now.ports, row.name, &Port_row::name)
              != now.ports.end();
        if (row.is_door1() && !is_in) {
            row = door1(row.name, "");
            row.options.clear();
            row.networks.clear();
            there.users.emplace(row.name, row);
        }
    }
    return there;
}

Router
accepted(const Router_row &row)
{
    const Accepted all = accept_demo(row);
    BOOST_TEST(all.refusals.empty(), summary(all.refusals));
    return all.router;
}

Asked
ask(const Router &router)
{
    return {router, Idle::no_rows};
}

Port_row &
port_of(Router_row &row, const std::string &name)
{
    return *std::ranges::find(row.ports, name, &Port_row::name);
}

// What door 1 is read from: only keys count.
bool
keys_say_it(const Port_row &row)
{
    const auto value = [&](const char *key) {
        const auto found = row.options.find(key);
        return found == row.options.end() ? "" : found->second;
    };
    return value("snat-role") == row.role
           && value("snat-enable") == row.enable_snat
           && value("snat-networks").empty() == row.networks.empty()
           && value("snat-gateway-ips").empty() == row.gateway_ips.empty();
}

} // namespace

BOOST_AUTO_TEST_SUITE(rows_for_routers)

BOOST_AUTO_TEST_CASE(rows_come_back_from_anywhere)
{
    size_t routers = 0;
    for (unsigned seed = 0; seed < 3000; seed++) {
        Random_rows random{seed};
        const Router_row a = random.router(), b = random.router();
        const Router wanted = accepted(b);
        if (wanted.ports.empty()) {
            continue;
        }
        BOOST_TEST_CONTEXT("seed " << seed)
        {
            const auto out = rows_for(writable(a, b), ask(wanted), {});
            BOOST_REQUIRE_MESSAGE(out.lacking.empty(), out.lacking.front());
            BOOST_REQUIRE((accepted(out.row) == wanted));
            for (const Port_row &port : out.row.ports) {
                BOOST_TEST((!port.is_door1() || keys_say_it(port)));
            }
            // And is left alone from then on.
            const auto again = rows_for({out.row, {}, {}}, ask(wanted), {});
            BOOST_TEST((again.row == out.row));
        }
        routers++;
    }
    BOOST_TEST(routers > 2000u);
}

BOOST_AUTO_TEST_CASE(what_means_the_same_is_left_to_the_letter)
{
    Router_row row = demo({make_gateway(true), make_internal(false)});
    row.ports[0].options["snat-networks"] = " 198.51.100.10/24 ,";
    row.ports[1].mac = "02:00:00:00:00:0A";
    row.ports[1].networks = {"2001:DB8:0::1/64", "10.0.0.1/24"};
    row.ports[1].options = {{"wiring", "auto"}, {"mss-clamp", ""}};
    row.ports[1].wiring = "auto";
    row.ports[1].mtu = 1500;
    row.enable_snat = false;
    const Router wanted = accepted(row);
    BOOST_TEST((rows_for({row, {}, {}}, ask(wanted), {}).row == row));
    // Only the other port is written.
    Router_row other = row;
    other.ports[0].networks = {"198.51.100.11/24"};
    other.ports[0].options["snat-networks"] = "198.51.100.11/24";
    const auto out = rows_for({other, {}, {}}, ask(wanted), {});
    BOOST_TEST((out.row.ports[1] == row.ports[1]));
    BOOST_TEST(out.row.ports[0].options.at("snat-networks")
               == "198.51.100.10/24");
    BOOST_TEST((accepted(out.row) == wanted));
}

BOOST_AUTO_TEST_CASE(unknown_keys_and_options_go_only_where_they_refuse)
{
    const Router wanted
        = accepted(demo({make_internal(true), door2("sg-b", "10.0.1.1/24")}));
    Router_row row = demo({make_internal(true), door2("sg-b", "10.0.1.1/24")});
    row.ports[0].options["snat-typo"] = "1";
    row.ports[1].options = {{"address-scope", "x/y"}, {"mss_clamp", "9"}};
    row.options = {{"max_routers", "7"}, {"change-rate", "7"}};
    row.nat = samples::nat_rows({samples::bad_nat_row("n1")});
    row.static_routes["r1"].id = {Table::static_route, "r1"};
    const auto out = rows_for({row, {}, {}}, ask(wanted), {});
    BOOST_TEST((accepted(out.row) == wanted));
    BOOST_TEST((out.row.options == Options{{"change-rate", "7"}}));
    // A router that does without such rows keeps them.
    row.options["refused-rows"] = "skip";
    Router_row skipping = rows_for({row, {}, {}}, ask(wanted), {}).row;
    BOOST_TEST(skipping.nat.size() == 1u);
    skipping.ports.push_back(door2("sg-c", "banana"));
    const Router_row again = rows_for({skipping, {}, {}}, ask(wanted), {}).row;
    BOOST_TEST(again.ports.size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_router_goes_or_asks_for_nothing)
{
    const Router_row row = demo({make_gateway(true), make_internal(false)});
    Router_row none;
    none.name = "demo";
    const auto becomes = [&](Idle idle) {
        return rows_for({row, {}, {}}, {std::nullopt, idle}, {}).row;
    };
    BOOST_TEST((becomes(Idle::no_rows) == none));
    Router_row disabled = row;
    disabled.enabled = false;
    BOOST_TEST((becomes(Idle::disabled) == disabled));
    BOOST_TEST((becomes(Idle::empty) == demo({})));
    // A disabled one comes back with what it has.
    BOOST_TEST(
        (rows_for({disabled, {}, {}}, ask(accepted(row)), {}).row == row));
    // And one without rows has them made.
    const auto made = rows_for(
        {none, {}, {}}, ask(accepted(demo({make_internal(false)}))), {});
    BOOST_TEST((made.row.id == Row_id{Table::router, ""}));
    BOOST_TEST((made.row.ports.at(0).id == Row_id{Table::router_port, ""}));
    BOOST_TEST((accepted(made.row) == accepted(demo({make_internal(false)}))));
}

BOOST_AUTO_TEST_CASE(defaults_that_have_changed_are_written_out)
{
    const Router wanted = accepted(demo({make_internal(false)}));
    Router_row row = demo({make_internal(false)});
    row.options["default-internal-bridge"] = "br-user";
    const auto out = rows_for({row, {}, {}}, ask(wanted), {});
    BOOST_TEST((accepted(out.row) == wanted));
    BOOST_TEST((out.row.ports[0].bridge == "br-int"));
    BOOST_TEST((out.row.options == row.options));
}

// Also of a router that had a row only for them.
BOOST_AUTO_TEST_CASE(settings_come_back)
{
    Router_row row = demo({make_internal(true)});
    row.options = {{"ct-limit", "5"}, {"ct-timeouts", "udp:7"}};
    const Router wanted = accepted(row);
    BOOST_TEST((rows_for({row, {}, {}}, ask(wanted), {}).row == row));
    Router_row bare = demo({make_internal(true)});
    bare.id.reset();
    const auto out = rows_for({bare, {}, {}}, ask(wanted), {});
    BOOST_TEST((accepted(out.row) == wanted));
    BOOST_TEST((out.row.id == Row_id{Table::router, ""}));
    row.options["ct-limit"] = "banana";
    BOOST_TEST(
        (accepted(rows_for({row, {}, {}}, ask(wanted), {}).row) == wanted));
}

BOOST_AUTO_TEST_CASE(what_cannot_come_back_is_named)
{
    const auto lacks = [](const Writable &there, const Router_row &wanted,
                          const std::vector<std::string> &parts) {
        const auto out = rows_for(there, ask(accepted(wanted)), {});
        BOOST_REQUIRE(out.lacking.size() == 1u);
        check_sentence(out.lacking[0], parts);
        return out.row;
    };
    const Router_row row = demo({make_gateway(true), make_internal(false)});
    const Router_row less = demo({make_internal(false)});
    lacks({less, {}, {}}, row, {"qg-a", "gone from the switch"});
    lacks({less, {}, {{"qg-a", "other"}}}, row, {"qg-a", "router other"});
    lacks({demo({make_gateway(true)}), {{"sg-a", make_internal(true)}}, {}},
          row, {"sg-a", "not ours"});
    lacks({demo({make_gateway(true), make_internal(true)}), {}, {}}, row,
          {"sg-a", "not ours"});
    // Parts of a user's row that only the user writes.
    Router_row other = row;
    port_of(other, "qg-a").mac = "02:00:00:00:00:0a";
    const auto kept = lacks({row, {}, {}}, other, {"qg-a", "attached-mac"});
    BOOST_TEST((kept == row));
    other = row;
    port_of(other, "qg-a").wiring = "";
    lacks({row, {}, {}}, other, {"qg-a", "type"});
}

BOOST_AUTO_TEST_SUITE_END()
