// All routers together: what their rows ask for, in which order, how often,
// and what the rows are told about it.
#include "daemon.hh"

using namespace samples;

BOOST_FIXTURE_TEST_SUITE(engine, Daemon)

BOOST_AUTO_TEST_CASE(a_router_comes_changes_and_goes)
{
    edit(demo());
    check_demo_is(demo());
    BOOST_TEST((port_state("qg-a") == State::active));
    BOOST_TEST(last_change().cause == "start");
    BOOST_TEST(realised() == 1);
    edit(other_demo());
    BOOST_TEST(last_change().cause == "edit");
    check_demo_is(other_demo());
    BOOST_TEST((links() == std::set<std::string>{"qg-a", "sg-b"}));
    BOOST_TEST(realised() == 2);
    remove("demo");
    check_nothing_is_left();
    BOOST_TEST(realised() == 3);
    BOOST_TEST(fake.changes.size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_disabled_router_is_unwired_and_says_so)
{
    edit(demo());
    Router_row row = demo();
    row.enabled = false;
    edit(row);
    BOOST_TEST((status().state == State::disabled));
    BOOST_TEST((fake.pictures["demo"] == Picture{}));
    edit(demo());
    check_demo_is(demo());
}

BOOST_AUTO_TEST_CASE(nothing_new_writes_nothing)
{
    edit(demo());
    const int effects = fake.effects, records = fake.records;
    commit();
    fake.run(10s);
    BOOST_TEST(realised() == 2);
    start();
    commit();
    fake.run(10s);
    BOOST_TEST(realised() == 3);
    BOOST_TEST((status().state == State::active));
    BOOST_TEST(fake.effects == effects);
    BOOST_TEST(fake.records == records);
}

BOOST_AUTO_TEST_CASE(the_numbers_wait_for_the_change)
{
    set(demo());
    commit();
    BOOST_TEST(realised() == -1);
    BOOST_TEST((status().state == State::pending));
    fake.run(500ms);
    BOOST_TEST(realised() == 1);
}

BOOST_AUTO_TEST_CASE(edits_during_a_change_are_taken_up_after_it)
{
    set(demo());
    commit();
    set(other_demo());
    commit();
    fake.run(500ms);
    BOOST_TEST(realised() == 2);
    check_demo_is(other_demo());
    BOOST_TEST(fake.changes.size() == 2u);
}

// Who edits without asking for its end holds up nobody who does ask.
BOOST_AUTO_TEST_CASE(a_flood_of_one_holds_up_no_other)
{
    edit(demo());
    for (int i = 0; i < 300; i++) {
        set(router_row(
            "noisy",
            {port_row("sg-n", "10.1." + std::to_string(i % 250) + ".1/24")}));
        if (i == 100) {
            set(other_demo());
            rows.numbers.next_cfg++;
        }
        hear();
        fake.run(10ms);
        BOOST_TEST((i < 130 || realised() == 2), i);
    }
}

BOOST_AUTO_TEST_CASE(changes_of_a_router_are_limited_in_number)
{
    rows.options["change-rate"] = "2";
    for (int i = 0; i < 10; i++) {
        edit(i % 2 ? demo() : other_demo());
    }
    // Two at once, and two a second since.
    BOOST_TEST(fake.changes.size() <= 2u + 10u);
    BOOST_TEST(fake.changes.size() >= 5u);
    const auto before = fake.changes.size();
    set(other_demo());
    for (int i = 0; i < 100; i++) {
        set(i % 2 ? demo() : other_demo());
        commit();
        fake.run(1ms);
    }
    BOOST_TEST(fake.changes.size() <= before + 3);
    fake.run(2s);
    BOOST_TEST(realised() == rows.numbers.next_cfg);
    check_demo_is(demo());
}

BOOST_AUTO_TEST_CASE(all_changes_together_are_limited_in_number_and_fair)
{
    rows.options = {{"change-rate", "0"}, {"total-change-rate", "10"}};
    const auto flood = [this](int i) {
        for (const std::string name : {"a", "b", "c", "d"}) {
            set(router_row(name,
                           {port_row("sg-" + name,
                                     "10.0." + std::to_string(i) + ".1/24")}));
        }
        commit();
    };
    flood(0);
    fake.run(10s);
    const auto before = fake.changes.size();
    for (int i = 1; i <= 200; i++) {
        flood(i);
        if (i == 100) {
            set(router_row("z", {port_row("sg-z", "10.1.0.1/24")}));
        }
        fake.run(10ms);
    }
    BOOST_TEST(fake.changes.size() - before <= 10u + 2 * 10u + 1);
    BOOST_TEST(fake.changes.size() - before >= 20u);
    BOOST_TEST(engine->queued() <= 5u);
    BOOST_TEST((status("z").state == State::active));
    fake.run(2s);
    BOOST_TEST(realised() == rows.numbers.next_cfg);
}

BOOST_AUTO_TEST_CASE(routers_past_the_limit_are_refused)
{
    rows.options["max-routers"] = "1";
    edit(demo());
    set(router_row("more", {port_row("sg-more", "10.0.0.1/24")}));
    commit();
    fake.run(500ms);
    BOOST_TEST(links("more").empty());
    BOOST_TEST((status("more").state == State::failed));
    BOOST_TEST(has(status("more").error, "max-routers"));
    check_demo_is(demo());
}

BOOST_AUTO_TEST_CASE(a_port_is_released_before_it_is_claimed)
{
    edit(demo());
    set(router_row("demo", {demo().ports[0]}));
    set(router_row("a", {demo().ports[1]}));
    commit();
    fake.run(500ms);
    BOOST_TEST((status("a").state == State::active));
    BOOST_TEST((status("demo").state == State::active));
    BOOST_TEST((links("a") == std::set<std::string>{"sg-a"}));
    BOOST_TEST((links("demo") == std::set<std::string>{"qg-a"}));
    BOOST_TEST(fake.changes.size() == 3u);
}

// What is looked at while its rows come in is not done with them.
BOOST_AUTO_TEST_CASE(a_port_is_not_told_to_have_moved_too_soon)
{
    edit(demo());
    fault.stop_at_step(1);
    fault.only("a");
    fake.meanwhile = [this] {
        set(router_row("demo", {demo().ports[0]}));
        set(router_row("a", {demo().ports[1]}));
        commit();
    };
    engine->moved({true, {}, {}});
    fake.run(500ms);
    BOOST_TEST((links("demo") == std::set<std::string>{"qg-a"}));
    BOOST_TEST(realised() == 1);
    fault.go();
    fake.run(500ms);
    BOOST_TEST((links("a") == std::set<std::string>{"sg-a"}));
    BOOST_TEST(realised() == 2);
}

// Nor is one that is not wired yet anybody else's.
BOOST_AUTO_TEST_CASE(a_port_that_is_being_wired_is_released_first)
{
    fault.stop_at_step(5);
    edit(demo());
    set(router_row("demo", {demo().ports[0]}));
    set(router_row("a", {demo().ports[1]}));
    commit();
    fake.run(500ms);
    BOOST_TEST(links("a").empty());
    BOOST_TEST((status("a").state == State::pending));
    fault.go();
    fake.run(500ms);
    BOOST_TEST((links("a") == std::set<std::string>{"sg-a"}));
    BOOST_TEST((links("demo") == std::set<std::string>{"qg-a"}));
    for (const auto &[number, change] : fake.changes) {
        BOOST_TEST((change.state == Change_state::committed));
    }
    BOOST_TEST(realised() == 2);
}

BOOST_AUTO_TEST_CASE(routers_can_swap_their_ports)
{
    const Port_row one = port_row("sg-1", "10.0.1.1/24");
    const Port_row two = port_row("sg-2", "10.0.2.1/24");
    const Port_row three = port_row("sg-3", "10.0.3.1/24");
    set(router_row("a", {one}));
    set(router_row("b", {two}));
    set(router_row("c", {three}));
    commit();
    fake.run(500ms);
    set(router_row("a", {two}));
    set(router_row("b", {three}));
    set(router_row("c", {one}));
    commit();
    for (int i = 0; i < 1000 && realised() < 2; i++) {
        fake.run(1ms);
    }
    BOOST_TEST((links("a") == std::set<std::string>{"sg-2"}));
    BOOST_TEST((links("b") == std::set<std::string>{"sg-3"}));
    BOOST_TEST((links("c") == std::set<std::string>{"sg-1"}));
    BOOST_TEST(realised() == 2);
}

// Its holder's rows are wrong, so the holder stays as it was.
BOOST_AUTO_TEST_CASE(a_port_that_is_not_released_is_waited_for)
{
    edit(demo());
    Router_row wrong = router_row("demo", {demo().ports[0]});
    wrong.ports[0].networks = {"banana"};
    set(wrong);
    set(router_row("a", {demo().ports[1]}));
    commit();
    fake.run(500ms);
    BOOST_TEST(realised() == 2);
    BOOST_TEST((status("a").state == State::pending));
    BOOST_TEST(has(status("a").error, "router demo"), status("a").error);
    BOOST_TEST((links() == std::set<std::string>{"qg-a", "sg-a"}));
    edit(router_row("demo", {demo().ports[0]}));
    BOOST_TEST((status("a").state == State::active));
    BOOST_TEST(status("a").error == "");
    BOOST_TEST((links("a") == std::set<std::string>{"sg-a"}));
    BOOST_TEST(realised() == 3);
}

// One transaction of the database says it all.
BOOST_AUTO_TEST_CASE(the_commit_and_what_is_seen_of_it_come_together)
{
    edit(demo());
    BOOST_REQUIRE(fake.told.size() == 1u);
    const News &news = fake.told[0];
    BOOST_TEST((news.status.router.state == State::active));
    BOOST_TEST(news.status.change == 1u);
    BOOST_TEST(news.status.rows.size() == 2u);
    BOOST_TEST((news.next_cfg == 1));
    // Not while another edit is still to be realised.
    fault.fail_step(2, 28);
    set(other_demo());
    commit();
    set(demo());
    commit();
    fake.run(500ms);
    edit(demo());
    BOOST_TEST(fake.told.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_look_finds_what_was_spoilt)
{
    edit(demo());
    fake.pictures["demo"].kernel.links.erase("sg-a");
    fake.pictures["demo"].kernel.nat.reset();
    BOOST_TEST(engine->resync("demo"));
    fake.run(500ms);
    check_demo_is(demo());
    BOOST_TEST(last_change().cause == "resync");
    BOOST_TEST(!engine->resync("nobody"));
}

BOOST_AUTO_TEST_CASE(our_rows_on_the_switch_come_back)
{
    edit(demo());
    fake.pictures["demo"].switch_ports.erase("sg-a");
    commit();
    fake.run(500ms);
    check_demo_is(demo());
    BOOST_TEST(last_change().cause == "drift");
}

BOOST_AUTO_TEST_CASE(a_look_ahead_changes_nothing)
{
    rows.options["drift"] = "observe";
    edit(demo());
    const int effects = fake.effects;
    fake.has_carrier = false;
    fake.pictures["demo"].kernel.nat.reset();
    std::vector<Step> steps;
    engine->preview("demo", [&](const auto &planned) { steps = *planned; });
    fake.run(500ms);
    BOOST_REQUIRE(steps.size() == 1u);
    BOOST_TEST(std::holds_alternative<Set_nat>(steps[0]));
    BOOST_TEST(fake.effects == effects);
}

BOOST_AUTO_TEST_CASE(a_router_is_pending_while_it_changes)
{
    edit(demo());
    BOOST_TEST((status().state == State::active));
    bool asked = false;
    fake.refuse_step = [&](const Step &) -> std::optional<Error> {
        asked = true;
        BOOST_TEST((status().state == State::pending));
        return std::nullopt;
    };
    fake.pictures["demo"].switch_ports.erase("sg-a");
    commit();
    fake.run(500ms);
    BOOST_TEST(asked);
    check_demo_is(demo());
}

BOOST_AUTO_TEST_SUITE_END()
