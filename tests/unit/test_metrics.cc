// What the daemon counts of its own work.
#include "appctl/metrics.hh"
#include "daemon.hh"

#include <numeric>

using namespace samples;

namespace {

struct Watched : Daemon {
    Watched() { commit(); } // Else the first edit were a start.

    const Metrics &
    metrics() const
    {
        return engine->metrics();
    }

    uint64_t
    changes(const std::string &cause, Tried how) const
    {
        const auto &causes = Metrics::causes;
        const auto found = std::ranges::find(causes, cause);
        BOOST_REQUIRE(found != causes.end());
        return metrics().changes[static_cast<size_t>(found - causes.begin())]
                                [static_cast<size_t>(how)];
    }

    // Of all causes and outcomes.
    uint64_t
    all_changes() const
    {
        uint64_t sum = 0;
        for (const auto &outcomes : metrics().changes) {
            sum = std::accumulate(outcomes.begin(), outcomes.end(), sum);
        }
        return sum;
    }

    static uint64_t
    count(const Histogram &histogram)
    {
        return std::accumulate(histogram.counts().begin(),
                               histogram.counts().end(), uint64_t{0});
    }

    uint64_t
    phases(Transaction::Phase phase) const
    {
        return count(metrics().phases[static_cast<size_t>(phase)]);
    }

    // Whether metrics/show has this line.
    bool
    shows(const std::string &line) const
    {
        const std::string text = view_metrics(*engine, {}, Form::openmetrics);
        return has(text, "\n" + line + "\n");
    }
};

Nat_row
floating_ip(const std::string &external, const std::string &logical)
{
    Nat_row row;
    row.id = {Table::nat, "uuid-of-" + external};
    row.type = "dnat_and_snat";
    row.external_ip = external;
    row.logical_ip = logical;
    return row;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(metrics, Watched)

BOOST_AUTO_TEST_CASE(a_change_is_counted_with_each_of_its_phases)
{
    using Phase = Transaction::Phase;
    edit(demo());
    BOOST_TEST(changes("edit", Tried::committed) == 1u);
    BOOST_TEST(all_changes() == 1u);
    BOOST_TEST(metrics().steps > 5u);
    BOOST_TEST(metrics().inverse_steps == 0u);
    BOOST_TEST(metrics().announced == 2u);
    for (const Phase phase :
         {Phase::observing, Phase::recording, Phase::applying, Phase::checking,
          Phase::committing}) {
        BOOST_TEST(phases(phase) == 1u, to_string(phase));
    }
    BOOST_TEST(phases(Phase::undoing) == 0u);
    BOOST_TEST(count(metrics().whole[0]) == 1u);
    BOOST_TEST(count(metrics().queued) >= 1u);
}

BOOST_AUTO_TEST_CASE(so_is_an_undo)
{
    using Phase = Transaction::Phase;
    edit(demo());
    const uint64_t before = metrics().steps;
    fault.fail_step(3, 28);
    edit(other_demo());
    BOOST_TEST(changes("edit", Tried::undone) == 1u);
    BOOST_TEST(metrics().steps == before + 2);
    BOOST_TEST(metrics().inverse_steps == 2u);
    BOOST_TEST(phases(Phase::undoing) == 1u);
    BOOST_TEST(phases(Phase::closing) == 1u);
    fake.run(2s);
    BOOST_TEST(changes("retry", Tried::committed) == 1u);
}

BOOST_AUTO_TEST_CASE(an_undo_that_fails_is_told_as_long_as_it_is_outstanding)
{
    edit(demo());
    fault.fail_step(5, 28);
    fault.fail_undo(1);
    edit(other_demo());
    BOOST_TEST(changes("edit", Tried::undo_failed) == 1u);
    BOOST_TEST(shows("ovs_snat_routers_outstanding 1"));
    BOOST_TEST(shows("ovs_snat_routers{state=\"failed\"} 1"));
    fake.run(10s);
    BOOST_TEST(shows("ovs_snat_routers_outstanding 0"));
    BOOST_TEST(shows("ovs_snat_routers{state=\"active\"} 1"));
}

// Whichever step of the edit fails, and whichever inverse step then, on the
// kernel or on the switch.
BOOST_AUTO_TEST_CASE(an_inverse_step_that_fails_is_not_done)
{
    edit(demo());
    const uint64_t before = metrics().steps;
    edit(other_demo());
    const auto steps = static_cast<size_t>(metrics().steps - before);
    BOOST_REQUIRE(steps > 5);
    for (size_t step = 2; step <= steps; step++) {
        for (size_t inverse = 1; inverse < step; inverse++) {
            BOOST_TEST_CONTEXT("step " << step << ", inverse " << inverse)
            {
                Watched other;
                other.edit(demo());
                other.fault.fail_step(step, 28);
                other.fault.fail_undo(inverse);
                other.edit(other_demo());
                BOOST_TEST(other.changes("edit", Tried::undo_failed) == 1u);
                BOOST_TEST(other.metrics().steps == before + step - 1);
                BOOST_TEST(other.metrics().inverse_steps == step - 2);
            }
        }
    }
}

// Nor is an inverse step that was not tried, since another one had failed.
BOOST_AUTO_TEST_CASE(a_namespace_that_stays_is_not_undone)
{
    fault.fail_step(6, 28);
    fault.fail_undo(2);
    edit(demo());
    BOOST_TEST(changes("edit", Tried::undo_failed) == 1u);
    BOOST_TEST(metrics().steps == 5u);
    BOOST_TEST(metrics().inverse_steps == 3u);
}

BOOST_AUTO_TEST_CASE(what_is_outstanding_and_cannot_be_looked_at_stays_so)
{
    edit(demo());
    fault.fail_step(5, 28);
    fault.fail_undo(1);
    edit(other_demo());
    BOOST_TEST(changes("edit", Tried::undo_failed) == 1u);
    fake.refuse_look = Error{5, "the namespace is broken"};
    fake.run(2s);
    BOOST_TEST(changes("edit", Tried::undo_failed) > 1u);
    BOOST_TEST(changes("edit", Tried::not_begun) == 0u);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_looked_at_is_not_begun)
{
    fake.refuse_look = Error{5, "the namespace is broken"};
    edit(demo());
    BOOST_TEST(changes("edit", Tried::not_begun) == 1u);
    BOOST_TEST(phases(Transaction::Phase::observing) == 0u);
    BOOST_TEST(metrics().steps == 0u);
}

BOOST_AUTO_TEST_CASE(a_repair_is_counted_by_its_cause)
{
    edit(demo());
    fake.pictures["demo"].kernel.links.at("sg-a").up = false;
    engine->moved({false, {"demo"}, {}});
    fake.run(500ms);
    BOOST_TEST(changes("drift", Tried::committed) == 1u);
    BOOST_TEST(all_changes() == 2u);
}

BOOST_AUTO_TEST_CASE(a_look_that_finds_nothing_is_no_change)
{
    edit(demo());
    const uint64_t looks = count(metrics().unchanged);
    engine->resync("demo");
    fake.run(500ms);
    BOOST_TEST(count(metrics().unchanged) == looks + 1);
    BOOST_TEST(all_changes() == 1u);
}

BOOST_AUTO_TEST_CASE(a_dry_run_is_not_counted)
{
    edit(demo());
    const uint64_t looks = count(metrics().unchanged);
    bool is_told = false;
    engine->preview("demo", [&](const auto &) { is_told = true; });
    fake.run(500ms);
    BOOST_TEST(is_told);
    BOOST_TEST(count(metrics().unchanged) == looks);
    BOOST_TEST(all_changes() == 1u);
}

// Only a history that somebody else has written has one.
BOOST_AUTO_TEST_CASE(an_unknown_cause_makes_no_label)
{
    Transaction::Ending ending;
    ending.end = Transaction::End::committed;
    Metrics all;
    all.add("\"} 1\nfoo 2\n", ending);
    BOOST_TEST(all.changes[Metrics::causes.size() - 1][0] == 1u);
}

BOOST_AUTO_TEST_CASE(what_is_wired_is_tallied)
{
    Router_row row = demo();
    row.nat = nat_rows({floating_ip("198.51.100.20", "10.0.0.5"),
                        floating_ip("198.51.100.21", "10.0.0.6")});
    edit(row);
    const auto wired = [this](size_t ips) {
        BOOST_TEST(shows("ovs_snat_nat_rules{kind=\"floating_ip\"} "
                         + std::to_string(ips)));
        BOOST_TEST(shows("ovs_snat_limit_used{option=\"max-nat-per-router\"} "
                         + std::to_string(ips)));
        BOOST_TEST(shows("ovs_snat_nat_rules{kind=\"default\"} 1"));
        BOOST_TEST(
            shows("ovs_snat_ports{role=\"gateway\",wiring=\"veth\"} 1"));
        BOOST_TEST(
            shows("ovs_snat_ports{role=\"internal\",wiring=\"veth\"} 1"));
    };
    wired(2);
    row.nat = nat_rows({floating_ip("198.51.100.22", "10.0.0.5")});
    edit(row);
    wired(1);
    edit(demo());
    wired(0);
    remove("demo");
    BOOST_TEST(shows("ovs_snat_nat_rules{kind=\"default\"} 0"));
    BOOST_TEST(shows("ovs_snat_ports{role=\"gateway\",wiring=\"veth\"} 0"));
}

BOOST_AUTO_TEST_CASE(rows_that_are_refused_are_told_by_table)
{
    Router_row row = demo();
    row.nat = nat_rows({bad_nat_row("one"), bad_nat_row("two", "dnat")});
    edit(row);
    BOOST_TEST(
        shows("ovs_snat_rows_refused{table=\"NAT\",state=\"failed\"} 2"));
    edit(demo());
    BOOST_TEST(
        shows("ovs_snat_rows_refused{table=\"NAT\",state=\"failed\"} 0"));
}

BOOST_AUTO_TEST_CASE(what_rules_translate_is_added_up)
{
    Metrics all;
    const Nat_counts first{{"a", {10, 1000, 5, 500, 1}}};
    all.add(nullptr, first); // Where it begins.
    BOOST_TEST((all.translated == Nat_count{}));
    const Nat_counts second{{"a", {12, 1200, 6, 600, 1}},
                            {"b", {1, 60, 0, 0, 1}}};
    all.add(&first, second);
    BOOST_TEST((all.translated == Nat_count{3, 260, 1, 100, 0}));
    all.add(&second, {{"a", {1, 100, 0, 0, 0}}}); // Loaded anew.
    BOOST_TEST((all.translated == Nat_count{4, 360, 1, 100, 0}));
}

BOOST_AUTO_TEST_CASE(only_who_is_read_at_an_interval_is_told_of)
{
    const auto counted = [this](int routers) {
        const std::string number = std::to_string(routers);
        BOOST_TEST(shows("ovs_snat_routers_counted " + number));
        BOOST_TEST(shows("ovs_snat_translated_flows " + number));
    };
    fake.counts = {{"a", {10, 1000, 5, 500, 1}}};
    Router_row row = demo();
    edit(row);
    engine->count("demo", true, [](const auto &) {});
    fake.run();
    counted(0);
    row.options["stats-interval"] = "100";
    edit(row);
    counted(1);
    edit(demo());
    counted(0);
    edit(row);
    counted(1);
    row.enabled = false;
    edit(row);
    counted(0);
}

BOOST_AUTO_TEST_CASE(every_state_and_table_is_always_there)
{
    for (const char *line :
         {"ovs_snat_routers{state=\"standby\"} 0",
          "ovs_snat_rows_refused{table=\"Static_Route\",state=\"pending\"} 0",
          "ovs_snat_changes_total{cause=\"orphan\",outcome=\"committed\"} 0",
          "ovs_snat_nat_rules{kind=\"exception\"} 0"}) {
        BOOST_TEST(shows(line), line);
    }
}

// Thousands of routers are no more lines than one.
BOOST_AUTO_TEST_CASE(no_line_is_of_one_router)
{
    const auto lines = [this] {
        return std::ranges::count(view_metrics(*engine, {}, Form::openmetrics),
                                  '\n');
    };
    const auto before = lines();
    edit(demo());
    BOOST_TEST(lines() == before);
    BOOST_TEST(!has(view_metrics(*engine, {}, Form::openmetrics), "demo"));
}

BOOST_AUTO_TEST_SUITE_END()
