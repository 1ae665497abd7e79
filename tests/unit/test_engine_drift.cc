// What moves behind the engine's back, and what nobody knows any more.
#include "daemon.hh"

using namespace samples;

namespace {

struct Drifting : Daemon {
    Drifting() { edit(demo()); }

    Wired &
    kernel()
    {
        return fake.pictures["demo"].kernel;
    }

    void
    spoil()
    {
        kernel().links.at("sg-a").up = false;
        engine->moved({false, {"demo"}, {}});
        fake.run(50ms);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(drift, Drifting)

BOOST_AUTO_TEST_CASE(news_of_a_namespace_repair_it)
{
    spoil();
    check_demo_is(demo());
    BOOST_TEST(last_change().cause == "drift");
    BOOST_TEST((last_change().before == last_change().after));
}

BOOST_AUTO_TEST_CASE(news_of_a_device_repair_its_router)
{
    kernel().links.erase("sg-a");
    engine->moved({false, {}, {"sg-a", "eth0"}});
    fake.run(500ms);
    check_demo_is(demo());
    BOOST_TEST(fake.changes.size() == 2u);
}

BOOST_AUTO_TEST_CASE(more_news_than_can_be_told_repair_all)
{
    kernel().nat.reset();
    engine->moved({true, {}, {}});
    fake.run(500ms);
    check_demo_is(demo());
}

BOOST_AUTO_TEST_CASE(news_of_nothing_write_nothing)
{
    const int records = fake.records, effects = fake.effects;
    for (int i = 0; i < 100; i++) {
        engine->moved({false, {"demo", "other"}, {"sg-a"}});
        fake.run(10ms);
    }
    BOOST_TEST(fake.records == records);
    BOOST_TEST(fake.effects == effects);
    BOOST_TEST((status().state == State::active));
}

BOOST_AUTO_TEST_CASE(what_no_event_tells_is_found_within_a_round)
{
    kernel().sysctls.begin()->second = "other";
    fake.run(milliseconds{Limits{}.sweep_interval} + 1s);
    check_demo_is(demo());
    BOOST_TEST(last_change().cause == "drift");
}

BOOST_AUTO_TEST_CASE(without_a_sweep_it_is_not)
{
    rows.options["sweep-interval"] = "0";
    commit();
    fake.run(2min);
    kernel().sysctls.begin()->second = "other";
    fake.run(1h);
    BOOST_TEST(fake.changes.size() == 1u);
    rows.options["sweep-interval"] = "1000";
    commit();
    fake.run(3s);
    check_demo_is(demo());
}

BOOST_AUTO_TEST_CASE(drift_can_be_told_only)
{
    rows.options["drift"] = "observe";
    commit();
    spoil();
    BOOST_TEST(!kernel().links.at("sg-a").up);
    BOOST_TEST((status().state == State::degraded));
    BOOST_TEST(has(status().error, "set sg-a up"), status().error);
    BOOST_TEST(fake.changes.size() == 1u);
    // Rows on the switch likewise.
    fake.pictures["demo"].switch_ports.erase("qg-a");
    commit();
    fake.run(500ms);
    BOOST_TEST(has(status().error, "qg-a"), status().error);
    BOOST_TEST(fake.changes.size() == 1u);
    // Whoever takes the option away waits for the repair.
    rows.options.erase("drift");
    commit();
    BOOST_TEST(realised() < rows.numbers.next_cfg);
    fake.run(500ms);
    check_demo_is(demo());
    BOOST_TEST(realised() == rows.numbers.next_cfg);
}

// A look that could not be ended is no leave to repair.
BOOST_AUTO_TEST_CASE(what_is_told_only_stays_so_after_another_look)
{
    rows.options["drift"] = "observe";
    edit(demo());
    fake.switch_runs = false;
    fake.pictures["demo"].switch_ports.erase("qg-a");
    commit();
    fake.run(5s);
    fake.switch_runs = true;
    commit();
    fake.run(5s);
    BOOST_TEST(fake.changes.size() == 1u);
    BOOST_TEST((status().state == State::degraded));
}

// Asked for while it is looked at already, for less.
BOOST_AUTO_TEST_CASE(a_resync_during_a_look_repairs)
{
    rows.options["drift"] = "observe";
    commit();
    fake.run(1s);
    fake.meanwhile = [this] { engine->resync("demo"); };
    spoil();
    fake.run(1s);
    check_demo_is(demo());
    BOOST_TEST(last_change().cause == "resync");
}

BOOST_AUTO_TEST_CASE(what_moves_while_a_router_is_made_is_repaired)
{
    rows.options["sweep-interval"] = "0";
    remove("demo");
    fake.refuse_record = [this](const Change &change) -> std::optional<Error> {
        if (change.number == 3 && change.state == Change_state::committed) {
            kernel().links.at("sg-a").up = false;
            engine->moved({false, {"demo"}, {}});
        }
        return std::nullopt;
    };
    edit(demo());
    check_demo_is(demo());
    BOOST_TEST(last_change().cause == "drift");
}

BOOST_AUTO_TEST_CASE(a_repair_that_fails_is_tried_again)
{
    fake.refuse_step = [](const Step &) {
        return std::optional{Error{28, "no space"}};
    };
    spoil();
    BOOST_TEST((status().state == State::failed));
    BOOST_TEST((last_change().state == Change_state::undone));
    fake.run(30s);
    BOOST_TEST((status().state == State::failed));
    // The history has the first failure and the last.
    BOOST_TEST(fake.changes.size() == 3u);
    fake.refuse_step = nullptr;
    fake.run(60s);
    check_demo_is(demo());
    BOOST_TEST(last_change().cause == "drift");
}

BOOST_AUTO_TEST_CASE(an_edit_during_a_look_is_not_realised_by_it)
{
    engine->moved({false, {"demo"}, {}});
    fake.run(); // The look is under way.
    engine->moved({false, {"demo"}, {}});
    set(other_demo());
    commit();
    const auto seen = realised();
    BOOST_TEST(seen == 1);
    fake.run(500ms);
    BOOST_TEST(realised() == 2);
    check_demo_is(other_demo());
}

BOOST_AUTO_TEST_CASE(a_fight_is_slowed_down_and_told)
{
    fake.run(1s);
    for (int i = 0; i < 600; i++) {
        kernel().links.at("sg-a").up = false;
        engine->moved({false, {"demo"}, {}});
        fake.run(100ms);
    }
    BOOST_TEST((status().state == State::degraded));
    BOOST_TEST(has(status().error, "keeps undoing"), status().error);
    // A minute: three at once, then after 1, 2, 4, .. seconds.
    BOOST_TEST(fake.changes.size() < 15u);
    BOOST_TEST(fake.changes.size() > 5u);
    // It is over: the last word is ours.
    fake.run(5min);
    check_demo_is(demo());
}

// The kernel tells that ovs-vswitchd has let go of it before the database
// tells that its row is gone.
BOOST_AUTO_TEST_CASE(a_port_that_is_being_deleted_is_not_opened)
{
    Picture &now = fake.pictures["demo"];
    now.open_ports.insert("sg-a");
    kernel().links.at("sg-a").open = false;
    engine->moved({false, {"demo"}, {}});
    fake.run(50ms);
    BOOST_TEST(fake.changes.size() == 1u);
    now.switch_ports.erase("sg-a");
    now.open_ports.erase("sg-a");
    fake.run(1s);
    check_demo_is(demo());
    BOOST_TEST(!has(last_change().steps, "have the switch open"));
}

// It is still inside when its row is brought back, and is made anew then.
BOOST_AUTO_TEST_CASE(a_device_of_the_switch_that_goes_late_is_moved_again)
{
    Router_row row = demo();
    row.ports[1].wiring = "internal";
    edit(row);
    check_demo_is(row);
    Picture &now = fake.pictures["demo"];
    fake.refuse_step = [&](const Step &step) -> std::optional<Error> {
        if (std::holds_alternative<Set_switch>(step)) {
            fake.meanwhile = [&] {
                now.kernel.on_node["sg-a"] = kernel().links.at("sg-a").device;
                kernel().links.erase("sg-a");
            };
        }
        return std::nullopt;
    };
    now.switch_ports.erase("sg-a");
    commit();
    fake.run(1s);
    check_demo_is(row);
    BOOST_TEST((last_change().state == Change_state::committed));
    BOOST_TEST(last_change().cause == "drift");
}

BOOST_AUTO_TEST_CASE(an_edit_is_realised_in_spite_of_a_fight)
{
    for (int i = 0; i < 100; i++) {
        spoil();
    }
    edit(other_demo());
    check_demo_is(other_demo());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(orphans, Drifting)

// Both the rows and the history are gone: the database is another one.
BOOST_AUTO_TEST_CASE(a_lost_database_takes_nothing_down_at_once)
{
    const Picture before = fake.pictures["demo"];
    fake.changes.clear();
    remove("demo");
    BOOST_TEST((fake.pictures["demo"] == before));
    BOOST_REQUIRE(engine->routers().contains("demo"));
    BOOST_TEST(engine->routers().at("demo").orphaned.has_value());
    BOOST_TEST(realised() == rows.numbers.next_cfg);
    fake.run(milliseconds{Limits{}.orphan_grace} + 1s);
    check_nothing_is_left();
    BOOST_TEST(last_change().cause == "orphan");
}

// Its record goes into the new database, which thereby seems to know it.
BOOST_AUTO_TEST_CASE(a_database_lost_in_the_middle_of_a_change)
{
    for (const bool back : {false, true}) {
        fault.stop_at_step(2);
        edit(back ? demo() : other_demo());
        fake.changes.clear();
        remove("demo");
        if (back) {
            fault.fail_step(3, 28);
        }
        fault.go();
        fake.run(10s);
        BOOST_TEST((links() == std::set<std::string>{"qg-a", "sg-b"}));
        BOOST_REQUIRE(engine->routers().contains("demo"));
        BOOST_TEST(engine->routers().at("demo").orphaned.has_value());
        edit(other_demo());
        check_demo_is(other_demo());
    }
}

BOOST_AUTO_TEST_CASE(an_orphan_in_the_queue_is_left_alone)
{
    rows.options["total-change-rate"] = "1";
    for (const std::string name : {"a1", "a2", "a3"}) {
        set(router_row(name, {port_row("sg-" + name, "10.0.1.1/24")}));
    }
    edit(other_demo());
    BOOST_REQUIRE(engine->routers().at("demo").queued);
    fake.changes.clear();
    rows.routers.clear();
    commit();
    fake.run(1min);
    BOOST_REQUIRE(engine->routers().contains("demo"));
    BOOST_TEST(engine->routers().at("demo").orphaned.has_value());
    BOOST_TEST(!links().empty());
}

BOOST_AUTO_TEST_CASE(an_orphan_is_found_at_the_start)
{
    const Picture before = fake.pictures["demo"];
    fake.changes.clear();
    rows.routers.clear();
    start();
    commit();
    fake.run(1min);
    BOOST_REQUIRE(engine->routers().contains("demo"));
    BOOST_TEST((fake.pictures["demo"] == before));
    BOOST_TEST(realised() == rows.numbers.next_cfg);
    BOOST_TEST(!engine->purge("nobody"));
    BOOST_TEST(engine->purge("demo"));
    fake.run(500ms);
    check_nothing_is_left();
}

BOOST_AUTO_TEST_CASE(an_orphan_is_adopted_untouched)
{
    fake.changes.clear();
    rows.routers.clear();
    start();
    commit();
    fake.run(1s);
    const int effects = fake.effects;
    edit(demo());
    check_demo_is(demo());
    BOOST_TEST(fake.effects == effects);
    BOOST_TEST(!engine->routers().at("demo").orphaned.has_value());
    fake.run(1h);
    check_demo_is(demo());
}

BOOST_AUTO_TEST_CASE(orphans_can_be_left_for_ever)
{
    rows.options["orphan-grace"] = "0";
    fake.changes.clear();
    remove("demo");
    fake.run(24h);
    BOOST_TEST((links() == std::set<std::string>{"qg-a", "sg-a"}));
    engine->purge();
    fake.run(500ms);
    check_nothing_is_left();
}

// What the rows ask for is known, but the history is not.
BOOST_AUTO_TEST_CASE(a_lost_history_is_written_anew)
{
    const auto after = last_change().after;
    const int effects = fake.effects;
    fake.changes.clear();
    commit();
    fake.run(500ms);
    BOOST_REQUIRE(fake.changes.size() == 1u);
    BOOST_TEST((last_change().after == after));
    BOOST_TEST((last_change().before == after));
    BOOST_TEST((last_change().state == Change_state::committed));
    BOOST_TEST(fake.effects == effects);
    // And it holds: a reboot with wrong rows wires it again.
    fake.pictures.clear();
    set(router_row("demo", {port_row("qg-a", "banana")}));
    start();
    commit();
    fake.run(500ms);
    BOOST_TEST((links() == std::set<std::string>{"qg-a", "sg-a"}));
}

// Somebody was faster: there is nothing left to do, and it is written down.
BOOST_AUTO_TEST_CASE(what_is_so_already_is_recorded)
{
    const auto before = last_change().after;
    const Accepted wanted = accept(other_demo(), rows.around, Limits{});
    for (const Step &step : plan(wish(wanted.router), fake.pictures["demo"])) {
        take_effect(fake.pictures["demo"], step);
    }
    edit(other_demo());
    BOOST_TEST(fake.changes.size() == 2u);
    BOOST_TEST((last_change().before == before));
    BOOST_TEST((last_change().after == Told{wanted.router}));
    BOOST_TEST(last_change().steps == "[]");
    BOOST_TEST((last_change().state == Change_state::committed));
}

// The record of what it was, nothing, is long gone; and so is the router.
BOOST_AUTO_TEST_CASE(a_deletion_in_the_middle_of_a_change_is_no_loss)
{
    Router_row row = demo();
    row.enabled = false;
    edit(row);
    fake.changes.clear();
    fault.stop_at_step(2);
    edit(demo());
    remove("demo");
    fault.go();
    fake.run(1s);
    check_nothing_is_left();
}

BOOST_AUTO_TEST_CASE(a_deletion_is_no_loss)
{
    remove("demo");
    check_nothing_is_left();
}

BOOST_AUTO_TEST_SUITE_END()
