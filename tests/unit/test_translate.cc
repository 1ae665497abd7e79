// From rules to tables: which entries each makes, and that a flow looked up in
// them is taken by the rule that the contract says.
#include "contract.hh"
#include "random_nat.hh"
#include "samples.hh"

#include <boost/test/unit_test.hpp>

using namespace samples;
using lookup::Contract;
using lookup::Packet;
using lookup::Tables;
using lookup::Taken;

namespace {

// The entries that 'rules' add to those of a router without any, with "RULE"
// for the mark of the first.
std::vector<std::string>
entries_of(const Shared_set<Nat_rule> &rules)
{
    Router router = two_gateways();
    const Nat without = translate(router);
    router.nat = rules;
    const Nat with = translate(router);
    std::string mark;
    for (const auto &[key, value] : with.tables.at("rules")) {
        if (!without.tables.at("rules").contains(key)) {
            mark = key;
        }
    }
    std::vector<std::string> out;
    for (const auto &[name, table] : with.tables) {
        const Nat_table &before = without.table(name);
        for (const auto &[key, value] : table) {
            const std::string *old = before.find(key);
            if (old && *old == value) {
                continue;
            }
            std::string line = name + ": " + key;
            line += value.empty() ? "" : " = " + value;
            for (size_t at; (at = line.find(mark)) != line.npos;) {
                line.replace(at, mark.size(), "RULE");
            }
            out.push_back(line);
        }
    }
    return out;
}

void
check_entries(const Nat_rule &rule, const std::vector<std::string> &wanted)
{
    BOOST_TEST_CONTEXT(to_string(rule))
    {
        const auto made = entries_of({rule});
        BOOST_TEST(made == wanted, boost::test_tools::per_element());
    }
}

Nat_rule
source(const char *external, const char *network)
{
    Nat_rule rule;
    rule.external = *parse_ip(external);
    rule.logical = samples::network(network);
    return rule;
}

// Of IPv4 or IPv6, to some address outside and to one of the router's.
Packet
packet(Random_nat &random, bool is_leaving)
{
    const Family family = random.one_in(3) ? Family::ipv6 : Family::ipv4;
    Packet out;
    out.out = random.one_in(2) ? "qg-a" : "qg-b";
    out.from = is_leaving ? random.inside(family) : random.outside(family);
    out.to = is_leaving ? random.outside(family) : random.external(family);
    out.protocol = random.one_in(4) ? 1 : random.one_in(2) ? 6 : 17;
    out.port = uint16_t(80 + random.below(6));
    return out;
}

std::string
text(const Packet &packet)
{
    return to_string(packet.from) + " to " + to_string(packet.to)
           + " protocol " + std::to_string(packet.protocol) + " port "
           + std::to_string(packet.port) + " by " + packet.out;
}

std::string
text(const Router &router)
{
    std::string out;
    for (const Nat_rule &rule : router.nat) {
        out += "\n" + to_string(rule) + " " + rule.gateway_port;
        for (const auto *list : {&rule.allowed, &rule.exempted}) {
            out += " /";
            for (const Network &one : *list) {
                out += " " + to_string(one);
            }
        }
    }
    return out;
}

// Which of several no-nat rules counts a flow is all the same.
void
check_taken(const Taken &found, const Taken &wanted)
{
    BOOST_REQUIRE(found.how == wanted.how);
    if (wanted.how != "kept" && !wanted.how.empty()) {
        BOOST_REQUIRE(found.by.starts_with(wanted.by));
    }
}

std::map<std::string, std::string>
marks_by_name(const Router &router)
{
    const Nat nat = translate(router);
    std::map<std::string, std::string> marks;
    for (const auto &[mark, name] : nat.tables.at("rules")) {
        BOOST_TEST(marks.emplace(name, mark).second, "twice: " << name);
    }
    return marks;
}

} // namespace

BOOST_AUTO_TEST_SUITE(translations)

BOOST_AUTO_TEST_CASE(a_router_without_rules)
{
    const Nat nat = translate(two_gateways());
    const Nat_table ports = {{"qg-a", ""}, {"qg-b", ""}};
    BOOST_TEST((nat.tables.at("gateways") == ports));
    BOOST_TEST((nat.tables.at("leaving4") == ports));
    BOOST_TEST(!nat.tables.contains("leaving6"));
    BOOST_TEST(nat.tables.at("default4").size() == 2u);
    BOOST_TEST(!nat.tables.contains("default6"));
    BOOST_TEST(nat.tables.at("rules").size() == 2u);
    // Whoever calls by an external address is seen with one of the way out,
    // and from inside with that of the first.
    BOOST_TEST((nat.tables.at("callers4")
                == Nat_table{{"qg-a", "198.51.100.10"},
                             {"qg-b", "192.0.2.10"},
                             {"sg-a", "198.51.100.10"}}));
    BOOST_TEST((nat.tables.at("callers6")
                == Nat_table{{"qg-a", "2001:db8:a::10"},
                             {"qg-b", "2001:db8:b::10"},
                             {"sg-a", "2001:db8:a::10"}}));
}

BOOST_AUTO_TEST_CASE(entries_of_a_floating_ip)
{
    check_entries(
        floating("198.51.100.20", "10.0.0.5"),
        {"floating4: 198.51.100.20 = RULE",
         "hairpin4: 10.0.0.5 = 198.51.100.20", "here4: qg-a . 198.51.100.20",
         "hosts4: qg-a . 10.0.0.5 = RULE", "inside4: RULE = 10.0.0.5",
         "replies: RULE", "rules: RULE = dnat_and_snat 198.51.100.20 10.0.0.5",
         "to4: RULE = 198.51.100.20"});
    Nat_rule rule = floating("2001:db8:9::1", "2001:db8:1::5");
    rule.random_ports = true;
    check_entries(
        rule,
        {"floating6: 2001:db8:9::1 = RULE",
         "hairpin6: 2001:db8:1::5 = 2001:db8:9::1",
         "here6: qg-a . 2001:db8:9::1", "here6: qg-b . 2001:db8:9::1",
         "hosts6: qg-a . 2001:db8:1::5 = RULE",
         "hosts6: qg-b . 2001:db8:1::5 = RULE",
         "inside6: RULE = 2001:db8:1::5", "leaving6: qg-a", "leaving6: qg-b",
         "random6: RULE = 2001:db8:9::1", "replies: RULE",
         "rules: RULE = dnat_and_snat 2001:db8:9::1 2001:db8:1::5"});
}

BOOST_AUTO_TEST_CASE(entries_of_port_forwards)
{
    Nat_rule rule = forward("198.51.100.10", 80);
    check_entries(
        rule, {"forwards4: 198.51.100.10 . 6 . 80 = RULE",
               "here4: qg-a . 198.51.100.10", "inside4: RULE = 10.0.0.9",
               "inside_ports4: RULE . 80 = 10.0.0.9 . 8080", "replies: RULE",
               "rules: RULE = dnat 198.51.100.10 10.0.0.9 tcp 80 8080"});
    // A range, each port to the one of the same place.
    rule.external_ports = {80, 81};
    rule.internal_ports = {90, 91};
    check_entries(
        rule, {"forwards4: 198.51.100.10 . 6 . 80 = RULE",
               "forwards4: 198.51.100.10 . 6 . 81 = RULE",
               "here4: qg-a . 198.51.100.10", "inside4: RULE = 10.0.0.9",
               "inside_ports4: RULE . 80 = 10.0.0.9 . 90",
               "inside_ports4: RULE . 81 = 10.0.0.9 . 91", "replies: RULE",
               "rules: RULE = dnat 198.51.100.10 10.0.0.9 tcp 80-81 90-91"});
    // Ports that stay, for some only.
    rule.internal_ports = rule.external_ports;
    rule.exempted = {network("128.0.0.0/1")};
    const auto made = entries_of({rule});
    BOOST_TEST(made[0]
               == "forwards_by_peer4: 198.51.100.10 . 6 . 80-81 . "
                  "0.0.0.0-127.255.255.255 = RULE");
    BOOST_TEST(made[2] == "inside4: RULE = 10.0.0.9");
    BOOST_TEST(made.size() == 5u);
}

BOOST_AUTO_TEST_CASE(entries_of_networks)
{
    Nat_rule rule = source("198.51.100.20", "10.0.0.0/28");
    rule.external_ports = {1024, 2047};
    check_entries(rule,
                  {"first_port4: RULE = 1024", "last_port4: RULE = 2047",
                   "networks4: qg-a . 10.0.0.0-10.0.0.15 . "
                   "0.0.0.0-255.255.255.255 = RULE",
                   "replies: RULE",
                   "rules: RULE = snat 198.51.100.20 10.0.0.0/28 1024-2047",
                   "to4: RULE = 198.51.100.20"});
}

BOOST_AUTO_TEST_CASE(entries_of_exceptions)
{
    Nat_rule rule;
    rule.no_nat = true;
    rule.logical = network("10.0.0.0/28");
    rule.allowed = {network("203.0.113.0/24")};
    const auto made = entries_of({rule});
    BOOST_REQUIRE(made.size() == 4u);
    BOOST_TEST(made[0]
               == "hosts_by_peer4: qg-a . 10.0.0.0-10.0.0.15 . "
                  "203.0.113.0-203.0.113.255 = RULE");
    BOOST_TEST(made[1]
               == "hosts_by_peer4: qg-b . 10.0.0.0-10.0.0.15 . "
                  "203.0.113.0-203.0.113.255 = RULE");
    Nat_rule other;
    other.type = Nat_type::dnat;
    other.no_nat = true;
    other.external = *parse_ip("198.51.100.10");
    other.protocol = Protocol::udp;
    other.external_ports = {53, 54};
    const auto kept = entries_of({other});
    BOOST_REQUIRE(kept.size() == 4u);
    BOOST_TEST(kept[1]
               == "kept4: 198.51.100.10 . 17 . 53-54 . "
                  "0.0.0.0-255.255.255.255 = RULE");
    other.protocol.reset();
    other.external_ports.reset();
    BOOST_TEST(entries_of({other})[1]
               == "kept4: 198.51.100.10 . 0-255 . 0-65535 . "
                  "0.0.0.0-255.255.255.255 = RULE");
}

// Replies that conntrack does not know must not leave as they are either.
BOOST_AUTO_TEST_CASE(whatever_translates_watches_what_leaves)
{
    Router router = two_gateways();
    for (auto &[name, port] : router.ports) {
        port.snat_ip.reset();
    }
    BOOST_TEST(!translate(router).tables.contains("leaving4"));
    for (const Nat_rule &rule :
         {floating("198.51.100.20", "10.0.0.5"), forward("198.51.100.20", 80),
          source("198.51.100.20", "10.0.0.0/28")}) {
        router.nat = {rule};
        BOOST_TEST(
            (translate(router).tables["leaving4"] == Nat_table{{"qg-a", ""}}),
            to_string(rule));
    }
}

BOOST_AUTO_TEST_CASE(flows_are_taken_in_the_order_of_the_contract)
{
    size_t taken = 0;
    for (unsigned seed = 0; seed < 600; seed++) {
        Random_nat random{seed};
        const Router router = random.router(5 + seed % 20);
        const Tables tables{translate(router)};
        const Contract contract{router};
        BOOST_TEST_CONTEXT("seed " << seed << text(router))
        {
            BOOST_REQUIRE(tables.find_overlap() == "");
            for (int i = 0; i < 100; i++) {
                const bool is_leaving = i % 2;
                const Packet one = packet(random, is_leaving);
                const Taken wanted = is_leaving ? contract.source(one)
                                                : contract.destination(one);
                BOOST_TEST_CONTEXT(text(one) << ": expected " << wanted.how
                                             << " by " << wanted.by)
                {
                    check_taken(is_leaving ? tables.source(one)
                                           : tables.destination(one),
                                wanted);
                }
                taken += !wanted.how.empty();
            }
        }
    }
    BOOST_TEST(taken > 10000u);
}

BOOST_AUTO_TEST_CASE(marks_are_unique_and_stay)
{
    Router router = Random_nat{1}.router(200);
    const auto marks = marks_by_name(router);
    BOOST_TEST(marks.size() > 50u);
    std::set<std::string> all;
    for (const auto &[name, mark] : marks) {
        BOOST_TEST(mark.size() == 10u);
        BOOST_TEST(mark >= "0x80000000");
        BOOST_TEST(all.insert(mark).second);
    }
    // Whoever comes or goes, the others keep theirs.
    const Shared_set<Nat_rule> rules = router.nat;
    for (const Nat_rule &rule : rules) {
        router.nat.erase(rule);
        const auto fewer = marks_by_name(router);
        router.nat.insert(rule);
        BOOST_TEST(fewer.size() + 1 == marks.size());
        BOOST_TEST(std::ranges::includes(marks, fewer));
    }
}

BOOST_AUTO_TEST_CASE(marks_that_would_be_the_same_are_told_apart)
{
    std::vector<std::string> alone, together;
    Router all = one_gateway(true);
    for (const Nat_rule &rule : of_contested_marks()) {
        Router router = one_gateway(true);
        router.nat = {rule};
        all.nat.insert(rule);
        alone.push_back(marks_by_name(router).at(to_string(rule)));
    }
    BOOST_TEST((alone
                == std::vector<std::string>{"0xd9789e4c", "0xd9789e4c",
                                            "0xd9789e4d"}));
    const auto marks = marks_by_name(all);
    for (const Nat_rule &rule : of_contested_marks()) {
        together.push_back(marks.at(to_string(rule)));
    }
    std::ranges::sort(together);
    BOOST_TEST((together
                == std::vector<std::string>{"0xd9789e4c", "0xd9789e4d",
                                            "0xd9789e4e"}));
}

BOOST_AUTO_TEST_SUITE_END()
