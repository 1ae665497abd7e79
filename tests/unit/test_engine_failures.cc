// What fails or is spoilt: who is told, what stays, when it is tried again.
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

// As when ovs-vswitchd dies during the check of an edit: it makes its devices
// anew, and the dead one goes.
struct Dying_switch : Daemon {
    Router_row row = demo();

    Dying_switch()
    {
        row.ports[1].wiring = "internal";
        fake.unready = "ovs-vswitchd has not taken up the port sg-a";
        set(row);
        commit();
        fake.run(50ms);
        Picture &now = fake.pictures["demo"];
        now.kernel.on_node["sg-a"] = now.kernel.links.at("sg-a").device;
        now.kernel.links.erase("sg-a");
        fake.unready.reset();
    }
};

BOOST_FIXTURE_TEST_CASE(a_device_that_dies_during_the_check_is_moved_again,
                        Dying_switch)
{
    fake.run(500ms);
    check_demo_is(row);
    BOOST_TEST(fake.changes.size() == 1u);
    BOOST_TEST((last_change().state == Change_state::committed));
    BOOST_TEST(fake.pictures["demo"].kernel.links.contains("sg-a"));
}

// But not if nobody asks for it any more: what is newer takes its place.
BOOST_FIXTURE_TEST_CASE(a_device_that_nobody_asks_for_any_more_stays_dead,
                        Dying_switch)
{
    edit(other_demo());
    fake.run(500ms);
    check_demo_is(other_demo());
    BOOST_TEST(fake.changes.size() == 2u);
    BOOST_TEST((fake.changes.begin()->second.state == Change_state::undone));
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

// cur_cfg was wiped, or its writing refused.
BOOST_AUTO_TEST_CASE(what_is_realised_is_told_again)
{
    edit(demo());
    const auto told = fake.settled.size();
    come_in();
    BOOST_TEST(fake.settled.size() == told);
    rows.realised = {};
    hear();
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

BOOST_AUTO_TEST_SUITE_END()
