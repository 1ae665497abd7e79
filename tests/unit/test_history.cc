// What rows keep of changes, and what is found again of it.
#include "change/history.hh"
#include "random_nat.hh"
#include "router/excerpt.hh"
#include "step/json.hh"

#include <boost/test/unit_test.hpp>

using namespace samples;

namespace {

// The changes of a router, and the rows that a daemon would have of them.
struct Past {
    std::vector<Change> changes;
    std::vector<Record> records;
    Good_rules good;

    void
    add(const std::optional<Router> &before,
        const std::optional<Router> &after,
        Change_state state = Change_state::committed)
    {
        Change change;
        change.number = changes.size() + 1;
        change.router = "demo";
        change.state = state;
        Record record{change, {}};
        change.before = {before};
        change.after = {after};
        record.texts = texts_of(change);
        good["demo"] = change.good().nat();
        changes.push_back(change);
        records.push_back(record);
    }

    std::vector<Change>
    told() const
    {
        return read_history(records, good);
    }

    void
    check_told() const
    {
        const auto history = told();
        BOOST_REQUIRE(history.size() == changes.size());
        for (size_t i = 0; i < changes.size(); i++) {
            BOOST_TEST((history[i] == changes[i]), "change " << i + 1);
        }
    }

    // Of each change, in their order.
    void
    check_lost(const std::vector<bool> &before,
               const std::vector<bool> &after) const
    {
        const auto history = told();
        BOOST_REQUIRE(history.size() == before.size());
        for (size_t i = 0; i < history.size(); i++) {
            BOOST_TEST(history[i].before.is_lost() == before[i],
                       "before " << i + 1);
            BOOST_TEST(history[i].after.is_lost() == after[i],
                       "after " << i + 1);
        }
    }
};

// Three that differ in one rule each, all with rules in common.
struct Three {
    Router first, second, third;

    Three()
    {
        Random_nat random{1};
        first = random.router(30);
        BOOST_REQUIRE(first.nat.size() > 3u);
        second = first;
        second.nat.erase(*second.nat.begin());
        third = second;
        third.nat.erase(*third.nat.begin());
    }
};

// As it was written before rules were left out.
std::string
old_text(const Router &router)
{
    return dump(to_json(router));
}

std::optional<Router>
random_state(Random_nat &random, const std::optional<Router> &now)
{
    if (random.one_in(8)) {
        return std::nullopt;
    }
    Router next = now && !random.one_in(8) ? *now : random.router(20);
    if (!next.nat.empty() && random.one_in(2)) {
        next.nat.erase(*next.nat.begin());
    }
    if (random.one_in(2)) {
        next.nat.insert(random.rule());
    }
    if (random.one_in(4)) {
        next.ports["sg-a"].mtu = 1400 + random.below(100);
    }
    return next;
}

} // namespace

BOOST_AUTO_TEST_SUITE(history)

BOOST_AUTO_TEST_CASE(all_states_are_found_again)
{
    for (unsigned seed = 1; seed <= 100; seed++) {
        BOOST_TEST_CONTEXT("seed " << seed)
        {
            Random_nat random{seed};
            Past past;
            std::optional<Router> now;
            for (int i = 0; i < 20; i++) {
                const auto next = random_state(random, now);
                const bool fails = random.one_in(4);
                past.add(now, next,
                         fails ? Change_state::undone
                               : Change_state::committed);
                now = fails ? now : next;
                past.check_told();
            }
            past.add(now, random_state(random, now), Change_state::applying);
            past.check_told();
        }
    }
}

BOOST_AUTO_TEST_CASE(a_change_is_as_short_as_what_it_changes)
{
    Router before = two_gateways();
    const size_t least = old_text(before).size();
    Nat_rule rule;
    rule.type = Nat_type::dnat_and_snat;
    rule.logical = *parse_network("10.0.0.5/32");
    for (uint32_t i = 0; i < 1000; i++) {
        rule.external = *parse_ip("203.0." + std::to_string(i / 250) + "."
                                  + std::to_string(i % 250));
        before.nat.insert(rule);
    }
    Router after = before;
    after.nat.erase(rule);
    Past past;
    past.add(before, after);
    past.add(after, after);
    for (const Record &record : past.records) {
        BOOST_TEST(record.texts.before.size() < least + 500);
        BOOST_TEST(record.texts.after.size() < least + 500);
    }
    past.check_told();
}

BOOST_FIXTURE_TEST_CASE(what_does_not_fit_is_lost, Three)
{
    Past past;
    past.add(std::nullopt, first);
    past.add(first, second);
    past.add(second, third);
    past.check_lost({false, false, false}, {false, false, false});
    // All can be found again that has the right digest.
    past.good["demo"] = second.nat;
    past.check_lost({false, false, false}, {false, false, true});
    past.good.clear();
    past.check_lost({false, true, true}, {false, true, true});
    // What is whole is a beginning again.
    past.add(third, std::nullopt);
    past.check_lost({false, false, false, false},
                    {false, false, false, false});
}

BOOST_FIXTURE_TEST_CASE(behind_what_is_not_recorded_all_is_lost, Three)
{
    Past past;
    past.add(std::nullopt, first);
    past.add(first, second);
    past.add(third, third);
    past.check_lost({false, true, false}, {false, true, false});
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_read_is_lost, Three)
{
    Past past;
    past.add(first, second);
    past.add(second, third);
    const std::string spoilt = "{\"name\":\"demo\"}";
    past.records[1].texts.before = spoilt;
    past.check_lost({true, true}, {true, false});
    BOOST_TEST(past.told()[1].before.lost == spoilt);
    BOOST_TEST((past.told()[1].after == past.changes[1].after));
    past.records[1].texts = texts_of(past.changes[1]);
    past.check_told();
    auto &digits = past.records[1].texts.after;
    digits.replace(digits.find("\"digest\":\"") + 10, 2, "xx");
    past.check_lost({false, false}, {false, true});
}

// Those of an older version have all rules, and may be finished by this one.
BOOST_FIXTURE_TEST_CASE(older_records_are_whole, Three)
{
    Past past;
    past.add(std::nullopt, first);
    past.add(first, second);
    past.add(second, third, Change_state::applying);
    for (size_t i = 0; i < past.records.size(); i++) {
        const Change &change = past.changes[i];
        Texts &texts = past.records[i].texts;
        texts = {change.before.router ? old_text(*change.before.router) : "",
                 old_text(*change.after.router)};
        BOOST_TEST(tells(texts, change));
        BOOST_TEST(tells(texts_of(change), change));
    }
    BOOST_TEST(!tells(past.records[1].texts, past.changes[2]));
    BOOST_TEST(!tells(texts_of(past.changes[1]), past.changes[2]));
    past.check_told();
    past.good.clear();
    past.check_told();
}

BOOST_FIXTURE_TEST_CASE(rules_come_back_by_themselves, Three)
{
    for (const Nat_rule &rule : first.nat) {
        BOOST_TEST((rule_from_text(rule_to_text(rule)) == rule));
    }
    // What is usual is not told, but by an older version.
    const std::string begin = R"({"type":"dnat_and_snat",)"
                              R"("external":"198.51.100.20",)"
                              R"("logical":"10.0.0.5/32")";
    const std::string rest
        = R"(,"gateway_port":"","no_nat":false,"random_ports":false,)"
          R"("port_block":0,"max_flows":0,"log":false,"stateless":false,)"
          R"("in":{"kbit":0,"burst":0},"out":{"kbit":0,"burst":0},)"
          R"("allowed":[],"exempted":[]})";
    const auto older = rule_from_text(begin + rest);
    BOOST_REQUIRE(older.has_value());
    BOOST_TEST(rule_to_text(*older) == begin + "}");
    for (const char *text : {"", "{}", "[]", "banana"}) {
        BOOST_TEST(!rule_from_text(text));
    }
}

BOOST_AUTO_TEST_SUITE_END()
