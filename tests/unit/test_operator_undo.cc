// What operators have back: changes by their numbers, and those that nobody
// confirmed in time.
#include "change/operator_undo.hh"
#include "daemon.hh"
#include "sentences.hh"

using namespace samples;
using sentences::check_error;

namespace {

struct Operator : Daemon {
    // The answer's error, empty if it went well.
    std::string
    undo(uint64_t number, bool force = false)
    {
        std::optional<Result<std::string>> answer;
        engine->undo(number, force,
                     [&](const auto &result) { answer = result; });
        fake.run(500ms);
        BOOST_REQUIRE(answer.has_value());
        return *answer ? "" : answer->error().what;
    }

    void
    must_undo(uint64_t number, bool force = false)
    {
        BOOST_TEST(undo(number, force) == "");
    }

    // A change with this end that is not the engine's own.
    void
    add(uint64_t number, Change_state state, const Told &before,
        const Told &after)
    {
        Change change;
        change.number = number;
        change.router = "demo";
        change.cause = "edit";
        change.state = state;
        change.before = before;
        change.after = after;
        fake.changes[number] = change;
    }

    bool
    waits(const std::string &router = "demo") const
    {
        const auto found = fake.confirms.find(router);
        return found != fake.confirms.end() && found->second.is_waiting();
    }

    // The daemon dies and comes back; time goes on without it.
    void
    restart(milliseconds later)
    {
        fake.world.crash(Victim::both);
        fake.reboot();
        fake.run(later);
        start();
        commit();
        fake.run(500ms);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(operator_undo, Operator)

BOOST_AUTO_TEST_CASE(an_edit_is_undone_and_the_undo_too)
{
    edit(demo());
    edit(other_demo());
    must_undo(2);
    check_demo_is(demo());
    BOOST_TEST(last_change().cause == "undo");
    BOOST_TEST(last_change().number == 3u);
    BOOST_TEST(
        (rows.routers["demo"].ports[0].networks == demo().ports[0].networks));
    must_undo(3);
    check_demo_is(other_demo());
    BOOST_TEST(realised() == rows.numbers.next_cfg);
}

BOOST_AUTO_TEST_CASE(the_first_change_is_undone_and_comes_back)
{
    edit(demo());
    must_undo(1);
    BOOST_TEST(!rows.routers.contains("demo"));
    check_nothing_is_left();
    must_undo(2);
    check_demo_is(demo());
    remove("demo");
    must_undo(4);
    check_demo_is(demo());
}

BOOST_AUTO_TEST_CASE(a_router_that_was_disabled_is_so_again)
{
    edit(demo());
    Router_row row = demo();
    row.enabled = false;
    edit(row);
    must_undo(2);
    check_demo_is(demo());
    must_undo(3);
    BOOST_TEST(!rows.routers["demo"].enabled);
    BOOST_TEST(rows.routers["demo"].ports.size() == 2u);
    BOOST_TEST((status().state == State::disabled));
    must_undo(4);
    check_demo_is(demo());
}

BOOST_AUTO_TEST_CASE(a_router_that_was_empty_is_so_again)
{
    edit(router_row("demo", {}));
    edit(demo());
    must_undo(1);
    BOOST_TEST(rows.routers.contains("demo"));
    BOOST_TEST(rows.routers["demo"].ports.empty());
}

BOOST_AUTO_TEST_CASE(later_changes_make_it_ambiguous)
{
    edit(demo());
    edit(other_demo());
    engine->resync("demo");
    fake.pictures["demo"].kernel.nat.reset();
    fake.run(500ms);
    BOOST_TEST(last_change().cause == "resync");
    const std::string why = undo(1);
    BOOST_TEST(has(why, "change 2"), why);
    BOOST_TEST(has(why, "--force"), why);
    check_demo_is(other_demo());
    must_undo(2); // A repair is not in the way.
    check_demo_is(demo());
    edit(router_row("more", {port_row("sg-more", "10.9.0.1/24")}));
    must_undo(4); // Nor is another router.
    check_demo_is(other_demo());
    must_undo(2, true);
    check_demo_is(demo());
}

// Each change has only the rules that it changed.
BOOST_AUTO_TEST_CASE(rules_come_back_through_later_changes)
{
    const auto with_rules = [](const std::vector<std::string> &hosts) {
        std::vector<Nat_row> rules;
        for (const std::string &host : hosts) {
            Nat_row &rule = rules.emplace_back();
            rule.id = {Table::nat, host};
            rule.type = "dnat_and_snat";
            rule.external_ip = "203.0.113." + host;
            rule.logical_ip = "10.0.0." + host;
        }
        Router_row row = demo();
        row.nat = nat_rows(rules);
        return row;
    };
    const auto good
        = [this] { return engine->routers().at("demo").good->nat; };
    edit(with_rules({"5", "6", "7"}));
    const auto first = good();
    BOOST_TEST(first.size() == 3u);
    edit(with_rules({"6", "7", "8"}));
    const auto second = good();
    edit(with_rules({"7", "8"}));
    const auto third = good();
    start();
    commit();
    fake.run(500ms);
    BOOST_TEST((good() == third));
    must_undo(2, true);
    BOOST_TEST((good() == first));
    must_undo(3, true);
    BOOST_TEST((good() == second));
    // What was kept of the last state is wrong: nothing is told of any.
    fake.good_rules["demo"] = third;
    BOOST_TEST(has(undo(3, true), "cannot be read"));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_undone)
{
    const auto lacks = [&](uint64_t number, const char *part) {
        const auto found = find_undoable(fake.history(), number, true);
        check_error(found, {part});
    };
    lacks(1, "none is recorded");
    edit(demo());
    const Told none, now = fake.changes[1].after, unread{{}, "banana"};
    add(2, Change_state::undone, none, now);
    add(3, Change_state::applying, none, now);
    add(4, Change_state::undo_failed, none, now);
    add(5, Change_state::committed, now, now);
    add(6, Change_state::committed, unread, now);
    add(7, Change_state::committed, now, unread);
    lacks(0, "from 1 to 7");
    lacks(99, "from 1 to 7");
    lacks(2, "nothing to undo");
    lacks(3, "under way");
    lacks(4, "under way");
    lacks(5, "nothing to undo");
    lacks(6, "cannot be read");
    lacks(7, "cannot be read");
    // A change that is under way may still change the router.
    fake.changes.erase(6);
    fake.changes.erase(7);
    check_error(find_undoable(fake.history(), 1, false), {"change 4"});
}

// As when a repair, or an end without steps, shows another router.
BOOST_AUTO_TEST_CASE(what_nobody_recorded_is_in_the_way)
{
    edit(demo());
    edit(other_demo());
    const auto first = fake.changes[1].after, last = fake.changes[2].after;
    fake.changes.erase(2);
    add(3, Change_state::committed, last, last);
    const auto found = find_undoable(fake.history(), 1, false);
    check_error(found, {"change 3", "not recorded", "--force"});
    BOOST_TEST(bool(find_undoable(fake.history(), 1, true)));
    add(3, Change_state::committed, first, first);
    BOOST_TEST(bool(find_undoable(fake.history(), 1, false)));
}

BOOST_AUTO_TEST_CASE(rows_that_ask_for_it_already_are_left_alone)
{
    edit(demo());
    Router_row wrong = other_demo();
    edit(wrong);
    wrong.ports[0].networks = {"banana"};
    edit(wrong);
    must_undo(2); // Also of what is refused.
    check_demo_is(demo());
    fake.changes.erase(3);
    BOOST_TEST(has(undo(2), "already"));
}

BOOST_AUTO_TEST_CASE(a_database_that_refuses_changes_nothing)
{
    edit(demo());
    edit(other_demo());
    fake.refuse_rewrite = Error{0, "no"};
    BOOST_TEST(undo(2) == "no");
    check_demo_is(other_demo());
    fake.refuse_rewrite.reset();
    must_undo(2);
    check_demo_is(demo());
}

BOOST_AUTO_TEST_CASE(what_is_confirmed_stays)
{
    edit(demo());
    ask_to_confirm(60);
    edit(other_demo());
    BOOST_TEST(waits());
    BOOST_TEST(fake.confirms["demo"].change == 2u);
    BOOST_TEST(fake.confirms["demo"].until
               == last_change().finished_at + 60000);
    fake.confirms.clear();
    rows.confirms.clear();
    commit();
    fake.run(100s);
    check_demo_is(other_demo());
    BOOST_TEST(fake.changes.size() == 2u);
}

BOOST_AUTO_TEST_CASE(what_is_not_confirmed_goes)
{
    edit(demo());
    ask_to_confirm(60);
    edit(other_demo());
    fake.run(59s);
    check_demo_is(other_demo());
    fake.run(1s);
    check_demo_is(demo());
    BOOST_TEST(last_change().cause == "unconfirmed");
    BOOST_TEST(fake.confirms.empty());
    BOOST_TEST(fake.changes.size() == 3u);
    must_undo(3);
    check_demo_is(other_demo());
}

BOOST_AUTO_TEST_CASE(a_new_router_goes_and_a_deleted_one_comes_back)
{
    ask_to_confirm(5);
    edit(demo());
    fake.run(10s);
    check_nothing_is_left();
    edit(demo());
    ask_to_confirm(86400);
    remove("demo");
    fake.run(86390s);
    BOOST_TEST((fake.pictures["demo"] == Picture{}));
    fake.run(20s);
    check_demo_is(demo());
    BOOST_TEST(last_change().cause == "unconfirmed");
}

BOOST_AUTO_TEST_CASE(edits_in_between_go_with_it)
{
    edit(demo());
    ask_to_confirm(60);
    edit(other_demo());
    Router_row third = other_demo();
    third.ports[1].networks = {"10.7.0.1/24"};
    edit(third);
    fake.run(60s);
    check_demo_is(demo());
    BOOST_TEST(fake.changes.size() == 4u);
}

BOOST_AUTO_TEST_CASE(asked_for_anew_the_time_begins_again)
{
    edit(demo());
    ask_to_confirm(60);
    edit(other_demo());
    fake.run(50s);
    ask_to_confirm(60);
    Router_row third = other_demo();
    third.ports[1].networks = {"10.7.0.1/24"};
    edit(third);
    BOOST_TEST(fake.confirms["demo"].change == 2u);
    fake.run(55s);
    check_demo_is(third);
    fake.run(5s);
    check_demo_is(demo());
}

BOOST_AUTO_TEST_CASE(the_time_holds_over_a_restart)
{
    edit(demo());
    ask_to_confirm(60);
    edit(other_demo());
    restart(10s);
    check_demo_is(other_demo());
    fake.run(48s);
    check_demo_is(other_demo());
    fake.run(2s);
    check_demo_is(demo());
    ask_to_confirm(60);
    edit(other_demo());
    restart(100s); // It is over by then.
    check_demo_is(demo());
    BOOST_TEST(last_change().cause == "unconfirmed");
}

BOOST_AUTO_TEST_CASE(nothing_waits_for_what_did_not_come_about)
{
    edit(demo());
    Router_row wrong = other_demo();
    wrong.ports[0].networks = {"banana"};
    ask_to_confirm(60);
    edit(wrong);
    BOOST_TEST(!waits());
    edit(other_demo()); // Without a request.
    BOOST_TEST(fake.confirms.empty());
    fake.run(100s);
    check_demo_is(other_demo());
    ask_to_confirm(60);
    edit(other_demo()); // Nothing to do.
    BOOST_TEST(fake.confirms.empty());
    ask_to_confirm(60, "nobody");
    commit();
    fake.run(500ms);
    BOOST_TEST(fake.confirms.empty());
    BOOST_TEST(!engine->routers().contains("nobody"));
}

// A look that drift has caused is no try to do what was asked for.
BOOST_AUTO_TEST_CASE(nothing_waits_after_a_look)
{
    edit(demo());
    Router_row wrong = other_demo();
    wrong.ports[0].networks = {"banana"};
    ask_to_confirm(60);
    edit(wrong);
    fake.meanwhile = [this] {
        set(other_demo());
        commit();
    };
    engine->moved({false, {"demo"}, {}});
    fake.run(1s);
    check_demo_is(other_demo());
    BOOST_TEST(fake.confirms.empty());
}

BOOST_AUTO_TEST_CASE(what_comes_about_by_a_retry_waits)
{
    edit(demo());
    fault.fail_step(1, 5);
    ask_to_confirm(60);
    edit(other_demo());
    BOOST_TEST((last_change().state == Change_state::undone));
    BOOST_TEST(!waits());
    fake.run(5s);
    check_demo_is(other_demo());
    BOOST_TEST(waits());
    fake.run(60s);
    check_demo_is(demo());
}

BOOST_AUTO_TEST_CASE(what_comes_about_with_a_late_bridge_waits)
{
    rows.around.bridges.erase("br-int");
    ask_to_confirm(60);
    edit(demo());
    BOOST_TEST((status().state == State::pending));
    rows.around.bridges["br-int"] = true;
    commit();
    fake.run(500ms);
    check_demo_is(demo());
    BOOST_TEST(waits());
}

// The first try fails while somebody asks for something else.
BOOST_AUTO_TEST_CASE(an_edit_during_a_try_drops_the_request)
{
    edit(demo());
    fault.fail_step(1, 5);
    fake.meanwhile = [this] {
        set(demo());
        rows.routers["demo"].ports[1].networks = {"10.0.7.1/24"};
        commit();
    };
    ask_to_confirm(60);
    edit(other_demo());
    fake.run(5s);
    check_demo_is(rows.routers["demo"]);
    BOOST_TEST(!waits());
    BOOST_TEST(fake.confirms.empty());
}

// As a start finds it, between the two databases.
BOOST_AUTO_TEST_CASE(an_undo_that_was_interrupted_goes_on)
{
    edit(demo());
    edit(other_demo());
    fake.confirms["demo"] = {"demo", 0, 0, 2, fake.wall_ms()};
    rows.confirms = fake.confirms;
    start();
    commit();
    fake.run(5s);
    check_demo_is(demo());
    BOOST_TEST(last_change().cause == "undo");
    BOOST_TEST(fake.confirms.empty());
}

BOOST_AUTO_TEST_CASE(a_request_after_a_failure_is_a_new_one)
{
    edit(demo());
    Router_row wrong = other_demo();
    wrong.ports[0].networks = {"banana"};
    ask_to_confirm(60);
    edit(wrong);
    ask_to_confirm(60);
    edit(other_demo());
    BOOST_TEST(waits());
    fake.run(60s);
    check_demo_is(demo());
}

BOOST_AUTO_TEST_CASE(the_rows_are_put_back_when_the_database_lets_them)
{
    edit(demo());
    ask_to_confirm(60);
    edit(other_demo());
    fake.refuse_rewrite = Error{0, "no"};
    fake.run(70s);
    check_demo_is(other_demo());
    fake.refuse_rewrite.reset();
    fake.run(2s);
    check_demo_is(demo());
}

BOOST_AUTO_TEST_CASE(several_routers_wait_each)
{
    const auto other = [](const std::string &network) {
        return router_row("more", {port_row("sg-more", network)});
    };
    edit(demo());
    edit(other("10.9.0.1/24"));
    ask_to_confirm(60);
    ask_to_confirm(60, "more");
    set(other_demo());
    edit(other("10.9.1.1/24"));
    BOOST_TEST(waits());
    BOOST_TEST(waits("more"));
    fake.confirms.erase("more");
    rows.confirms.erase("more");
    commit();
    fake.run(61s);
    check_demo_is(demo());
    BOOST_TEST((rows.routers["more"].ports[0].networks
                == std::vector<std::string>{"10.9.1.1/24"}));
}

BOOST_AUTO_TEST_SUITE_END()
