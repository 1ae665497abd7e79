// One change that fails, or crashes, at every step, and at every undo of one.
#include "trial.hh"

using namespace samples;

BOOST_AUTO_TEST_SUITE(change_undo)

BOOST_AUTO_TEST_CASE(a_step_that_fails_leaves_everything_as_before)
{
    for_each_pair([](const auto &before, const auto &after) {
        const size_t count = Trial{before, after}.step_count();
        for (size_t n = 1; n <= count; n++) {
            Trial t{before, after};
            t.fault.fail_step(n, 28);
            t.run(t.job());
            BOOST_TEST_CONTEXT("step " << n << ": " << t.ending.error)
            {
                t.check_is_as_before();
                BOOST_TEST((t.ending.end == End::undone));
                BOOST_TEST((t.recorded().state == Change_state::undone));
                BOOST_TEST(t.recorded().finished_at > 0);
                BOOST_TEST(t.recorded().error == t.ending.error);
                BOOST_TEST(
                    has(t.ending.error, "step " + std::to_string(n) + " ("));
                BOOST_TEST(!has(t.ending.error, "outstanding"));
                BOOST_TEST(t.fault.show() == "none");
            }
        }
    });
}

// The rows of a step that ovs-vswitchd is late with are there.
BOOST_AUTO_TEST_CASE(a_step_that_is_late_is_taken_back_too)
{
    for_each_pair([](const auto &before, const auto &after) {
        Trial t{before, after};
        bool late = false;
        t.fake.refuse_step = [&](const Step &step) -> std::optional<Error> {
            if (late || is_kernel_step(step)) {
                return std::nullopt;
            }
            late = true;
            return Error{ETIMEDOUT, "no answer in time"};
        };
        t.run(t.job());
        if (late) {
            t.check_is_as_before();
            BOOST_TEST((t.ending.end == End::undone));
        }
    });
}

BOOST_AUTO_TEST_CASE(an_undo_that_fails_is_named_and_made_good_later)
{
    const size_t count = Trial{three(), other()}.step_count();
    for (size_t n = 2; n <= count; n++) {
        for (size_t m = 1; m < n; m++) {
            Trial t{three(), other()};
            t.fault.fail_step(n, 28);
            t.fault.fail_undo(m);
            t.run(t.job());
            BOOST_TEST_CONTEXT("step " << n << ", undo " << m << ": "
                                       << t.ending.error)
            {
                BOOST_TEST(t.fault.show() == "none");
                BOOST_TEST((t.ending.end == End::undo_failed));
                BOOST_TEST((t.recorded().state == Change_state::undo_failed));
                BOOST_TEST(t.recorded().finished_at == 0);
                BOOST_TEST(has(t.ending.error, "outstanding: "));
                BOOST_TEST(t.fake.alarms.size() == 1u);
                t.run(t.resumed(true));
                t.check_is(t.before);
                BOOST_TEST((t.ending.end == End::undone));
                BOOST_TEST((t.recorded().state == Change_state::undone));
                BOOST_TEST(t.recorded().finished_at > 0);
                BOOST_TEST(!has(t.recorded().error, "outstanding"));
            }
        }
    }
}

// The switch would not get over the loss of a device that it has made.
BOOST_AUTO_TEST_CASE(a_users_device_outlives_an_undo_that_fails)
{
    Router router = one_gateway(false);
    set_wiring(router.ports.begin()->second, Wiring::internal);
    const size_t count = Trial{std::nullopt, router}.step_count();
    for (size_t n = 2; n <= count; n++) {
        for (size_t m = 1; m < n; m++) {
            Trial t{std::nullopt, router};
            t.fault.fail_step(n, 28);
            t.fault.fail_undo(m);
            t.run(t.job());
            t.run(t.resumed(true));
            BOOST_TEST_CONTEXT("step " << n << ", undo " << m)
            {
                BOOST_TEST((t.recorded().state == Change_state::undone));
                BOOST_TEST(t.there().kernel.on_node.contains("qg-a"));
                BOOST_TEST(!t.there().kernel.exists);
            }
        }
    }
}

// What it was before was of no use either: the way back is at its end.
BOOST_AUTO_TEST_CASE(the_way_back_is_not_checked_for_use)
{
    Trial t{three(), other()};
    t.fault.fail_step(5, 28);
    t.fault.fail_undo(1);
    t.run(t.job());
    BOOST_TEST((t.ending.end == End::undo_failed));
    for (auto &[name, link] : t.there().kernel.links) {
        link.dad_failed = true;
    }
    t.run(t.resumed(true));
    BOOST_TEST((t.ending.end == End::undone));
    BOOST_TEST((t.recorded().state == Change_state::undone));
}

// Whoever crashed after that cannot go back, however the check ends.
BOOST_AUTO_TEST_CASE(a_namespace_that_is_gone_is_past_return)
{
    Trial t{two_taps(), std::nullopt};
    const auto steps = plan(wish(t.after), t.first);
    BOOST_REQUIRE(std::holds_alternative<Set_namespace>(steps.back()));
    t.fake.taps_stay = t.fake.taps_are_held = true;
    t.fault.crash_at_step(steps.size(), Victim::both);
    t.run(t.job());
    t.reboot();
    BOOST_REQUIRE(!t.there().kernel.exists);
    for (int i = 0; i < 3; i++) {
        t.run(t.resumed(false));
        BOOST_TEST((t.ending.end == End::undo_failed));
        BOOST_TEST((t.recorded().state == Change_state::applying));
        BOOST_TEST(!t.there().kernel.exists);
    }
    t.there().kernel.on_node.clear();
    t.run(t.resumed(false));
    BOOST_TEST((t.ending.end == End::committed));
}

// The history is lost, and with it whose the device inside was: its row says
// so still.
BOOST_AUTO_TEST_CASE(a_users_device_that_nobody_knows_of_is_given_back)
{
    for (const bool has_row : {true, false}) {
        Router router = one_gateway(false);
        set_wiring(router.ports.begin()->second, Wiring::internal);
        Trial t{router, std::nullopt};
        if (!has_row) {
            t.fake.users.clear();
        }
        t.before.reset();
        t.run(t.job());
        BOOST_TEST((t.ending.end == End::committed));
        BOOST_TEST(t.there().kernel.on_node.contains("qg-a") == has_row);
        BOOST_TEST(!t.there().kernel.exists);
    }
}

BOOST_AUTO_TEST_CASE(the_outstanding_step_is_named_once)
{
    Trial t{three(), std::nullopt};
    const auto stuck = [](const Step &step) -> std::optional<Error> {
        const auto *name = std::get_if<Set_name>(&step);
        return name && name->becomes ? std::optional{Error{13, "stuck"}}
                                     : std::nullopt;
    };
    t.fake.refuse_step = stuck;
    t.fault.fail_step(t.step_count(), 5);
    t.run(t.job());
    const std::string told = t.ending.error;
    BOOST_TEST(has(told, "outstanding: give the namespace its name"), told);
    for (int i = 0; i < 3; i++) {
        t.run(t.resumed(true));
        BOOST_TEST((t.ending.end == End::undo_failed));
        BOOST_TEST(t.ending.error.size() < told.size() + 100, t.ending.error);
        const size_t first = t.ending.error.find("outstanding");
        BOOST_TEST(t.ending.error.find("outstanding", first + 1)
                   == std::string::npos);
    }
    t.fake.refuse_step = nullptr;
    t.run(t.resumed(true));
    BOOST_TEST((t.ending.end == End::undone));
    t.check_is(t.before);
}

// ... to where the rows still want it, or back to where it was.
BOOST_AUTO_TEST_CASE(a_crash_after_any_step_is_ended_either_way)
{
    const std::vector<std::optional<Router>> ends
        = {std::nullopt, three(), other()};
    for (const auto &before : ends) {
        for (const auto &after : ends) {
            const size_t count = Trial{before, after}.step_count();
            for (size_t n = 1; n <= count; n++) {
                for (const bool backwards : {false, true}) {
                    Trial t{before, after};
                    t.fault.crash_at_step(n);
                    t.run(t.job());
                    BOOST_REQUIRE(t.fake.is_dead);
                    t.reboot();
                    t.run(t.resumed(backwards));
                    BOOST_TEST_CONTEXT("step " << n << ": " << t.ending.error)
                    {
                        BOOST_TEST(
                            (t.ending.end
                             == (backwards ? End::undone : End::committed)));
                        BOOST_TEST((t.recorded().state
                                    == (backwards ? Change_state::undone
                                                  : Change_state::committed)));
                        t.check_is(backwards ? before : after);
                    }
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_crash_in_the_middle_of_an_undo_is_ended_either_way)
{
    const size_t count = Trial{three(), other()}.step_count();
    for (size_t n = 2; n <= count; n++) {
        for (size_t m = 1; m < n; m++) {
            for (const bool backwards : {false, true}) {
                Trial t{three(), other()};
                t.fault.fail_step(n, 28);
                t.fault.crash_at_undo(m);
                t.run(t.job());
                BOOST_REQUIRE(t.fake.is_dead);
                t.reboot();
                t.run(t.resumed(backwards));
                BOOST_TEST_CONTEXT("step " << n << ", undo " << m << ": "
                                           << t.ending.error)
                {
                    BOOST_TEST(
                        (t.ending.end
                         == (backwards ? End::undone : End::committed)));
                    t.check_is(backwards ? t.before : t.after);
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(without_a_commit_everything_is_undone)
{
    Trial t{three(), other()};
    t.fake.refuse_record = [](const Change &change) {
        return change.state == Change_state::committed
                   ? std::optional{Error{0, "disk full"}}
                   : std::nullopt;
    };
    t.run(t.job());
    BOOST_TEST((t.ending.end == End::undone));
    t.check_is_as_before();
}

// A namespace that is gone does not come back: the deletion is tried again.
BOOST_AUTO_TEST_CASE(a_deletion_past_return_goes_on_forwards)
{
    Trial t{three(), std::nullopt};
    t.fake.refuse_record = [](const Change &change) {
        return change.state == Change_state::committed
                   ? std::optional{Error{0, "disk full"}}
                   : std::nullopt;
    };
    t.run(t.job());
    BOOST_TEST((t.ending.end == End::undo_failed));
    BOOST_TEST((t.last.state == Change_state::applying));
    t.fake.refuse_record = nullptr;
    t.run(t.resumed(false));
    BOOST_TEST((t.ending.end == End::committed));
    BOOST_TEST(t.recorded().error == "");
    t.check_is(std::nullopt);
}

BOOST_AUTO_TEST_CASE(a_device_whose_row_is_undone_is_waited_for)
{
    Trial t{one_tap(), two_taps()};
    t.dies_before_it_deletes("sg-a");
    t.fault.fail_step(t.step_count(), 5);
    t.run(t.job());
    BOOST_TEST((t.ending.end == End::undone), t.ending.error);
    BOOST_TEST(t.there().kernel.on_node.empty());
}

BOOST_AUTO_TEST_SUITE_END()
