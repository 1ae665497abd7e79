// Plans for rules that come, go and change: when each takes effect, and which
// flows end with it.
#include "samples.hh"

#include "router/rules.hh"
#include "router/translate.hh"

#include <boost/test/unit_test.hpp>

using namespace samples;

namespace {

Router
with(Shared_set<Nat_rule> rules, bool is_snat = true)
{
    Router router = three_ports(true);
    router.nat = std::move(rules);
    if (!is_snat) {
        router.ports["qg-a"].snat_ip.reset();
    }
    return router;
}

std::vector<Step>
steps(const Router &before, const Router &after)
{
    return plan(wish(after), seen(before, after));
}

// The last step, which ends flows if anything does; else one that ends none.
End_flows
ended(const Router &before, const Router &after)
{
    const auto all = steps(before, after);
    const auto *last
        = all.empty() ? nullptr : std::get_if<End_flows>(&all.back());
    return last && last->becomes ? *last : End_flows{};
}

// What the undo of such a change ends, which it must do last.
End_flows
ended_by_undo(const Router &before, const Router &after)
{
    const auto all = inverse(steps(before, after));
    const auto *last
        = all.empty() ? nullptr : std::get_if<End_flows>(&all.back());
    return last && last->becomes ? *last : End_flows{};
}

uint32_t
mark_of(const Router &router, const Nat_rule &rule)
{
    const Nat nat = translate(router);
    for (const auto &[mark, name] : nat.tables.at("rules")) {
        if (name == rule_words(rule)) {
            return static_cast<uint32_t>(std::stoul(mark, nullptr, 16));
        }
    }
    BOOST_ERROR("no mark of " << to_string(rule));
    return 0;
}

using Arrivals = std::vector<End_flows::Arrival>;
using Marks = std::vector<uint32_t>;

Arrivals
arrival(const char *to, Marks over = {})
{
    return {{*parse_ip(to), 0, {0, 65535}, {}, std::move(over)}};
}

Arrivals
arrival(const char *to, uint16_t port, Marks over = {})
{
    return {{*parse_ip(to), 6, {port, port}, {}, std::move(over)}};
}

const Nat_rule fip = floating("198.51.100.20", "10.0.0.5"),
               moved = floating("198.51.100.20", "10.0.0.6"),
               other = floating("198.51.100.21", "10.0.0.7"),
               web = forward("198.51.100.20", 80);

bool
has_entry(const Picture &picture, const char *table, const std::string &key)
{
    const auto &tables = picture.kernel.nat->tables;
    const auto found = tables.find(table);
    return found != tables.end() && found->second.contains(key);
}

bool
has_address(const Picture &picture, const char *address)
{
    return picture.kernel.links.at("qg-a").has(*parse_ip(address));
}

} // namespace

BOOST_AUTO_TEST_SUITE(plans_of_nat)

BOOST_AUTO_TEST_CASE(a_rule_is_there_before_its_address)
{
    const Router before = with({}), after = with({fip});
    Picture now = seen(before, after);
    for (const Step &step : steps(before, after)) {
        act(now, step);
        BOOST_TEST((!has_address(now, "198.51.100.20")
                    || has_entry(now, "floating4", "198.51.100.20")),
                   step);
    }
    BOOST_TEST(has_address(now, "198.51.100.20"));
}

BOOST_AUTO_TEST_CASE(of_many_addresses_only_those_are_changed_that_differ)
{
    const auto hosts_of = [](const std::vector<Step> &all) {
        std::vector<Change_hosts> changes;
        for (const Step &step : all) {
            if (const auto *change = std::get_if<Change_hosts>(&step)) {
                changes.push_back(*change);
            }
            BOOST_TEST(!std::holds_alternative<Set_addresses>(step), step);
        }
        return changes;
    };
    const std::vector<Ip> ip{*parse_ip("198.51.100.21")};
    const auto added = hosts_of(steps(with({fip}), with({fip, other})));
    BOOST_TEST((added == std::vector<Change_hosts>{{"qg-a", {}, ip}}));
    const auto gone = hosts_of(steps(with({fip, other}), with({moved, web})));
    BOOST_TEST((gone == std::vector<Change_hosts>{{"qg-a", ip, {}}}));
}

BOOST_AUTO_TEST_CASE(a_removed_rule_takes_its_flows_with_it)
{
    const Router before = with({fip, other, web});
    for (const Nat_rule &rule : {fip, other, web}) {
        Router after = before;
        after.nat.erase(rule);
        const End_flows end = ended(before, after);
        BOOST_TEST((end.marks == Marks{mark_of(before, rule)}));
        BOOST_TEST(end.arrivals.empty());
        BOOST_TEST(end.untranslated.empty());
        // When it is gone, so that no packet is taken by it once more.
        Picture now = seen(before, after);
        for (const Step &step : steps(before, after)) {
            const auto *flows = std::get_if<End_flows>(&step);
            if (flows && flows->becomes) {
                BOOST_TEST((now.kernel.nat == wish(after).kernel.nat));
            }
            act(now, step);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_a_new_rule_ends)
{
    // What came to its address before, which nobody took.
    End_flows end = ended(with({other}), with({other, fip}));
    BOOST_TEST(end.marks.empty());
    BOOST_TEST((end.arrivals == arrival("198.51.100.20")));
    BOOST_TEST(end.untranslated.empty()); // Its host has left translated.
    // A forward takes from the floating IP, but only what it is for.
    end = ended(with({fip, other}), with({fip, other, web}));
    BOOST_TEST(end.marks.empty());
    BOOST_TEST((end.arrivals
                == arrival("198.51.100.20", 80, {mark_of(with({fip}), fip)})));
    // The floating IP takes nothing from the forward.
    end = ended(with({web}), with({web, fip}));
    BOOST_TEST((end.arrivals == arrival("198.51.100.20")));
    // Nor one forward from another.
    end = ended(with({web}), with({web, forward("198.51.100.20", 81)}));
    BOOST_TEST((end.arrivals == arrival("198.51.100.20", 81)));
}

BOOST_AUTO_TEST_CASE(a_rule_that_leads_elsewhere)
{
    const Router before = with({fip, other}), after = with({moved, other});
    End_flows end = ended(before, after);
    BOOST_TEST((end.marks == Marks{mark_of(before, fip)}));
    BOOST_TEST((end.arrivals == arrival("198.51.100.20")));
    BOOST_TEST(end.untranslated.empty());
    end = ended_by_undo(before, after);
    BOOST_TEST((end.marks == Marks{mark_of(after, moved)}));
    BOOST_TEST((end.arrivals == arrival("198.51.100.20")));
    // Of a forward's, only those of its port.
    Nat_rule there = web;
    there.internal_ports = {8081, 8081};
    end = ended(with({fip, web}), with({fip, there}));
    BOOST_TEST((end.marks == Marks{mark_of(with({web}), web)}));
    BOOST_TEST((end.arrivals
                == arrival("198.51.100.20", 80, {mark_of(with({fip}), fip)})));
}

BOOST_AUTO_TEST_CASE(sources_that_left_untranslated)
{
    const auto hosts = [](const char *network) {
        return std::vector{range_of(samples::network(network))};
    };
    End_flows end = ended(with({}, false), with({}));
    BOOST_TEST((end.untranslated == hosts("0.0.0.0/0")));
    BOOST_TEST(end.marks.empty());
    BOOST_TEST(end.arrivals.empty());
    // By a rule for some of them.
    end = ended(with({}, false), with({fip}, false));
    BOOST_TEST((end.untranslated == hosts("10.0.0.5/32")));
    Nat_rule network;
    network.external = *parse_ip("198.51.100.10");
    network.logical = samples::network("10.0.1.0/24");
    end = ended(with({}, false), with({network}, false));
    BOOST_TEST((end.untranslated == hosts("10.0.1.0/24")));
    // A floating IP over running SNAT leaves its host's flows alone, and so
    // does another address of it.
    BOOST_TEST(ended(with({}), with({fip})).untranslated.empty());
    Router elsewhere = with({});
    elsewhere.ports["qg-a"].networks = {samples::network("198.51.100.11/24")};
    elsewhere.ports["qg-a"].snat_ip = *parse_ip("198.51.100.11");
    BOOST_TEST(ended(with({}), elsewhere).untranslated.empty());
    // Turned off, those that were translated end.
    end = ended(with({}), with({}, false));
    BOOST_TEST(end.marks.size() == 1u);
    BOOST_TEST(end.untranslated.empty());
}

BOOST_AUTO_TEST_CASE(unrelated_changes_end_nothing)
{
    const Router before = with({fip, other, web});
    BOOST_TEST(steps(before, before).empty());
    Router after = before;
    after.ports["qg-a"].mtu = 1400;
    after.ports["sg-a"].networks = {samples::network("10.0.9.1/24")};
    after.ports.erase("sg-b");
    for (const Step &step : steps(before, after)) {
        BOOST_TEST(!std::holds_alternative<End_flows>(step), step);
    }
}

BOOST_AUTO_TEST_CASE(one_rule_of_many_is_a_few_entries)
{
    Shared_set<Nat_rule> many;
    for (int n = 1; n < 200; n++) {
        const std::string last = std::to_string(n);
        many.insert(floating(("100.64.0." + last).c_str(),
                             ("10.0.0." + last).c_str()));
    }
    const Router before = with(many);
    many.insert(floating("198.51.100.21", "10.0.1.7"));
    size_t entries = 0;
    for (const Step &step : steps(before, with(many))) {
        const auto *change = std::get_if<Change_nat>(&step);
        entries += change ? change->entries.size() : 0;
        BOOST_TEST(!std::holds_alternative<Set_nat>(step), step);
    }
    BOOST_TEST(entries == 8u);
}

BOOST_AUTO_TEST_CASE(an_undo_ends_the_flows_of_added_rules_last)
{
    const Router before = with({other}), after = with({other, fip, web});
    const End_flows end = ended_by_undo(before, after);
    Marks marks = end.marks,
          wanted = {mark_of(after, fip), mark_of(after, web)};
    std::ranges::sort(marks);
    std::ranges::sort(wanted);
    BOOST_TEST((marks == wanted));
    // Those of a rule that comes back are nobody's.
    BOOST_TEST((ended_by_undo(after, before).arrivals.size() == 2u));
    // On the way there nothing ends before the new rules are there.
    const auto all = steps(before, after);
    const auto *first = std::get_if<End_flows>(&all.front());
    BOOST_REQUIRE(first);
    BOOST_TEST(!first->becomes);
}

// Who broke the table has made all flows nobody's; those of rules stay.
BOOST_AUTO_TEST_CASE(a_repair_ends_what_no_rule_has_taken)
{
    const Router router = with({fip});
    const auto all = plan(wish(router), tampered(seen(router, router)));
    const auto *last = std::get_if<End_flows>(&all.back());
    BOOST_REQUIRE(last);
    BOOST_TEST((last->marks == Marks{no_mark, mark_untranslated}));
}

BOOST_AUTO_TEST_SUITE_END()
