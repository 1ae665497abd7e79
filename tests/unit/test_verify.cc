// The checks that ask the networks: when they are asked, and what becomes of a
// change when they fail.
#include "daemon.hh"

#include <algorithm>

using namespace samples;

namespace {

struct Verifying : Daemon {
    Verifying()
    {
        rows.options
            = {{"verify-duplicates", "true"}, {"verify-gateway", "true"}};
    }

    static Router_row
    gateway_demo(const std::string &next_hop = "198.51.100.1")
    {
        Router_row row = demo();
        row.ports[0].gateway_ips = {next_hop};
        return row;
    }

    // The number of times that somebody was asked for.
    auto
    asked(bool answers) const
    {
        return std::ranges::count_if(fake.probes, [&](const Probe &probe) {
            return probe.answers == answers;
        });
    }

    void
    refuse(bool answers, const std::string &what)
    {
        fake.answer_probe = [answers, what](const Probe &probe) {
            return probe.answers == answers ? Outcome{Error{0, what}} : Done{};
        };
    }

    bool
    log_has(const std::string &text) const
    {
        return std::ranges::any_of(
            fake.lines, [&](const auto &line) { return has(line, text); });
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(verify_changes, Verifying)

BOOST_AUTO_TEST_CASE(both_are_asked_and_the_change_commits)
{
    edit(gateway_demo());
    check_demo_is(gateway_demo());
    BOOST_REQUIRE(fake.probes.size() == 2u);
    const Probe &free = fake.probes[0], &hops = fake.probes[1];
    BOOST_TEST(!free.answers);
    BOOST_TEST((free.links.at("qg-a")
                == std::vector<Ip>{*parse_ip("198.51.100.10")}));
    BOOST_TEST(
        (free.links.at("sg-a") == std::vector<Ip>{*parse_ip("10.0.0.1")}));
    BOOST_TEST(hops.answers);
    BOOST_TEST(hops.links.size() == 1u);
    BOOST_TEST(
        (hops.links.at("qg-a") == std::vector<Ip>{*parse_ip("198.51.100.1")}));
    BOOST_TEST(hops.timeout == 3000u);
    BOOST_TEST(has(last_change().steps, "verify that nobody else has 2"));
    BOOST_TEST(has(last_change().steps, "verify that 1 next hop answers"));
}

BOOST_AUTO_TEST_CASE(a_dry_run_shows_them_and_asks_nobody)
{
    set(gateway_demo());
    fake.refuse_record = [](const Change &) { return Error{0, "not now"}; };
    commit();
    fake.run(500ms);
    size_t checks = 0;
    engine->preview("demo", [&](const Result<std::vector<Step>> &steps) {
        BOOST_REQUIRE(bool(steps));
        checks = static_cast<size_t>(
            std::ranges::count_if(*steps, [](const Step &step) {
                return std::holds_alternative<Verify>(step);
            }));
    });
    fake.run(500ms);
    BOOST_TEST(checks == 2u);
    BOOST_TEST(fake.probes.empty());
}

BOOST_AUTO_TEST_CASE(off_unless_asked_for)
{
    rows.options.clear();
    edit(gateway_demo());
    BOOST_TEST(fake.probes.empty());
    Router_row row = gateway_demo("198.51.100.2");
    row.options = {{"verify-gateway", "true"}, {"verify-timeout", "123"}};
    edit(row);
    BOOST_REQUIRE(fake.probes.size() == 1u);
    BOOST_TEST(fake.probes[0].timeout == 123u);
    rows.options = {{"verify-gateway", "true"}};
    row = gateway_demo("198.51.100.3");
    row.options = {{"verify-gateway", "false"}};
    edit(row);
    BOOST_TEST(fake.probes.size() == 1u);
}

// While it is asked for the address is nowhere, and the old one is.
BOOST_AUTO_TEST_CASE(a_duplicate_undoes_the_change)
{
    edit(gateway_demo());
    const Picture before = fake.pictures["demo"];
    fake.answer_probe = [&](const Probe &) -> Outcome {
        const auto &link = fake.pictures["demo"].kernel.links.at("qg-a");
        BOOST_TEST((link.addresses
                    == std::vector<Network>{network("198.51.100.10/24")}));
        return Error{98, "the address 198.51.100.20 of the port qg-a is in "
                         "use by 02:00:00:00:00:0b"};
    };
    Router_row other = gateway_demo();
    other.ports[0].networks = {"198.51.100.20/24"};
    edit(other);
    BOOST_TEST((last_change().state == Change_state::undone));
    BOOST_TEST((status().state == State::failed));
    BOOST_TEST(status().error
               == "the check verify-duplicates failed: the address "
                  "198.51.100.20 of the port qg-a is in use by "
                  "02:00:00:00:00:0b; it stays as change 1 left it");
    BOOST_TEST(difference(fake.pictures["demo"], before) == "");
    BOOST_TEST(realised() == 2);
    BOOST_TEST(log_has("the check verify-duplicates failed: the address "
                       "(not shown) of the port qg-a"));
    BOOST_TEST(!log_has("198.51.100"));
    BOOST_TEST(!log_has("02:00"));
    // And it is tried again.
    fake.answer_probe = nullptr;
    fake.run(3s);
    check_demo_is(other);
}

// Before the old routes are touched.
BOOST_AUTO_TEST_CASE(a_silent_next_hop_undoes_the_change)
{
    edit(gateway_demo());
    const Picture before = fake.pictures["demo"];
    fake.answer_probe = [&](const Probe &) -> Outcome {
        BOOST_TEST(
            (fake.pictures["demo"].kernel.routes == before.kernel.routes));
        return Error{110, "silence"};
    };
    edit(gateway_demo("198.51.100.2"));
    BOOST_TEST(status().error
               == "the check verify-gateway failed: silence; it stays as "
                  "change 1 left it");
    BOOST_TEST(difference(fake.pictures["demo"], before) == "");
}

BOOST_AUTO_TEST_CASE(a_new_router_that_fails_leaves_nothing)
{
    refuse(true, "silence");
    edit(gateway_demo());
    BOOST_TEST((status().state == State::failed));
    BOOST_TEST((fake.pictures["demo"] == Picture{}));
    BOOST_TEST((last_change().state == Change_state::undone));
}

BOOST_AUTO_TEST_CASE(what_is_right_is_not_asked_for)
{
    edit(gateway_demo());
    fake.probes.clear();
    const int records = fake.records;
    start();
    commit();
    fake.run(500ms);
    check_demo_is(gateway_demo());
    engine->resync();
    fake.run(500ms);
    BOOST_TEST(fake.probes.empty());
    BOOST_TEST(fake.records == records);
}

// Nor are addresses that the port has; the next hops are none of a repair's.
BOOST_AUTO_TEST_CASE(a_repair_asks_for_missing_addresses_only)
{
    edit(gateway_demo());
    fake.probes.clear();
    refuse(true, "silence");
    auto &kernel = fake.pictures["demo"].kernel;
    kernel.links["qg-a"].up = false;
    kernel.routes.clear();
    kernel.links["sg-a"].addresses.clear();
    engine->resync();
    fake.run(500ms);
    check_demo_is(gateway_demo());
    BOOST_TEST(asked(true) == 0);
    BOOST_REQUIRE(asked(false) == 1);
    BOOST_TEST(fake.probes[0].links.size() == 1u);
    BOOST_TEST(fake.probes[0].links.contains("sg-a"));
}

BOOST_AUTO_TEST_CASE(deleting_asks_nobody)
{
    edit(gateway_demo());
    fake.probes.clear();
    remove("demo");
    check_nothing_is_left();
    BOOST_TEST(fake.probes.empty());
}

// A port that nobody can hear yet is waited for, and then told of.
BOOST_AUTO_TEST_CASE(nobody_is_asked_without_a_carrier)
{
    rows.options["check-timeout"] = "300";
    rows.options["retry-initial"] = "60000";
    fake.has_carrier = false;
    set(gateway_demo());
    commit();
    fake.run(200ms);
    BOOST_TEST(fake.probes.empty());
    fake.run(300ms);
    BOOST_TEST(fake.probes.empty());
    BOOST_TEST(status().error
               == "the check verify-duplicates failed: the port qg-a has no "
                  "carrier");
    BOOST_TEST((fake.pictures["demo"] == Picture{}));
    fake.has_carrier = true;
    fake.run(100s);
    check_demo_is(gateway_demo());
}

BOOST_AUTO_TEST_CASE(nobody_is_asked_while_the_switch_is_not_ready)
{
    fake.unready = "ovs-vswitchd has not taken up the port qg-a";
    set(gateway_demo());
    commit();
    fake.run(200ms);
    BOOST_TEST(fake.probes.empty());
    BOOST_TEST((status().state == State::pending));
    fake.unready.reset();
    fake.run(500ms);
    check_demo_is(gateway_demo());
    BOOST_TEST(fake.probes.size() == 2u);
}

// Interrupted after its last step the change is not committed unasked.
BOOST_AUTO_TEST_CASE(a_change_that_was_interrupted_asks_again)
{
    fake.answer_probe = [&](const Probe &probe) -> Outcome {
        if (probe.answers) {
            fake.world.crash(Victim::both);
        }
        return Done{};
    };
    edit(gateway_demo());
    BOOST_TEST(fake.is_dead);
    fake.answer_probe = nullptr;
    fake.probes.clear();
    start();
    commit();
    fake.run(500ms);
    check_demo_is(gateway_demo());
    BOOST_TEST(asked(true) == 1);
}

// Also as a fault is it a step like the others.
BOOST_AUTO_TEST_CASE(every_step_can_be_made_to_fail)
{
    edit(gateway_demo());
    Router_row other = gateway_demo("198.51.100.2");
    other.ports[0].networks = {"198.51.100.20/24"};
    const Picture before = fake.pictures["demo"];
    size_t failed_checks = 0;
    for (size_t n = 1;; n++) {
        fault.fail_step(n, 28);
        edit(other);
        if (fault.show() != "none") {
            break;
        }
        BOOST_TEST((last_change().state == Change_state::undone));
        BOOST_TEST(difference(fake.pictures["demo"], before) == "");
        failed_checks += has(status().error, "the check verify-");
        edit(gateway_demo());
    }
    BOOST_TEST(failed_checks == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
