// What a life before has left behind, or cannot be read any more.
#include "daemon.hh"

using namespace samples;

BOOST_FIXTURE_TEST_SUITE(engine_crashes, Daemon)

// What it was wired as cannot be read; while it waits for its turn to be what
// its rows ask for, these go wrong.
BOOST_AUTO_TEST_CASE(what_cannot_be_read_is_left_alone_in_the_queue_too)
{
    edit(demo());
    fake.changes.begin()->second.after = {{}, "not to be read"};
    start();
    rows.options["total-change-rate"] = "1";
    for (const std::string name : {"a1", "a2", "a3"}) {
        set(router_row(name, {port_row("sg-" + name, "10.0.1.1/24")}));
    }
    commit();
    BOOST_REQUIRE(engine->routers().at("demo").queued);
    Router_row wrong = demo();
    wrong.ports[1].networks = {"banana"};
    set(wrong);
    commit();
    fake.run(1min);
    BOOST_TEST((links() == std::set<std::string>{"qg-a", "sg-a"}));
    BOOST_TEST(has(status().error, "it is left as it is"), status().error);
}

// What cannot be read is not the same as nothing.
BOOST_AUTO_TEST_CASE(an_unreadable_history_takes_no_router_down)
{
    edit(demo());
    fake.changes[1].after = {{}, "{\"name\":\"demo\",\"of the future\":1}"};
    Router_row wrong = demo();
    wrong.ports[1].networks = {"banana"};
    start();
    const Picture before = fake.pictures["demo"];
    edit(wrong);
    BOOST_TEST((fake.pictures["demo"] == before));
    BOOST_TEST((status().state == State::failed));
    BOOST_TEST(has(status().error, "left as it is"), status().error);
    BOOST_TEST(realised() == 2);
    edit(other_demo());
    check_demo_is(other_demo());
    // Nor does it keep one that nobody wants.
    fake.changes.rbegin()->second.after = {{}, "{"};
    start();
    remove("demo");
    BOOST_TEST((fake.pictures["demo"] == Picture{}));
}

// Nor with the lives of a daemon that dies of it.
BOOST_AUTO_TEST_CASE(the_record_does_not_grow_with_the_crashes)
{
    edit(demo());
    set(other_demo());
    size_t size = 0;
    for (int i = 0; i < 5; i++) {
        fault.crash_at_step(2);
        commit();
        fake.run(500ms);
        BOOST_REQUIRE(fake.is_dead);
        size = i < 3 ? last_change().steps.size() : size;
        start();
    }
    BOOST_TEST(last_change().steps.size() == size);
}

// A foreign namespace stops the way there, but not the way back.
BOOST_AUTO_TEST_CASE(a_foreign_name_does_not_stop_the_way_back)
{
    set(demo());
    fault.crash_at_step(3);
    commit();
    fake.run(500ms);
    fake.reboot();
    fake.pictures["demo"].kernel.name = Name_state::foreign;
    rows.routers.clear();
    start();
    commit();
    fake.run(500ms);
    BOOST_TEST((last_change().state == Change_state::undone));
    BOOST_TEST(realised() == 2);
}

BOOST_AUTO_TEST_CASE(status_that_was_wiped_is_written_again)
{
    edit(demo());
    fake.shown.clear(); // And the snapshot holds none either.
    commit();
    fake.run(500ms);
    BOOST_TEST((status().state == State::active));
}

// Whatever was under way ends where the rows want it after the restart, be
// they the same or others.
BOOST_AUTO_TEST_CASE(a_crash_at_any_step_is_a_normal_start)
{
    const std::vector<std::optional<Router_row>> ends
        = {std::nullopt, demo(), other_demo()};
    const auto become = [](Daemon &d, const std::optional<Router_row> &end) {
        if (end) {
            d.set(*end);
        } else {
            d.rows.routers.erase("demo");
        }
        d.commit();
        d.fake.run(5s);
    };
    for (const auto &from : ends) {
        for (const auto &to : ends) {
            for (const auto &finally : ends) {
                for (size_t n = 1;; n++) {
                    Daemon d;
                    become(d, from);
                    d.fault.crash_at_step(n);
                    become(d, to);
                    if (!d.fake.is_dead) {
                        break;
                    }
                    d.start();
                    become(d, finally);
                    BOOST_TEST_CONTEXT(
                        "step " << n << " from "
                                << (from ? from->ports[1].name : "none")
                                << " to " << (to ? to->ports[1].name : "none")
                                << " finally "
                                << (finally ? finally->ports[1].name : "none"))
                    if (finally) {
                        d.check_demo_is(*finally);
                    } else {
                        d.check_nothing_is_left();
                    }
                    for (const auto &[number, change] : d.fake.changes) {
                        BOOST_TEST((change.finished_at > 0),
                                   "change " << number << " is not over");
                    }
                    BOOST_TEST(d.realised() == d.rows.numbers.next_cfg);
                }
            }
        }
    }
}

// Who waits for what came after the crash waits for that to be realised.
BOOST_AUTO_TEST_CASE(an_edit_after_a_crash_is_not_told_to_be_over_too_soon)
{
    edit(demo());
    fault.crash_at_step(2);
    edit(other_demo());
    BOOST_REQUIRE(fake.is_dead);
    start();
    set(demo());
    rows.routers["demo"].ports[1].networks = {"10.0.7.1/24"};
    int64_t told = 0;
    fake.refuse_record = [&](const Change &change) -> std::optional<Error> {
        if (change.number == 3 && change.state == Change_state::applying) {
            told = realised();
        }
        return std::nullopt;
    };
    commit();
    fake.run(500ms);
    check_demo_is(rows.routers["demo"]);
    BOOST_TEST(fake.changes.size() == 3u);
    BOOST_TEST(told < rows.numbers.next_cfg);
    BOOST_TEST(realised() == rows.numbers.next_cfg);
}

BOOST_AUTO_TEST_CASE(an_interrupted_repair_waits_for_the_switch)
{
    edit(demo());
    fake.pictures["demo"].switch_ports.erase("sg-a");
    fault.crash_at_step(1);
    commit();
    fake.run(500ms);
    BOOST_REQUIRE(fake.is_dead);
    fake.pictures["demo"].switch_ports.erase("sg-a");
    fake.switch_runs = false;
    start();
    commit();
    fake.run(5s);
    BOOST_TEST((last_change().state == Change_state::applying));
    fake.switch_runs = true;
    commit();
    fake.run(60s);
    check_demo_is(demo());
    BOOST_TEST(fake.changes.size() == 2u);
    BOOST_TEST((last_change().state == Change_state::committed));
}

BOOST_AUTO_TEST_SUITE_END()
