// Address scopes, segment sizes and neighbours that are answered for: their
// texts, which rows have them, the tables they become, what a trace tells.
#include "asked.hh"
#include "samples.hh"

#include "router/port_entries.hh"
#include "router/rows_for.hh"
#include "router/rules.hh"
#include "router/trace.hh"
#include "router/translate.hh"

using namespace asked;
using namespace samples;

namespace {

using Strings = std::vector<std::string>;

// With these scopes of qg-a, sg-a and sg-b.
Router
scoped(const char *gateway, const char *a, const char *b)
{
    Router router = three_ports(true);
    for (const auto &[name, text] :
         {std::pair{"qg-a", gateway}, {"sg-a", a}, {"sg-b", b}}) {
        if (*text) {
            router.ports[name].scopes = *parse_scopes(text);
        }
    }
    return router;
}

Strings
entries_of(const Router &router, const std::string &table)
{
    const Nat nat = translate(router);
    Strings out;
    for (const auto &[key, value] : nat.table(table)) {
        out.push_back(key + (value.empty() ? "" : " = " + value));
    }
    return out;
}

// The ports that what comes in by 'from' may leave by untranslated.
std::set<std::string>
reach(const Nat &nat, const std::string &family, const std::string &from)
{
    std::set<std::string> ports;
    const std::string *scope = nat.table("scopes" + family).find(from);
    BOOST_REQUIRE(scope);
    for (const auto &[key, value] : nat.table("within" + family)) {
        if (key.starts_with(*scope + " . ")) {
            ports.insert(key.substr(scope->size() + 3));
        }
    }
    return ports;
}

std::string
told(const Router &router, const char *in_port, const char *src,
     const char *dst)
{
    Packet packet;
    packet.in_port = in_port;
    packet.src = *parse_ip(src);
    packet.dst = *parse_ip(dst);
    const Trace trace = snat::trace(router, packet);
    return (trace.source ? to_string(trace.source->address) : "kept")
           + (trace.dropped.empty() ? "" : ": " + trace.dropped);
}

// The sources whose flows the change ends, or its undo.
Strings
ended(const Router &before, const Router &after, bool by_undo = false)
{
    auto steps = plan(wish(after), seen(before, after));
    if (by_undo) {
        steps = inverse(steps);
    }
    Strings out;
    for (const Step &step : steps) {
        const auto *end = std::get_if<End_flows>(&step);
        if (end && end->becomes) {
            for (const Ip_range &range : end->untranslated) {
                out.push_back(to_string(range));
            }
        }
    }
    return out;
}

const char *const host = "10.0.0.5", *const peer = "203.0.113.7";

using Names = std::set<std::string>;

} // namespace

BOOST_AUTO_TEST_SUITE(forwarding)

BOOST_AUTO_TEST_CASE(scopes_there_and_back)
{
    for (const std::string text :
         {"blue", "4:blue", "6:blue", "4:blue,6:red", "a.b_c-D9"}) {
        const auto scopes = parse_scopes(text);
        BOOST_REQUIRE(bool(scopes));
        BOOST_TEST(to_string(*scopes) == text);
    }
    BOOST_TEST((*parse_scopes("blue") == Scopes{"blue", "blue"}));
    BOOST_TEST((*parse_scopes("6:red, 4:blue") == Scopes{"blue", "red"}));
    BOOST_TEST((*parse_scopes("4:blue,6:blue") == Scopes{"blue", "blue"}));
    BOOST_TEST(to_string(Scopes{}) == "");
    BOOST_TEST((*parse_scopes("") == Scopes{}));
    BOOST_TEST(bool(parse_scopes(std::string(64, 'a'))));
}

BOOST_AUTO_TEST_CASE(what_is_no_scope)
{
    for (const std::string text :
         {",", ":", "4:", "6:", "5:blue", "4:blue,4:red", "4:a,6:b,4:c",
          "blue,red", "4:blue,red", "4:4:blue", "blue ", "a/b"}) {
        check_error(parse_scopes(text), {"expected a scope", "4:SCOPE"});
    }
    check_error(parse_scopes(std::string(65, 'a')), {"1 to 64"});
    for (const std::string &text : hostile) {
        check_error(parse_scopes(text), {"expected a scope"});
    }
}

BOOST_AUTO_TEST_CASE(segment_sizes)
{
    for (const std::string text : {"pmtu", "88", "1400", "65495"}) {
        const auto clamp = parse_mss_clamp(text);
        BOOST_REQUIRE(bool(clamp));
        BOOST_TEST(to_string(*clamp) == text);
    }
    BOOST_TEST(to_string(Mss_clamp{}) == "");
    BOOST_TEST((*parse_mss_clamp("") == Mss_clamp{}));
    for (const std::string text :
         {"87", "65496", "-88", "1400 ", "0x500", "PMTU", "99999999999"}) {
        check_error(parse_mss_clamp(text), {"expected pmtu", "88 to 65495"});
    }
}

BOOST_AUTO_TEST_CASE(proxies_there_and_back)
{
    const auto prefixes
        = parse_ndp_proxy("2001:db8::9, 2001:db8::100/126 2001:db8::9/128");
    BOOST_REQUIRE(bool(prefixes));
    BOOST_TEST(ndp_proxy_text(*prefixes)
               == "2001:db8::9/128 2001:db8::100/126");
    const auto ips = proxies_of(*prefixes);
    BOOST_TEST(ips.size() == 5u);
    BOOST_TEST(ips.contains(*parse_ip("2001:db8::103")));
    BOOST_TEST(!ips.contains(*parse_ip("2001:db8::104")));
    BOOST_TEST(
        proxies_of(*parse_ndp_proxy("2001:db8::f00/120, 2001:db8::fff")).size()
        == 256u);
    BOOST_TEST(parse_ndp_proxy(" ,")->empty());
}

BOOST_AUTO_TEST_CASE(what_is_no_proxy)
{
    for (const std::string text :
         {"10.0.0.1", "2001:db8::/119", "2001:db8::1/120", "fe80::1",
          "ff02::1", "::", "2001:db8::1/129", "2001:db8::1;2001:db8::2"}) {
        check_error(parse_ndp_proxy(text), {"expected IPv6", "/120"});
    }
    std::string many;
    for (const char *const digit : {"0", "1", "2", "3"}) {
        many += std::string{"2001:db8:"} + digit + "::/120,";
    }
    BOOST_TEST(bool(parse_ndp_proxy(many)));
    check_error(parse_ndp_proxy(many + "2001:db8:9::1"),
                {"1025 addresses", "at most 1024"});
}

BOOST_AUTO_TEST_CASE(rows_have_scopes_in_either_door)
{
    for (const bool is_door1 : {true, false}) {
        const char *key = is_door1 ? "snat-scope" : "address-scope";
        for (Port_row row :
             {make_gateway(is_door1), make_internal(is_door1)}) {
            row.options[key] = "4:blue,6:red";
            BOOST_TEST((read_good(row).scopes == Scopes{"blue", "red"}));
            row.options[key] = "4:blue,4:red";
            check_port_refused(row, {key, "\"4:blue,4:red\"", "expected"});
        }
    }
}

BOOST_AUTO_TEST_CASE(rows_of_door_2_have_the_rest)
{
    Port_row row = make_gateway(false);
    row.options = {{"mss-clamp", "pmtu"}, {"ndp-proxy", "2001:db8::9"}};
    const Port port = read_good(row);
    BOOST_TEST(port.mss_clamp.to_path);
    BOOST_TEST(ndp_proxy_text(port.ndp_proxy) == "2001:db8::9/128");
    row.options = {{"mss-clamp", "small"}};
    check_port_refused(row, {"mss-clamp", "\"small\"", "expected pmtu"});
    row.options = {{"ndp-proxy", "10.0.0.5"}};
    check_port_refused(row, {"ndp-proxy", "\"10.0.0.5\"", "expected IPv6"});
    row.options = {{"ndp-proxy", "2001:db8::9"}};
    row.mtu = 1279;
    check_port_refused(row, {"ndp-proxy", "1279", "at least 1280"});
    Port_row internal = make_internal(false);
    internal.options = {{"ndp-proxy", "2001:db8::9"}};
    check_port_refused(internal, {"ndp-proxy", "on gateway ports only"});
}

BOOST_AUTO_TEST_CASE(rows_that_mean_the_same_stay_to_the_letter)
{
    Port_row row = make_gateway(false);
    row.options = {{"address-scope", "6:blue, 4:blue"},
                   {"mss-clamp", "1400"},
                   {"ndp-proxy", "2001:db8::9 2001:db8::8"}};
    const Port wanted = accept_demo(demo({row})).router.ports.at("qg-a");
    BOOST_TEST(
        (rewrite_port(demo({row}), row, wanted, {})->options == row.options));
    row.options["mss-clamp"] = "1300";
    row.options["address-scope"] = "red";
    BOOST_TEST((rewrite_port(demo({row}), row, wanted, {})->options
                == Options{{"address-scope", "blue"},
                           {"mss-clamp", "1400"},
                           {"ndp-proxy", "2001:db8::9 2001:db8::8"}}));
    BOOST_TEST(
        (rewrite_port(
             demo({row}), row,
             accept_demo(demo({make_gateway(false)})).router.ports.at("qg-a"),
             {})
             ->options
         == Options{}));
}

BOOST_AUTO_TEST_CASE(without_a_scope_there_are_no_entries)
{
    const Nat nat = translate(scoped("", "", ""));
    for (const char *table : {"scopes4", "scopes6", "within4", "within6",
                              "unlisted6", "mss_of_path", "most_mss"}) {
        BOOST_TEST(!nat.tables.contains(table), table);
    }
}

BOOST_AUTO_TEST_CASE(ports_reach_those_of_their_scope)
{
    const Nat nat = translate(scoped("4:blue", "blue", ""));
    BOOST_TEST((reach(nat, "4", "qg-a") == Names{"qg-a", "sg-a"}));
    BOOST_TEST((reach(nat, "4", "sg-b") == Names{"sg-b"}));
    BOOST_TEST((reach(nat, "6", "qg-a") == Names{"qg-a", "sg-b"}));
    BOOST_TEST((reach(nat, "6", "sg-a") == Names{"sg-a"}));
}

// FNV-1a of both is 0xe460d8b6.
BOOST_AUTO_TEST_CASE(scopes_of_one_hash_are_two)
{
    BOOST_REQUIRE(hash_of("altarage") == hash_of("zinke"));
    const Nat nat = translate(scoped("altarage", "zinke", "altarage"));
    BOOST_TEST((reach(nat, "4", "qg-a") == Names{"qg-a", "sg-b"}));
    BOOST_TEST((reach(nat, "4", "sg-a") == Names{"sg-a"}));
}

BOOST_AUTO_TEST_CASE(entries_of_segment_sizes)
{
    Router router = three_ports(true);
    router.ports["qg-a"].mss_clamp = {true, 0};
    router.ports["sg-a"].mss_clamp = {false, 1300};
    BOOST_TEST(entries_of(router, "mss_of_path") == Strings{"qg-a"});
    BOOST_TEST(entries_of(router, "most_mss") == Strings{"sg-a = 1300"});
}

// In the networks inside that are in the port's scope, all but those listed.
BOOST_AUTO_TEST_CASE(entries_of_proxies)
{
    Router router = scoped("", "", "6:red");
    router.ports["sg-a"].networks.push_back(network("2001:db8:1::1/64"));
    router.ports["sg-b"].networks.push_back(network("2001:db8:2::1/64"));
    router.ports["qg-a"].ndp_proxy
        = *parse_ndp_proxy("2001:db8:1::5, 2001:db8:9::5");
    const Strings made = entries_of(router, "unlisted6"),
                  wanted = {"qg-a . 2001:db8:1::-2001:db8:1::4",
                            "qg-a . 2001:db8:1::6-"
                            "2001:db8:1:0:ffff:ffff:ffff:ffff"};
    BOOST_TEST(made == wanted, boost::test_tools::per_element());
    BOOST_TEST(told(router, "qg-a", "2001:db8::1", "2001:db8:1::6")
               == "kept: not among the NDP proxies");
    BOOST_TEST(told(router, "qg-a", "2001:db8::1", "2001:db8:1::5") == "kept");
    const Wired wired = wire(router);
    BOOST_TEST((wired.links.at("qg-a").proxies
                == std::set<Ip>{*parse_ip("2001:db8:1::5"),
                                *parse_ip("2001:db8:9::5")}));
    BOOST_TEST(wired.sysctls.at("net/ipv6/conf/qg-a/proxy_ndp") == "1");
    BOOST_TEST(!wired.sysctls.contains("net/ipv6/conf/sg-a/proxy_ndp"));
}

BOOST_AUTO_TEST_CASE(a_trace_tells_what_a_scope_drops)
{
    const Router apart = scoped("blue", "blue", "red");
    BOOST_TEST(told(apart, "sg-a", host, peer) == "kept");
    BOOST_TEST(told(apart, "sg-b", "10.0.1.5", peer) == "198.51.100.10");
    BOOST_TEST(told(apart, "sg-a", host, "10.0.1.5") == "kept: other scope");
    BOOST_TEST(told(apart, "qg-a", peer, "10.0.1.5") == "kept: other scope");
    BOOST_TEST(told(apart, "qg-a", peer, host) == "kept");
    const Router none = scoped("", "", "");
    BOOST_TEST(told(none, "sg-a", host, peer) == "198.51.100.10");
    BOOST_TEST(told(none, "sg-a", host, "10.0.1.5") == "kept");
    Router with_rules = scoped("blue", "blue", "red");
    with_rules.nat = {floating("198.51.100.20", "10.0.1.5"),
                      floating("198.51.100.21", host)};
    BOOST_TEST(told(with_rules, "qg-a", peer, "198.51.100.20") == "kept");
    BOOST_TEST(told(with_rules, "sg-a", host, peer) == "198.51.100.21");
}

// Of what a port leaves as it is, as it is of one scope with where it comes
// from, no flow goes on once that is over.
BOOST_AUTO_TEST_CASE(flows_that_shall_be_translated_end)
{
    const Router one = scoped("blue", "blue", "red"),
                 other = scoped("blue", "red", "red"),
                 none = scoped("", "", "");
    const Strings of_a = {"10.0.0.0-10.0.0.255"};
    BOOST_TEST(ended(one, other) == of_a);
    BOOST_TEST(ended(one, none) == of_a, boost::test_tools::per_element());
    BOOST_TEST(ended(other, one) == Strings{});
    BOOST_TEST(ended(other, one, true) == of_a);
    BOOST_TEST(ended(none, other) == Strings{});
}

// And nothing else of the router is touched.
BOOST_AUTO_TEST_CASE(a_scope_is_one_change_of_entries)
{
    const Router before = scoped("", "", ""), after = scoped("", "blue", "");
    for (const Step &step : plan(wish(after), seen(before, after))) {
        BOOST_TEST(std::holds_alternative<Change_nat>(step), step);
    }
}

// What is no more asked for is as the kernel had it.
BOOST_AUTO_TEST_CASE(proxies_go_with_their_sysctl)
{
    Router with = three_ports(true);
    with.ports["qg-a"].ndp_proxy = *parse_ndp_proxy("2001:db8::9");
    const Router without = three_ports(true);
    Picture now = seen(with, without);
    Strings words_of_steps;
    for (const Step &step : plan(wish(without), now)) {
        words_of_steps.push_back(words(step));
        act(now, step);
    }
    const Strings wanted = {"set net/ipv6/conf/qg-a/proxy_ndp to 0",
                            "set the neighbours that qg-a answers for from 1 "
                            "address to 0 addresses"};
    BOOST_TEST(words_of_steps == wanted, boost::test_tools::per_element());
    BOOST_TEST(plan(wish(without), now).empty());
}

BOOST_AUTO_TEST_SUITE_END()
