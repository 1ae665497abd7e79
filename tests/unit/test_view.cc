// Routers as ovs-snatctl shows and draws them.
#include "router/excerpt.hh"
#include "samples.hh"
#include "step/json.hh"
#include "view.hh"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace snat::view;

namespace {

Shown_port
port(const std::string &name, const std::string &role,
     const std::string &network)
{
    Shown_port port;
    port.name = name;
    port.role = role;
    port.bridge = role == "gateway" ? "br-ex" : "br-int";
    port.networks = {network};
    port.is.state = "active";
    return port;
}

Shown_rule
rule(const std::string &external, const std::string &logical)
{
    Shown_rule rule;
    rule.type = "dnat_and_snat";
    rule.external = external;
    rule.logical = logical;
    rule.is.state = "active";
    return rule;
}

Shown_router
healthy()
{
    Shown_router router;
    router.name = "demo";
    router.is.state = "active";
    router.is_wired = true;
    router.ports = {port("sg-demo", "internal", "10.0.0.1/24"),
                    port("qg-demo", "gateway", "198.51.100.10/24")};
    router.ports[1].gateway_ips = {"198.51.100.1"};
    router.ports[1].snat_ip = "198.51.100.10";
    router.rules = {rule("198.51.100.20", "10.0.0.5")};
    router.change = Shown_change{
        3, "edit", "committed", "", "2026-11-29 23:12:04", "87", ""};
    sort(router);
    return router;
}

bool
has(const std::string &text, const std::string &words)
{
    return text.find(words) != std::string::npos;
}

// Whether every '"', '<' and '>' of the graph is of its own making: what is
// left of it without quoted names and labels has none.
bool
is_well_formed(const std::string &dot)
{
    int depth = 0; // Of '<'.
    bool in_name = false;
    for (size_t i = 0; i < dot.size(); i++) {
        if (in_name) {
            if (dot[i] == '\\') {
                i++;
            } else {
                in_name = dot[i] != '"';
            }
        } else if (!depth && dot[i] == '"') {
            in_name = true;
        } else if (dot[i] == '<') {
            depth++;
        } else if (dot[i] == '>' && dot[i - 1] != '-') {
            depth--;
        }
        if (depth < 0 || depth > 2) {
            return false;
        }
    }
    return !in_name && !depth;
}

} // namespace

BOOST_AUTO_TEST_SUITE(view)

BOOST_AUTO_TEST_CASE(a_healthy_router_is_short)
{
    BOOST_TEST(
        tree_of(healthy())
        == "router demo: active\n"
           "    namespace snat-demo\n"
           "    change 3 (edit): committed, 2026-11-29 23:12:04, took 87 ms\n"
           "    port qg-demo: gateway on br-ex, 198.51.100.10/24, next hop "
           "198.51.100.1\n"
           "    port sg-demo: internal on br-int, 10.0.0.1/24\n"
           "    nat dnat_and_snat 198.51.100.20 = 10.0.0.5\n");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_told_once)
{
    auto router = healthy();
    router.is = {"failed", "port sg-demo: no such bridge"};
    router.ports[1].is = {"failed", "no such bridge"};
    router.ports[0].is = {"pending", "waits for other rows of its router: "
                                     "port sg-demo: no such bridge"};
    const auto tree = tree_of(router);
    BOOST_TEST(has(tree, "router demo: failed\n"
                         "    error: port sg-demo: no such bridge\n"));
    BOOST_TEST(has(tree, "    port sg-demo [failed]: internal on br-int, "
                         "10.0.0.1/24\n    nat"));
    BOOST_TEST(has(tree, "    port qg-demo [pending]: "));
    BOOST_TEST(!has(tree, "waits for other rows"));
}

Condition
waiting()
{
    return {"pending", "waits for other rows of its router: bad"};
}

BOOST_AUTO_TEST_CASE(what_waits_for_others_is_summed_up)
{
    auto router = healthy();
    router.is = {"failed", "bad"};
    for (int i = 0; i < 200; i++) {
        router.rules.push_back(rule("198.51.100.21", std::to_string(i)));
        router.rules.back().is = waiting();
    }
    router.rules.push_back(rule("198.51.100.22", "banana"));
    router.rules.back().is = {"failed", "banana is no address"};
    router.routes.emplace_back().is = waiting();
    const auto tree = tree_of(router);
    BOOST_TEST(!has(tree, "198.51.100.21"));
    BOOST_TEST(has(tree, "= banana [failed]\n"
                         "        error: banana is no address\n"
                         "    200 other NAT rules wait\n"
                         "    1 other route waits\n"));
    BOOST_TEST(has(dot_of({router}), "banana: failed"));
    BOOST_TEST(!waits_for_others({"failed", "banana"}));
}

BOOST_AUTO_TEST_CASE(exceptions_from_nat)
{
    auto router = healthy();
    Shown_rule exception;
    exception.type = "snat";
    exception.logical = "10.0.0.7";
    exception.no_nat = true;
    exception.options = {"no-nat=true"};
    exception.is.state = "active";
    router.rules = {exception};
    BOOST_TEST(has(tree_of(router), "nat snat 10.0.0.7: no-nat=true\n"));
    BOOST_TEST(has(dot_of({router}), ">no NAT for 10.0.0.7<"));
    exception.type = "dnat";
    exception.logical = "";
    exception.external = "198.51.100.10";
    exception.protocol = "tcp";
    exception.external_ports = "80";
    router.rules = {exception};
    BOOST_TEST(has(dot_of({router}), ">no forward of 198.51.100.10 tcp 80<"));
}

BOOST_AUTO_TEST_CASE(what_is_not_wired_is_not_promised)
{
    auto router = healthy();
    router.is_wired = false;
    router.enable_snat = false;
    router.is = {"disabled", ""};
    router.ports[0].is.state = router.ports[1].is.state = "disabled";
    BOOST_TEST(has(tree_of(router), "router demo: disabled\n"
                                    "    nothing is wired\n"
                                    "    options: without default SNAT\n"));
    const auto dot = dot_of({router});
    BOOST_TEST(!has(dot, "SNAT of all else"));
    BOOST_TEST(!has(dot, "namespace snat-demo"));
    router.ports.clear();
    BOOST_TEST(has(tree_of(router), "    no ports: nothing is wired\n"));
}

BOOST_AUTO_TEST_CASE(a_missing_bridge_is_marked)
{
    auto router = healthy();
    auto second = port("sg-2", "internal", "10.2.0.1/24");
    second.is = {"pending", "the bridge \"br-int\" does not exist"};
    for (const bool first : {true, false}) {
        auto ports = router.ports;
        ports.insert(first ? ports.begin() : ports.end(), second);
        auto shown = router;
        shown.ports = ports;
        const auto dot = dot_of({shown});
        BOOST_TEST(has(dot, ">bridge, does not exist<"));
        BOOST_TEST(has(dot, ">bridge<")); // The other one.
    }
}

BOOST_AUTO_TEST_CASE(what_is_special_is_told)
{
    auto router = healthy();
    router.enable_snat = false;
    router.options = {"change-rate=5"};
    router.ports[1].tag = "7";
    router.ports[1].mtu = "1400";
    router.ports[1].mac = "02:00:00:00:00:01";
    router.ports[1].options = {"wiring=veth"};
    Shown_route route;
    route.prefix = "10.9.0.0/24";
    route.by_source = true;
    route.next_hop = "10.0.0.9";
    route.metric = "10";
    route.table = "red";
    route.is.state = "active";
    router.routes = {route};
    router.rules[0].options = {"stateless=true"};
    router.rules_untold = 9;
    router.change->confirm_until = "2026-11-29 23:13:04";
    const auto tree = tree_of(router);
    for (const std::string words :
         {"namespace snat-demo: without default SNAT, change-rate=5\n",
          "internal on br-int, VLAN 7, 10.0.0.1/24,\n"
          "        MAC 02:00:00:00:00:01, MTU 1400, wiring=veth\n",
          "route from 10.9.0.0/24 via 10.0.0.9 metric 10 in table red\n",
          "nat dnat_and_snat 198.51.100.20 = 10.0.0.5: stateless=true\n",
          "    nat: 9 more\n",
          "        waits to be confirmed until 2026-11-29 23:13:04: "
          "ovs-snatctl confirm demo\n"}) {
        BOOST_TEST(has(tree, words), words << "is not in\n" << tree);
    }
}

BOOST_AUTO_TEST_CASE(people_count_to_ten)
{
    BOOST_TEST(natural_less("r2", "r10"));
    BOOST_TEST(natural_less("10.0.0.9/24", "10.0.0.10/24"));
    BOOST_TEST(!natural_less("r10", "r2"));
}

// Without rows here: the text of a change has what is wired.
BOOST_AUTO_TEST_CASE(wired_by_vsctl)
{
    const snat::Router wired = samples::three_ports(false);
    const auto text
        = dump(snat::to_json(snat::excerpt_of(wired, std::nullopt)));
    Shown_router router;
    router.name = wired.name;
    router.has_row = false;
    add_wired(router, text);
    BOOST_TEST(router.ports.size() == wired.ports.size());
    router.ports[0].by_vsctl = true;
    BOOST_TEST(has(tree_of(router),
                   ": wired by ovs-vsctl (ovs-appctl -t ovs-snatd router/show "
                       + router.name + " tells its state)\n"));
    const auto dot = dot_of({router});
    BOOST_TEST(has(dot, router.ports[0].name + ": by ovs-vsctl<"));
    BOOST_TEST(has(dot, ">its row is gone<")
               == has(dot, router.ports[1].name + ": its row is gone<"));
    BOOST_TEST(!has(dot, ": wired"));
    BOOST_TEST(router.is_wired);
    // With rows only ports of ovs-vsctl are news.
    auto by_both = healthy();
    auto users = wired;
    for (auto &[name, port] : users.ports) {
        port.switch_port = {};
    }
    users.ports.begin()->second.switch_port = snat::Switch_port{};
    const auto n = by_both.ports.size();
    add_wired(by_both,
              dump(snat::to_json(snat::excerpt_of(users, std::nullopt))));
    BOOST_TEST(by_both.ports.size() == n + users.ports.size() - 1);
    for (const std::string odd : {"", "{", "[]", "{\"userspace\":1}"}) {
        add_wired(router, odd);
    }
    BOOST_TEST(router.ports.size() == wired.ports.size());
}

BOOST_AUTO_TEST_CASE(a_text_may_count_too_few_rules)
{
    auto wired = snat::excerpt_of(samples::three_ports(false), std::nullopt);
    wired.router.nat = {samples::floating("198.51.100.20", "10.0.0.5")};
    wired.all_nat = snat::Nat_total{0, "0"};
    Shown_router router;
    router.has_row = false;
    add_wired(router, dump(snat::to_json(wired)));
    BOOST_TEST(router.rules.size() == 1);
    BOOST_TEST(router.rules_untold == 0);
}

BOOST_AUTO_TEST_CASE(a_graph_has_it_all)
{
    const auto dot = dot_of({healthy()});
    BOOST_TEST(is_well_formed(dot));
    for (const std::string words :
         {"namespace snat-demo", ">br-ex<", ">br-int<", "qg-demo: active",
          "sg-demo: active", "floating IP 198.51.100.20 = 10.0.0.5",
          "SNAT of all else by qg-demo to 198.51.100.10", ">198.51.100.1<",
          "\"port sg-demo of demo\" -> \"router demo\"",
          "\"router demo\" -> \"port qg-demo of demo\""}) {
        BOOST_TEST(has(dot, words), words << " is not in\n" << dot);
    }
}

BOOST_AUTO_TEST_CASE(a_graph_sums_up)
{
    auto router = healthy();
    for (int i = 0; i < 10'000; i++) {
        router.rules.push_back(rule("198.51.100.21", std::to_string(i)));
    }
    router.rules.back().is = {"failed", "no"};
    const auto dot = dot_of({router});
    BOOST_TEST(has(dot, "and 9,993 more"));
    BOOST_TEST(has(dot, "198.51.100.21 = 9999: failed"));
}

BOOST_AUTO_TEST_CASE(hostile_names_stay_names)
{
    for (const std::string evil :
         {"\"", "\\", "a\"]; evil [label=\"", "</td><td>", "<b>", "&amp;",
          "\n}", "\\N\\\"", "", "\x1b[31m"}) {
        auto router = healthy();
        router.name = router.ports[0].name = evil;
        router.ports[0].bridge = router.ports[1].bridge = evil;
        router.ports[0].networks = router.ports[1].gateway_ips = {evil};
        router.is = {evil, evil};
        router.rules[0].external = router.rules[0].is.state = evil;
        const auto dot = dot_of({router});
        BOOST_TEST(is_well_formed(dot), evil << " gives " << dot);
        BOOST_TEST(!has(dot, "<b></b>"));
        BOOST_TEST(!has(dot + tree_of(router), "\x1b"));
    }
}

BOOST_AUTO_TEST_SUITE_END()
