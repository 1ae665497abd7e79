// What fails, is refused, crashes or is spoilt: who is told, what stays, and
// what heals.
#include "daemon.hh"

using namespace samples;

BOOST_FIXTURE_TEST_SUITE(engine_failures, Daemon)

BOOST_AUTO_TEST_CASE(a_change_that_fails_is_told_and_tried_again)
{
    edit(demo());
    fault.fail_step(2, 28);
    edit(other_demo());
    BOOST_TEST(realised() == 2);
    BOOST_TEST((status().state == State::failed));
    BOOST_TEST(has(status().error, "step 2 ("), status().error);
    BOOST_TEST((links() == std::set<std::string>{"qg-a", "sg-a"}));
    BOOST_TEST((port_state("qg-a") == State::failed));
    fake.run(2s);
    check_demo_is(other_demo());
    BOOST_TEST(last_change().cause == "retry");
}

// The device of a port whose row is deleted in the middle of a change goes
// with it: nobody waits for it to come back.
BOOST_AUTO_TEST_CASE(what_is_gone_with_its_row_is_not_waited_for)
{
    edit(demo());
    const Router_row more = router_row(
        "demo", {demo().ports[0], demo().ports[1], other_demo().ports[1]});
    const Router_row less
        = router_row("demo", {demo().ports[0], other_demo().ports[1]});
    fake.refuse_step = [&](const Step &step) -> std::optional<Error> {
        const auto *up = std::get_if<Set_up>(&step);
        if (up && up->link == "sg-b" && up->becomes) {
            fake.refuse_step = nullptr;
            fake.pictures["demo"].kernel.links.erase("sg-a");
            set(less);
            commit();
        }
        return std::nullopt;
    };
    edit(more);
    check_demo_is(less);
    BOOST_TEST(realised() == 3);
    BOOST_TEST((fake.changes.at(2).state == Change_state::undone));
}

BOOST_AUTO_TEST_CASE(retries_come_ever_more_seldom)
{
    fake.refuse_step = [](const Step &) {
        return std::optional{Error{28, "no space"}};
    };
    set(demo());
    commit();
    fake.run(10s);
    const auto tries = [this] { return fake.records / 2; };
    const int soon = tries();
    BOOST_TEST(soon >= 3);
    BOOST_TEST(soon <= 5);
    fake.run(600s);
    BOOST_TEST(tries() <= soon + 4 + 600 / 60);
    BOOST_TEST(tries() >= soon + 600 / 75);
    // The history has the first and the last.
    BOOST_TEST(fake.changes.size() == 2u);
    BOOST_TEST(last_change().cause == "retry");
    // Who edits is served at once.
    fake.refuse_step = nullptr;
    edit(other_demo());
    check_demo_is(other_demo());
}

// News that ovs-vswitchd has all ports ends the wait of what failed for want
// of them, and of nothing else.
BOOST_AUTO_TEST_CASE(what_the_switch_lacked_does_not_wait_for_the_clock)
{
    rows.options = {{"retry-initial", "60000"}, {"check-timeout", "100"}};
    fake.unready = "ovs-vswitchd has not taken up the port sg-a";
    edit(demo());
    BOOST_TEST((status().state == State::failed));
    fake.unready.reset();
    commit();
    fake.run(500ms);
    check_demo_is(demo());

    fake.unready = "ovs-vswitchd has not taken up the port sg-b";
    fault.fail_step(2, 28);
    edit(other_demo());
    fake.unready.reset();
    commit();
    fake.run(500ms);
    BOOST_TEST((status().state == State::failed));
    BOOST_TEST((links() == std::set<std::string>{"qg-a", "sg-a"}));
}

// What the switch lacked in the middle of a check is not what the check failed
// for in the end.
BOOST_AUTO_TEST_CASE(what_the_switch_lacked_for_a_while_is_forgotten)
{
    rows.options = {{"retry-initial", "60000"}, {"check-timeout", "100"}};
    fake.unready = "ovs-vswitchd has not taken up the port sg-a";
    set(demo());
    commit();
    fake.run(50ms);
    fake.unready.reset();
    fake.has_carrier = false;
    fake.run(500ms);
    BOOST_TEST((status().state == State::failed));
    BOOST_TEST(has(status().error, "carrier"), status().error);
    fake.has_carrier = true;
    commit();
    fake.run(500ms);
    BOOST_TEST((status().state == State::failed));
}

// As ovs-vswitchd does when it lets go late of a device of the same name.
BOOST_AUTO_TEST_CASE(a_pair_that_is_set_down_during_the_check_is_set_up)
{
    fake.unready = "ovs-vswitchd has not taken up the port sg-a";
    set(demo());
    commit();
    fake.run(50ms);
    fake.pictures["demo"].kernel.links.at("sg-a").device.node_up = false;
    fake.unready.reset();
    fake.run(500ms);
    check_demo_is(demo());
    BOOST_TEST(fake.changes.size() == 1u);
    BOOST_TEST(has(last_change().steps, "change the device sg-a"));
}

// As ovs-vswitchd does when it tells late of what it had opened before a
// crash.
BOOST_AUTO_TEST_CASE(a_pair_that_the_switch_lacks_during_the_check_is_opened)
{
    fake.unready = "ovs-vswitchd has not taken up the port sg-a";
    set(demo());
    commit();
    fake.run(50ms);
    Picture &now = fake.pictures["demo"];
    now.open_ports.insert("sg-a");
    now.kernel.links.at("sg-a").open = false;
    fake.unready.reset();
    fake.run(500ms);
    check_demo_is(demo());
    BOOST_TEST(now.kernel.links.at("sg-a").open);
    BOOST_TEST(fake.changes.size() == 1u);
    BOOST_TEST(has(last_change().steps, "have the switch open sg-a"));
}

// The way back leads to a bridge that is deleted: that port stays away, and
// what is asked for is realised.
BOOST_AUTO_TEST_CASE(an_undo_to_a_bridge_that_is_gone)
{
    rows.around.bridges["br-old"] = true;
    Router_row old = demo();
    old.ports[1].bridge = "br-old";
    edit(old);
    const auto needs_old = [](const Step &step) {
        const auto *set = std::get_if<Set_switch>(&step);
        return set && std::ranges::any_of(set->ports, [](const auto &item) {
                   return item.becomes && item.becomes->bridge == "br-old";
               });
    };
    fake.refuse_step = [&](const Step &step) -> std::optional<Error> {
        const auto *up = std::get_if<Set_up>(&step);
        return needs_old(step) || (up && up->becomes && up->link == "sg-a")
                   ? std::optional{Error{5, "refused"}}
                   : std::nullopt;
    };
    edit(demo());
    BOOST_TEST((last_change().state == Change_state::undo_failed));
    fake.refuse_step = [&](const Step &step) -> std::optional<Error> {
        return needs_old(step) ? std::optional{Error{5, "no such bridge"}}
                               : std::nullopt;
    };
    rows.around.bridges.erase("br-old");
    commit();
    fake.run(10s);
    check_demo_is(demo());
}

// What it was wired as cannot be read; while it waits for its turn to be what
// its rows ask for, these go wrong.
BOOST_AUTO_TEST_CASE(what_cannot_be_read_is_left_alone_in_the_queue_too)
{
    edit(demo());
    fake.changes.begin()->second.after = "not to be read";
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

// cur_cfg was wiped, or its writing refused.
BOOST_AUTO_TEST_CASE(what_is_realised_is_told_again)
{
    edit(demo());
    const auto told = fake.settled.size();
    come_in();
    BOOST_TEST(fake.settled.size() == told);
    rows.realised = {};
    engine->update(rows);
    BOOST_REQUIRE(fake.settled.size() == told + 1);
    BOOST_TEST(realised() == 1);
}

BOOST_AUTO_TEST_CASE(nobody_waits_in_silence)
{
    fake.kernel_hangs = true;
    edit(demo());
    BOOST_TEST(status().error == "");
    fake.run(5s);
    BOOST_TEST((status().state == State::pending));
    BOOST_TEST(has(status().error, "the kernel process"), status().error);
    BOOST_TEST((port_state("qg-a") == State::pending));
}

BOOST_AUTO_TEST_CASE(rows_that_are_wrong_leave_what_worked)
{
    edit(demo());
    Router_row wrong = other_demo();
    wrong.ports[1].networks = {"banana"};
    edit(wrong);
    BOOST_TEST(realised() == 2);
    BOOST_TEST((status().state == State::failed));
    BOOST_TEST(has(status().error, "banana"), status().error);
    BOOST_TEST((port_state("sg-b") == State::failed));
    BOOST_TEST((links() == std::set<std::string>{"qg-a", "sg-a"}));
    // Not even a reboot of the machine takes it away.
    fake.pictures.clear();
    start();
    commit();
    fake.run(500ms);
    BOOST_TEST((links() == std::set<std::string>{"qg-a", "sg-a"}));
    BOOST_TEST((status().state == State::failed));
    edit(demo());
    check_demo_is(demo());
}

BOOST_AUTO_TEST_CASE(wrong_rows_can_be_left_out)
{
    Router_row wrong = demo();
    wrong.options["refused-rows"] = "skip";
    wrong.ports[1].networks = {"banana"};
    edit(wrong);
    BOOST_TEST((status().state == State::degraded));
    BOOST_TEST((port_state("qg-a") == State::active));
    BOOST_TEST((port_state("sg-a") == State::failed));
    BOOST_TEST((links() == std::set<std::string>{"qg-a"}));
}

BOOST_AUTO_TEST_CASE(a_missing_bridge_is_waited_for)
{
    rows.around.bridges.erase("br-int");
    edit(demo());
    BOOST_TEST(realised() == 1);
    BOOST_TEST((status().state == State::pending));
    BOOST_TEST(has(status().error, "br-int"), status().error);
    BOOST_TEST(links().empty());
    rows.around.bridges["br-int"] = true;
    commit();
    fake.run(500ms);
    check_demo_is(demo());
}

BOOST_AUTO_TEST_CASE(one_router_does_not_suffer_for_another)
{
    fake.refuse_step = [](const Step &step) -> std::optional<Error> {
        const auto *device = std::get_if<Set_device>(&step);
        return device && device->link == "sg-bad"
                   ? std::optional{Error{28, "no space"}}
                   : std::nullopt;
    };
    set(router_row("bad", {port_row("sg-bad", "10.0.0.1/24")}));
    edit(demo());
    check_demo_is(demo());
    BOOST_TEST((status("bad").state == State::failed));
    BOOST_TEST(realised() == 1);
}

BOOST_AUTO_TEST_CASE(a_foreign_namespace_is_left_alone)
{
    fake.pictures["demo"].kernel.name = Name_state::foreign;
    fake.pictures["demo"].kernel.taken_by = "a directory";
    edit(demo());
    BOOST_TEST((status().state == State::failed));
    BOOST_TEST(has(status().error, "snat-demo is taken by a directory"),
               status().error);
    remove("demo");
    BOOST_TEST(fake.effects == 0);
    BOOST_TEST(realised() == 2);
}

// The router's own namespace is still held when its name is taken.
BOOST_AUTO_TEST_CASE(a_taken_name_does_not_keep_what_had_it)
{
    edit(demo());
    fake.pictures["demo"].kernel.name = Name_state::foreign;
    remove("demo");
    BOOST_TEST(!fake.pictures["demo"].kernel.exists);
    BOOST_TEST(fake.pictures["demo"].switch_ports.empty());
    BOOST_TEST((last_change().state == Change_state::committed));
    BOOST_TEST(realised() == 2);
}

// A name that no namespace can have does not get as far as the kernel.
BOOST_AUTO_TEST_CASE(an_impossible_name_is_never_looked_at)
{
    fake.refuse_look = Error{22, "the kernel process is dead"};
    edit(router_row("a b", {port_row("sg-a", "10.0.0.1/24")}));
    BOOST_TEST((status("a b").state == State::failed));
    BOOST_TEST(engine->resync("a b"));
    engine->resync();
    bool told = false;
    engine->preview("a b", [&](const auto &planned) { told = !planned; });
    fake.run(10s);
    BOOST_TEST(told);
    BOOST_TEST(!has(status("a b").error, "dead"), status("a b").error);
}

BOOST_AUTO_TEST_CASE(a_newer_edit_does_not_wait_for_an_older_ones_failure)
{
    rows.options["retry-initial"] = "60000";
    edit(demo());
    fake.refuse_step = [&](const Step &step) -> std::optional<Error> {
        const auto *make = std::get_if<Set_device>(&step);
        if (!make || make->link != "sg-b") {
            return std::nullopt;
        }
        if (rows.routers["demo"] != demo()) { // In the middle of the change.
            set(demo());
            commit();
        }
        return Error{28, "no space"};
    };
    edit(other_demo());
    check_demo_is(demo());
    BOOST_TEST(realised() == 3);
}

BOOST_AUTO_TEST_CASE(what_is_refused_is_told_while_a_change_runs)
{
    edit(demo());
    fake.kernel_hangs = true;
    set(other_demo());
    commit();
    Router_row wrong = other_demo();
    wrong.nat.push_back({Table::nat, "rule"});
    set(wrong);
    commit();
    fake.run(1ms);
    BOOST_TEST((fake.shown.at("demo").rows.at({Table::nat, "rule"}).state
                == State::failed));
}

// What cannot be read is not the same as nothing.
BOOST_AUTO_TEST_CASE(an_unreadable_history_takes_no_router_down)
{
    edit(demo());
    fake.changes[1].after = "{\"name\":\"demo\",\"of the future\":1}";
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
    fake.changes.rbegin()->second.after = "{";
    start();
    remove("demo");
    BOOST_TEST((fake.pictures["demo"] == Picture{}));
}

BOOST_AUTO_TEST_CASE(the_record_does_not_grow_with_the_tries)
{
    edit(demo());
    fake.refuse_step = [](const Step &step) -> std::optional<Error> {
        const auto *up = std::get_if<Set_up>(&step);
        const auto *device = std::get_if<Set_device>(&step);
        return (up && up->link == "sg-a" && up->becomes)
                       || (device && device->link == "sg-a")
                   ? std::optional{Error{5, "stuck"}}
                   : std::nullopt;
    };
    edit(other_demo());
    BOOST_REQUIRE((last_change().state == Change_state::undo_failed));
    fake.run(100s);
    const size_t size = last_change().steps.size();
    fake.run(1000s);
    BOOST_TEST((last_change().state == Change_state::undo_failed));
    BOOST_TEST(last_change().steps.size() <= size);
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

BOOST_AUTO_TEST_CASE(an_undo_that_failed_heals_by_itself)
{
    edit(demo());
    fault.fail_step(4, 28);
    fault.fail_undo(2);
    edit(other_demo());
    BOOST_TEST((last_change().state == Change_state::undo_failed));
    BOOST_TEST((status().state == State::failed));
    BOOST_TEST(has(status().error, "outstanding"), status().error);
    BOOST_TEST(realised() == 2);
    fake.run(10s);
    BOOST_TEST((fake.changes.at(2).state == Change_state::undone));
    check_demo_is(other_demo());
}

static Router_row
demo_and_user_port()
{
    Router_row both = demo();
    both.ports.push_back(port_row("sg-u", "10.0.2.1/24"));
    both.ports[2].id.table = Table::interface;
    return both;
}

// A port whose user has deleted its row is not waited for: the way back goes
// on without it, and so does what is kept of a router that is refused.
BOOST_AUTO_TEST_CASE(what_a_user_has_deleted_does_not_come_back)
{
    Router_row both = demo_and_user_port();
    fake.users = {{"sg-u", ""}};
    edit(both);
    check_demo_is(both);
    fault.fail_step(4, 28);
    fault.fail_undo(2);
    Router_row more = both;
    more.ports.push_back(other_demo().ports[1]);
    edit(more);
    BOOST_REQUIRE((last_change().state == Change_state::undo_failed));
    fake.users.clear();
    fake.pictures["demo"].kernel.links.erase("sg-u");
    edit(demo());
    fake.run(10s);
    BOOST_TEST((fake.changes.at(2).state == Change_state::undone));
    check_demo_is(demo());
}

BOOST_AUTO_TEST_CASE(a_refused_router_lets_go_of_a_deleted_port)
{
    Router_row both = demo_and_user_port();
    fake.users = {{"sg-u", ""}};
    edit(both);
    Router_row wrong = demo();
    wrong.ports[0].networks = {"banana"};
    fake.users.clear();
    fake.pictures["demo"].kernel.links.erase("sg-u");
    edit(wrong);
    fake.run(10s);
    BOOST_TEST(engine->routers().at("demo").good->ports.size() == 2u);
    BOOST_TEST((status().state == State::failed));
    BOOST_TEST((last_change().state == Change_state::committed));
}

BOOST_AUTO_TEST_CASE(a_refused_router_lets_go_of_a_port_of_another_type)
{
    Router_row both = demo_and_user_port();
    fake.users = {{"sg-u", ""}};
    edit(both);
    both.ports[2].wiring = fake.users["sg-u"] = "banana";
    edit(both);
    BOOST_TEST(engine->routers().at("demo").good->ports.size() == 2u);
    BOOST_TEST((status().state == State::failed));
    BOOST_TEST((last_change().state == Change_state::committed));
}

BOOST_AUTO_TEST_SUITE_END()
