// Neutron's routers in rows of ours, and what becomes of rows that are there.
#include "neutron-merge.hh"
#include "neutron.hh"
#include "router/accept.hh"
#include "router/names.hh"

#include <boost/test/unit_test.hpp>
#include <set>

using namespace samples;
using namespace snat;
using neutron::becomes;
using neutron::Wanted_route;
using neutron::Wanted_router;
using neutron::wanted_rows;

namespace {

const neutron::Site site{"gw", "br-in", "br-out"};

Wanted_router
wanted(const std::string &text = neutron_text)
{
    return wanted_rows(neutron_router(text), site);
}

const Nat_row *
find_rule(const Wanted_router &router, const std::string &external_ip)
{
    const auto found
        = std::ranges::find(router.nat, external_ip, &Nat_row::external_ip);
    return found == router.nat.end() ? nullptr : &*found;
}

std::string
scope_of(const std::string &text)
{
    auto options = wanted(text).ports[0].options;
    return options["address-scope"];
}

// As if it had been written: with UUIDs.
Router_row
written(const Wanted_router &router)
{
    Router_row none;
    none.name = router.name;
    Router_row row = becomes(none, router, {});
    for (Port_row &port : row.ports) {
        port.id.uuid = "uuid-of-" + port.name;
    }
    Nat_rows rules;
    for (auto [id, rule] : row.nat) {
        rule.id.uuid = "uuid of " + id;
        rules.set(rule.id.uuid, rule);
    }
    row.nat = rules;
    return row;
}

void
put(std::string &text, const Options &options)
{
    for (const auto &[key, value] : options) {
        text += " " + key + "=" + value;
    }
}

// What the rows say, without UUIDs and in any order.
std::multiset<std::string>
contents(const Router_row &row)
{
    std::multiset<std::string> all;
    for (const Port_row &port : row.ports) {
        std::string text = port.name + " " + port.role + " "
                           + port.bridge.value_or("") + " " + port.mac + " "
                           + joined(port.networks, ",") + " "
                           + joined(port.gateway_ips, ",") + " "
                           + std::to_string(port.mtu.value_or(0));
        put(text, port.options);
        put(text, port.external_ids);
        all.insert(text);
    }
    for (const auto &[id, rule] : row.nat) {
        std::string text = rule.type + " " + rule.external_ip + " "
                           + rule.logical_ip + " " + rule.protocol + " "
                           + rule.external_port + " " + rule.internal_port;
        put(text, rule.options);
        all.insert(text);
    }
    if (!all.empty()) { // Else the row goes.
        all.insert(row.enabled ? "enabled" : "disabled");
        all.insert(row.enable_snat ? "with SNAT" : "without SNAT");
    }
    return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(neutron_rows)

BOOST_AUTO_TEST_CASE(of_a_router)
{
    const auto router = wanted();
    BOOST_TEST(router.name == "00000000-1111-4000-8000-000000000001");
    BOOST_TEST(router.here);
    BOOST_CHECK(router.options
                == Options({{"ct-helpers", "ftp:21/tcp,tftp:69/udp"}}));
    BOOST_CHECK(router.external_ids
                == Options({{"neutron:router_id", router.name},
                            {"neutron:revision_number", "7"}}));
    BOOST_CHECK(router.routes
                == std::vector<Wanted_route>(
                    {{"10.1.0.0/16", "10.0.0.254", ""},
                     {"203.0.113.0/24", "", "qg-aaaaaaaa-bb"}}));
    BOOST_TEST(!wanted(neutron_with("\"admin_state_up\": true",
                                    "\"admin_state_up\": false"))
                    .enabled);
    BOOST_TEST(!wanted(neutron_with("\"enable_snat\": true",
                                    "\"enable_snat\": false"))
                    .enable_snat);
    BOOST_TEST(router.left_out.empty());
}

BOOST_AUTO_TEST_CASE(of_the_gateway_port)
{
    const auto port = wanted().ports.at(0);
    BOOST_TEST(port.name == "qg-aaaaaaaa-bb");
    BOOST_TEST(port.role == "gateway");
    BOOST_TEST(port.bridge.value() == "br-out");
    BOOST_TEST(port.mac == "fa:16:3e:00:00:01");
    BOOST_TEST(port.mtu.value() == 1450);
    BOOST_CHECK(
        port.networks
        == std::vector<std::string>(
            {"198.51.100.10/24", "198.51.100.9/24", "2001:db8::10/64"}));
    BOOST_CHECK(port.gateway_ips
                == std::vector<std::string>({"198.51.100.1", "2001:db8::1"}));
    BOOST_CHECK(
        port.external_ids
        == Options({{"iface-id", "aaaaaaaa-bbbb-4000-8000-000000000001"}}));
    BOOST_CHECK(port.options
                == Options({{"address-scope",
                             "4:00000000-5555-4000-8000-000000000004,"
                             "6:00000000-5555-4000-8000-000000000006"},
                            {"ndp-proxy", "2001:db8:1::5"},
                            {"rate-in", "2000"},
                            {"burst-in", "100"},
                            {"rate-out", "1000"},
                            {"snat-address", "198.51.100.10"}}));
}

BOOST_AUTO_TEST_CASE(of_an_internal_port)
{
    const auto port = wanted().ports.at(1);
    BOOST_TEST(port.name == "sg-cccccccc-dd");
    BOOST_TEST(port.role == "internal");
    BOOST_TEST(port.bridge.value() == "br-in");
    BOOST_TEST(!port.mtu);
    BOOST_TEST(port.gateway_ips.empty());
    BOOST_CHECK(port.networks == std::vector<std::string>{"10.0.0.3/24"});
    BOOST_CHECK(port.options
                == Options({{"address-scope",
                             "4:00000000-5555-4000-8000-000000000004"}}));
}

BOOST_AUTO_TEST_CASE(of_address_scopes)
{
    const std::string four = "\"00000000-5555-4000-8000-000000000004\"";
    const std::string six = "\"00000000-5555-4000-8000-000000000006\"";
    BOOST_TEST(scope_of(neutron_with(six, four))
               == "00000000-5555-4000-8000-000000000004");
    BOOST_TEST(scope_of(neutron_with(four, "null"))
               == "6:00000000-5555-4000-8000-000000000006");
}

BOOST_AUTO_TEST_CASE(of_floating_ips)
{
    const auto router = wanted();
    BOOST_REQUIRE_EQUAL(router.nat.size(), 3u);
    const auto *floating = find_rule(router, "198.51.100.20");
    BOOST_REQUIRE(floating);
    BOOST_TEST(floating->type == "dnat_and_snat");
    BOOST_TEST(floating->logical_ip == "10.0.0.5");
    BOOST_CHECK(
        floating->options
        == Options(
            {{"rate-in", "2000"}, {"burst-in", "100"}, {"rate-out", "1000"}}));
    BOOST_TEST(!find_rule(router, "198.51.100.21"));
    const auto *forward = find_rule(router, "198.51.100.22");
    BOOST_REQUIRE(forward);
    BOOST_TEST(forward->type == "dnat");
    BOOST_TEST(forward->protocol == "tcp");
    BOOST_TEST(forward->external_port == "8080");
    BOOST_TEST(forward->internal_port == "80");
    BOOST_TEST(router.nat.back().external_port == "5000-5010");
}

BOOST_AUTO_TEST_CASE(rates_of_forwards_are_left_out_aloud)
{
    const auto router = wanted(neutron_with(
        R"("id": "f3",)",
        R"("qos_policy_id": "00000000-9999-4000-8000-000000000001",)"));
    BOOST_TEST(router.left_out.size() == 1u);
    BOOST_TEST(router.nat.size() == 3u);
}

BOOST_AUTO_TEST_CASE(of_a_legacy_router)
{
    std::string text
        = neutron_with("\"distributed\": true", "\"distributed\": false");
    text.replace(text.find("\"_interfaces\""), 13, "\"other\"");
    text.replace(text.find("\"_snat_router_interfaces\""), 25,
                 "\"_interfaces\"");
    const auto router = wanted(text);
    BOOST_TEST(router.ports.at(1).name == "sg-cccccccc-dd");
    BOOST_TEST(router.nat.size() == 4u); // All floating IPs are its.
}

BOOST_AUTO_TEST_CASE(routers_of_other_nodes)
{
    const auto is_here = [](const std::string &host, bool distributed) {
        auto router
            = neutron_router(neutron_with("\"gw_port_host\": \"gw\"", host));
        router.distributed = distributed;
        return wanted_rows(router, site).here;
    };
    BOOST_TEST(is_here("\"gw_port_host\": \"gw\"", true));
    BOOST_TEST(!is_here("\"gw_port_host\": \"other\"", true));
    BOOST_TEST(!is_here("\"gw_port_host\": null", true));
    BOOST_TEST(!is_here("\"x\": null", true));
    BOOST_TEST(is_here("\"gw_port_host\": \"gw\"", false));
    BOOST_TEST(!is_here("\"gw_port_host\": \"other\"", false));
    BOOST_TEST(is_here("\"x\": null", false));
    const auto none = wanted(neutron_with("\"gw_port\": {", "\"x\": {"));
    BOOST_TEST(!none.here);
    BOOST_TEST(none.elsewhere == "");
    const auto other = wanted(
        neutron_with("\"gw_port_host\": \"gw\"", "\"gw_port_host\": \"gw1\""));
    BOOST_TEST(other.elsewhere == "gw1");
    BOOST_TEST(wanted().elsewhere == "");
    BOOST_TEST(none.ports.empty());
}

// Nobody would know what is wrong with rows that nobody wrote by hand.
BOOST_AUTO_TEST_CASE(the_validator_takes_them)
{
    const auto router = wanted();
    Surroundings around;
    around.bridges = {{"br-in", true}, {"br-out", true}};
    const auto accepted = accept(written(router), around, Limits{});
    for (const Refusal &refusal : accepted.refusals) {
        BOOST_ERROR(refusal.name << ": " << refusal.what);
    }
    BOOST_TEST(accepted.router.ports.size() == 2u);
    BOOST_TEST(accepted.rules.size() == 3u);
}

BOOST_AUTO_TEST_CASE(the_same_is_the_same)
{
    const auto row = written(wanted());
    BOOST_CHECK(becomes(row, wanted(), {}) == row);
    auto turned = row;
    std::ranges::reverse(turned.ports);
    BOOST_CHECK(becomes(turned, wanted(), {}) == turned);
}

// From whatever was there it is what it would be from nothing.
BOOST_AUTO_TEST_CASE(from_any_to_any)
{
    const std::pair<std::string, std::string> edits[] = {
        {"", ""},
        {"198.51.100.9", "198.51.100.8"},
        {"1450", "1400"},
        {"fa:16:3e:00:00:02", "fa:16:3e:00:00:03"},
        {"\"dvr_snat_bound\": false", "\"dvr_snat_bound\": true"},
        {"10.0.0.5", "10.0.0.8"},
        {"8080", "8081"},
        {"cccccccc-dddd", "cccccccc-eeee"},
        {"\"max_kbps\": 2000", "\"max_kbps\": 3000"},
        {"\"admin_state_up\": true", "\"admin_state_up\": false"},
        {"\"enable_snat\": true", "\"enable_snat\": false"},
        {"\"gateway_ip\": \"198.51.100.1\"", "\"gateway_ip\": null"},
        {"\"00000000-5555-4000-8000-000000000006\"", "null"},
        {"\"gw_port_host\": \"gw\"", "\"gw_port_host\": null"},
    };
    std::vector<Wanted_router> all;
    for (const auto &[passage, other] : edits) {
        all.push_back(wanted(neutron_with(passage, other)));
    }
    for (const auto &before : all) {
        for (const auto &after : all) {
            const auto row = becomes(written(before), after, {});
            BOOST_TEST(contents(row) == contents(written(after)));
            BOOST_CHECK(
                (row == written(before))
                == (contents(written(after)) == contents(written(before))));
        }
    }
}

BOOST_AUTO_TEST_CASE(rows_of_others_stay)
{
    auto row = written(wanted());
    Port_row port;
    port.id = {Table::router_port, "foreign port"};
    port.name = "sg-foreign";
    Nat_row rule;
    rule.id = {Table::nat, "foreign rule"};
    rule.type = "snat";
    row.ports.push_back(port);
    row.nat.set(rule.id.uuid, rule);
    BOOST_CHECK(becomes(row, wanted(), {"foreign port", "foreign rule"})
                == row);
    Wanted_router gone;
    gone.name = row.name;
    const auto rest = becomes(row, gone, {"foreign port", "foreign rule"});
    BOOST_CHECK(rest.ports == std::vector{port});
    BOOST_TEST(rest.nat.size() == 1u);
    BOOST_TEST(becomes(row, gone, {}).ports.empty());
}

BOOST_AUTO_TEST_CASE(a_rule_of_others_that_says_the_same_is_enough)
{
    const auto row = written(wanted());
    const auto id = row.nat.begin()->first;
    BOOST_CHECK(becomes(row, wanted(), {id}) == row);
    auto other = wanted();
    for (Nat_row &rule : other.nat) {
        rule.options["rate-in"] = "3000";
    }
    BOOST_TEST(becomes(row, other, {id}).nat.size() == 4u);
}

BOOST_AUTO_TEST_CASE(what_neutron_does_not_know_of_stays)
{
    auto row = written(wanted());
    row.ports[0].options["wiring"] = "veth";
    row.ports[0].tag = 7;
    auto rule = row.nat.begin()->second;
    rule.options["log"] = "true";
    row.nat.set(rule.id.uuid, rule);
    BOOST_CHECK(becomes(row, wanted(), {}) == row);
    // Also where something else changes.
    auto other = wanted();
    other.ports[0].mtu = 1400;
    for (Nat_row &nat : other.nat) {
        nat.options["rate-in"] = "3000";
    }
    const auto changed = becomes(row, other, {});
    BOOST_TEST(changed.ports[0].mtu.value() == 1400);
    BOOST_TEST(changed.ports[0].options.at("wiring") == "veth");
    BOOST_TEST(changed.ports[0].tag.value() == 7);
    size_t logged = 0;
    for (const auto &[id, nat] : changed.nat) {
        BOOST_TEST(nat.options.at("rate-in") == "3000");
        logged += nat.options.contains("log");
    }
    BOOST_TEST(logged == 1u);
}

BOOST_AUTO_TEST_CASE(what_is_unset_goes)
{
    const auto row = written(wanted());
    auto other = wanted();
    other.ports[0].options.clear();
    other.ports[0].mtu.reset();
    const auto changed = becomes(row, other, {});
    BOOST_TEST(changed.ports[0].options.empty());
    BOOST_TEST(!changed.ports[0].mtu);
    BOOST_TEST(changed.ports[0].id.uuid == row.ports[0].id.uuid);
}

BOOST_AUTO_TEST_SUITE_END()
