// NAT rules beside one another and in their router: which can be together, who
// stays where they cannot, and that many are no burden.
#include "asked.hh"
#include "router/accept_nat.hh"
#include "router/rows_for.hh"
#include "samples.hh"

#include <chrono>

using namespace asked;
using samples::floating;
using samples::forward;
using samples::nat_rows;

namespace {

Nat_rule
source(const char *external, const char *network)
{
    Nat_rule rule;
    rule.external = *parse_ip(external);
    rule.logical = *parse_network(network);
    rule.random_ports = true;
    return rule;
}

Nat_rule
ports(Nat_rule rule, uint16_t first, uint16_t last)
{
    rule.external_ports = rule.internal_ports = Port_range{first, last};
    return rule;
}

Nat_rule
on(Nat_rule rule, const char *gateway_port)
{
    rule.gateway_port = gateway_port;
    return rule;
}

Nat_rule
only_for(Nat_rule rule, const char *peers)
{
    rule.allowed = {*parse_network(peers)};
    return rule;
}

Nat_rule
not_for(Nat_rule rule, const char *peers)
{
    rule.exempted = {*parse_network(peers)};
    return rule;
}

Nat_rule
whole(Nat_rule rule)
{
    rule.type = Nat_type::dnat;
    return rule;
}

Router
router()
{
    Router out = samples::three_ports(true);
    out.ports["qg-b"] = samples::port("qg-b", "192.0.2.10/24", true);
    return out;
}

// How the last of them is refused; empty if none is.
std::string
refusal_of(const std::vector<Nat_rule> &all)
{
    const Router where = router();
    Nat_rules rules{where};
    for (const Nat_rule &rule : all) {
        if (const Check refused = rules.add(rule)) {
            BOOST_TEST((&rule == &all.back()), to_string(rule));
            return refused->what;
        }
    }
    return "";
}

void
check_conflict(const Nat_rule &first, const Nat_rule &second)
{
    for (const auto &[one, other] :
         {std::pair{first, second}, std::pair{second, first}}) {
        check_sentence(refusal_of({one, other}),
                       {"conflicts with", to_string(one), "one of them"});
    }
}

void
check_together(const Nat_rule &first, const Nat_rule &second)
{
    BOOST_TEST(refusal_of({first, second}) == "");
    BOOST_TEST(refusal_of({second, first}) == "");
}

Nat_row
row_of(const Nat_rule &rule)
{
    Nat_row row = nat_rows_for({}, {rule}, false).begin()->second;
    row.id.uuid = to_string(rule);
    return row;
}

// One that takes longer costs more than so many rules may.
class Stopwatch {
public:
    double
    seconds() const
    {
        return std::chrono::duration<double>(clock::now() - start_).count();
    }

private:
    using clock = std::chrono::steady_clock;
    clock::time_point start_ = clock::now();
};

} // namespace

BOOST_AUTO_TEST_SUITE(accept_nat_rules)

BOOST_AUTO_TEST_CASE(rules_that_conflict)
{
    const Nat_rule fip = floating("198.51.100.20", "10.0.0.5");
    check_conflict(fip, floating("198.51.100.20", "10.0.0.6"));
    check_conflict(fip, floating("198.51.100.21", "10.0.0.5"));
    check_conflict(fip, whole(floating("198.51.100.20", "10.0.0.6")));
    check_conflict(forward("198.51.100.20", 80), forward("198.51.100.20", 80));
    const Nat_rule network = source("198.51.100.22", "10.0.1.0/24");
    check_conflict(network, source("198.51.100.23", "10.0.1.0/24"));
    Nat_rule kept = floating("198.51.100.20", "10.0.0.5");
    kept.type = Nat_type::dnat;
    kept.no_nat = true;
    kept.logical.reset();
    check_conflict(kept, on(kept, "qg-a"));
}

BOOST_AUTO_TEST_CASE(rules_that_can_be_together)
{
    const Nat_rule fip = floating("198.51.100.20", "10.0.0.5");
    // A forward comes before the floating IP, and an exception before both.
    check_together(fip, forward("198.51.100.20", 80));
    Nat_rule kept = whole(fip);
    kept.no_nat = true;
    kept.logical.reset();
    check_together(fip, kept);
    check_together(fip, source("198.51.100.20", "10.0.0.5/32"));
    check_together(fip, floating("2001:db8::20", "2001:db8:1::5"));
    check_together(forward("198.51.100.20", 80), forward("198.51.100.21", 80));
    Nat_rule udp = forward("198.51.100.20", 80);
    udp.protocol = Protocol::udp;
    check_together(udp, forward("198.51.100.20", 80));
    // A longer prefix goes first.
    check_together(source("198.51.100.22", "10.0.1.0/24"),
                   source("198.51.100.23", "10.0.1.0/25"));
}

BOOST_AUTO_TEST_CASE(ranges_of_ports)
{
    const Nat_rule web = forward("198.51.100.20", 80);
    const Nat_rule some = ports(web, 100, 200);
    check_conflict(some, ports(web, 200, 300));
    check_conflict(some, ports(web, 50, 100));
    check_conflict(some, ports(web, 150, 150));
    check_conflict(some, ports(web, 1, 65535));
    check_together(some, ports(web, 201, 300));
    check_together(some, ports(web, 50, 99));
    // The one in the way need not be the last before it.
    BOOST_TEST(refusal_of({ports(web, 1, 10), ports(web, 20, 30), some,
                           ports(web, 11, 19), ports(web, 31, 99)})
               == "");
    check_sentence(refusal_of({ports(web, 1, 10), ports(web, 20, 30), some,
                               ports(web, 5, 15)}),
                   {to_string(ports(web, 1, 10))});
    // Also where the ranges of several peers overlap one another.
    const Nat_rule wide = only_for(ports(web, 1, 1000), "203.0.113.0/24"),
                   narrow = only_for(ports(web, 500, 501), "192.0.2.0/24");
    check_sentence(
        refusal_of(
            {wide, narrow, only_for(ports(web, 600, 600), "203.0.113.7/32")}),
        {to_string(wide)});
}

BOOST_AUTO_TEST_CASE(lists_of_peers)
{
    const Nat_rule fip = floating("198.51.100.20", "10.0.0.5"),
                   other = floating("198.51.100.20", "10.0.0.6");
    check_together(only_for(fip, "203.0.113.0/24"),
                   only_for(other, "192.0.2.0/24"));
    check_together(only_for(fip, "203.0.113.0/24"),
                   not_for(other, "203.0.113.0/24"));
    check_conflict(only_for(fip, "203.0.113.0/24"),
                   only_for(other, "203.0.113.128/25"));
    check_conflict(not_for(fip, "203.0.113.0/24"),
                   not_for(other, "192.0.2.0/24"));
    // What a narrowed rule does not take goes on to the next.
    check_together(only_for(fip, "203.0.113.0/24"), other);
    const Nat_rule network = source("198.51.100.22", "10.0.1.0/24");
    check_together(only_for(network, "203.0.113.0/24"),
                   source("198.51.100.23", "10.0.1.0/24"));
}

BOOST_AUTO_TEST_CASE(gateway_ports)
{
    const Nat_rule network = source("100.64.0.1", "10.0.1.0/24"),
                   other = source("100.64.0.2", "10.0.1.0/24");
    check_together(on(network, "qg-a"), on(other, "qg-b"));
    check_conflict(on(network, "qg-a"), on(other, "qg-a"));
    check_conflict(network, on(other, "qg-b"));
    // By the network that holds the address.
    check_together(source("198.51.100.22", "10.0.1.0/24"),
                   source("192.0.2.22", "10.0.1.0/24"));
    // A destination is one, whatever port it is on.
    const Nat_rule fip = floating("100.64.0.1", "10.0.0.5");
    check_conflict(on(fip, "qg-a"),
                   on(floating("100.64.0.1", "10.0.0.6"), "qg-b"));
    for (const char *name : {"qg-c", "sg-a", "\x1b[2J"}) {
        check_sentence(refusal_of({on(fip, name)}),
                       {"gateway_port " + quoted(name), "gateway port"});
    }
}

BOOST_AUTO_TEST_CASE(addresses_of_the_router_itself)
{
    check_sentence(refusal_of({floating("10.0.0.1", "10.0.0.5")}),
                   {"external_ip 10.0.0.1", "internal port sg-a"});
    check_sentence(refusal_of({floating("198.51.100.20", "10.0.0.1")}),
                   {"logical_ip 10.0.0.1", "own address", "sg-a"});
    check_sentence(refusal_of({floating("198.51.100.20", "192.0.2.10")}),
                   {"logical_ip 192.0.2.10", "own address", "qg-b"});
    // A gateway port's own is what forwards are mostly for.
    BOOST_TEST(refusal_of({forward("198.51.100.10", 80)}) == "");
    BOOST_TEST(refusal_of({source("198.51.100.20", "10.0.0.1/32")}) == "");
}

BOOST_AUTO_TEST_CASE(addresses_of_others_outside)
{
    Router where = router();
    where.ports.at("qg-a").gateway_ips = {*parse_ip("198.51.100.1")};
    for (const auto &[external, words] :
         {std::pair{"198.51.100.1", "next hop of the gateway port qg-a"},
          {"198.51.100.0", "first or the last"},
          {"192.0.2.255", "first or the last"}}) {
        const auto refused
            = Nat_rules{where}.add(floating(external, "10.0.0.5"));
        BOOST_REQUIRE(refused);
        check_sentence(refused->what, {external, words, "expected"});
    }
}

BOOST_AUTO_TEST_CASE(no_rule_leads_to_an_external_address)
{
    const Nat_rule first = floating("100.64.0.1", "10.0.0.5"),
                   second = floating("100.64.0.2", "100.64.0.1");
    check_sentence(refusal_of({first, second}),
                   {"logical_ip 100.64.0.1", to_string(first)});
    check_sentence(refusal_of({second, first}),
                   {"external_ip 100.64.0.1", to_string(second)});
    check_sentence(refusal_of({floating("100.64.0.1", "100.64.0.1")}),
                   {"logical_ip 100.64.0.1", "external_ip as well"});
}

BOOST_AUTO_TEST_CASE(stateless_floating_ips)
{
    Nat_rule alone = floating("100.64.0.1", "10.0.0.5");
    alone.stateless = true;
    Nat_rule exception = source("100.64.0.1", "10.0.0.0/29");
    exception.external.reset();
    exception.no_nat = true;
    Nat_rule kept = forward("100.64.0.1", 80);
    kept.logical.reset();
    kept.no_nat = true;
    Nat_rule to_host = forward("100.64.0.9", 80);
    to_host.logical = alone.logical;
    for (const Nat_rule &other :
         {forward("100.64.0.1", 80), kept, exception, to_host,
          source("100.64.0.1", "10.0.1.0/24")}) {
        for (const auto &[one, two] :
             {std::pair{alone, other}, std::pair{other, alone}}) {
            check_sentence(refusal_of({one, two}),
                           {"conflicts with", to_string(one), "stateless"});
        }
    }
    exception.logical = parse_network("10.0.0.8/29").operator*();
    check_together(alone, exception);
    check_together(alone, source("100.64.0.2", "10.0.0.0/24"));
    check_sentence(refusal_of({on(alone, "qg-a")}),
                   {"options:stateless", "1 of 2 gateway ports"});
}

BOOST_AUTO_TEST_CASE(rates_are_of_an_address)
{
    Nat_rule first
        = only_for(floating("100.64.0.1", "10.0.0.5"), "203.0.113.0/25"),
        second
        = only_for(floating("100.64.0.1", "10.0.0.6"), "203.0.113.128/25");
    first.in = second.in = {2000, 0};
    check_together(first, second);
    second.in = {};
    check_sentence(refusal_of({first, second}),
                   {"other rates", to_string(first)});
    Router where = router();
    where.ports.at("qg-a").in = {1000, 0};
    Nat_rule own = floating("198.51.100.10", "10.0.0.5");
    BOOST_TEST(!Nat_rules{where}.add(own));
    own.in = {2000, 0};
    const auto refused = Nat_rules{where}.add(own);
    BOOST_REQUIRE(refused);
    check_sentence(refused->what, {"198.51.100.10", "rates", "qg-a"});
}

BOOST_AUTO_TEST_CASE(blocks_of_ports_are_one_hosts)
{
    const auto blocks = [](const char *network, uint16_t first) {
        Nat_rule rule = source("100.64.0.1", network);
        rule.external_ports
            = Port_range{first, static_cast<uint16_t>(first + 9)};
        rule.port_block = 10;
        return rule;
    };
    check_together(blocks("10.0.0.5/32", 2000), blocks("10.0.0.6/32", 2010));
    for (const Nat_rule &other :
         {blocks("10.0.0.6/32", 2005), source("100.64.0.1", "10.0.1.0/24"),
          floating("100.64.0.1", "10.0.0.7")}) {
        check_sentence(refusal_of({blocks("10.0.0.5/32", 2000), other}),
                       {"source ports", "in blocks", "external_port"});
    }
    Nat_rule own = blocks("10.0.0.5/32", 2000);
    own.external = *parse_ip("198.51.100.10");
    check_sentence(refusal_of({own}), {"port-block-size", "default SNAT"});
}

BOOST_AUTO_TEST_CASE(forwarded_ports_are_bounded)
{
    const Nat_rule all = ports(forward("198.51.100.20", 80), 1, 65535);
    Nat_rule udp = ports(all, 7, 7);
    udp.protocol = Protocol::udp;
    check_together(all, udp);
    udp = ports(udp, 7, 8);
    check_sentence(refusal_of({all, udp}),
                   {"its 2 ports", "would forward 65537", "at most 65536"});
}

BOOST_AUTO_TEST_CASE(a_row_that_conflicts_is_refused_alone)
{
    const Nat_rule fip = floating("198.51.100.20", "10.0.0.5"),
                   other = floating("198.51.100.20", "10.0.0.6");
    Router_row row = demo({make_gateway(false)});
    row.nat = nat_rows({row_of(fip), row_of(other)});
    Accepted accepted = accept_demo(row);
    BOOST_REQUIRE(accepted.refusals.size() == 1u);
    BOOST_TEST((accepted.refusals[0].row == row_of(other).id));
    check_sentence(summary(accepted.refusals),
                   {"NAT row dnat_and_snat 198.51.100.20 10.0.0.6",
                    "conflicts with the rule " + to_string(fip)});
    BOOST_TEST((accepted.router.nat == Shared_set{fip}));
    // The one in force stays, wherever it stands.
    const Router held{"demo", {}, {other}, {}, {}};
    accepted = accept(row, bridges(), {}, &held);
    BOOST_REQUIRE(accepted.refusals.size() == 1u);
    BOOST_TEST((accepted.refusals[0].row == row_of(fip).id));
    BOOST_TEST((accepted.router.nat == Shared_set{other}));
}

BOOST_AUTO_TEST_CASE(rules_of_door_1_are_refused_with_their_port)
{
    Port_row port = make_gateway(true);
    port.floating_ips = {"198.51.100.20=10.0.0.5"};
    port.port_forwards = {"tcp:198.51.100.20:80=10.0.0.6:8080"};
    const Port read = read_good(port);
    BOOST_TEST(read.nat.size() == 2u);
    // Those of the port come before rows.
    Router_row row = demo({port});
    const Nat_row nat = row_of(floating("198.51.100.20", "10.0.0.6"));
    row.nat = nat_rows({nat});
    const Accepted accepted = accept_demo(row);
    BOOST_REQUIRE(accepted.refusals.size() == 1u);
    BOOST_TEST((accepted.refusals[0].row == nat.id));
    port.floating_ips.push_back("198.51.100.20=10.0.0.6");
    check_port_refused(port, {"198.51.100.20", "conflicts with"});
    port.floating_ips.back() = port.floating_ips.front();
    check_port_refused(port, {"given twice"});
    port.floating_ips.back() = "banana";
    check_port_refused(port, {"snat-floating-ips \"banana\"", "expected"});
}

BOOST_AUTO_TEST_CASE(no_more_rules_than_the_limit)
{
    Limits limits;
    limits.max_nat_per_router = 1;
    Router_row row = demo({make_gateway(false)});
    row.nat = nat_rows({row_of(forward("198.51.100.20", 80)),
                        row_of(forward("198.51.100.20", 81))});
    check_router_refused(accept_demo(row, limits),
                         {"2 NAT rules", "at most 1", "max-nat-per-router"});
    Port_row port = make_gateway(true);
    port.floating_ips = {"198.51.100.20=10.0.0.5", "198.51.100.21=10.0.0.6"};
    check_router_refused(accept_demo(demo({port}), limits),
                         {"2 NAT rules", "at most 1", "max-nat-per-router"});
}

BOOST_AUTO_TEST_CASE(many_rules_are_no_burden)
{
    const auto nth = [](const char *prefix, unsigned n) {
        return prefix + std::to_string(n / 200) + "."
               + std::to_string(n % 200 + 1);
    };
    std::vector<Nat_row> rows;
    for (unsigned n = 0; n < 10000; n++) {
        const std::string outside = nth("100.64.", n), in = nth("10.7.", n);
        rows.push_back(row_of(n % 2
                                  ? floating(outside.c_str(), in.c_str())
                                  : ports(forward("198.51.100.20", 1),
                                          uint16_t(1 + n), uint16_t(2 + n))));
    }
    Router_row row = demo({make_gateway(false)});
    row.nat = nat_rows(rows);
    const Stopwatch watch;
    const Accepted accepted = accept_demo(row);
    BOOST_TEST(accepted.refusals.size() == 0u);
    BOOST_TEST(accepted.router.nat.size() == rows.size());
    BOOST_TEST(watch.seconds() < 5); // On the slowest of machines.
}

BOOST_AUTO_TEST_SUITE_END()
