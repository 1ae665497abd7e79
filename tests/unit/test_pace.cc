// How often, how far, and what fails on purpose.
#include "change/fault.hh"
#include "change/milestones.hh"
#include "change/pace.hh"

#include <boost/test/unit_test.hpp>

using namespace snat;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(pace)

BOOST_AUTO_TEST_CASE(a_bucket_gives_its_rate_and_no_more)
{
    Token_bucket bucket;
    int given = 0;
    for (auto now = 5000ms; now <= 8000ms; now += 1ms) {
        given += bucket.take(now, 10);
    }
    // Ten at once, and ten in each of three seconds.
    BOOST_TEST(given == 40);
}

BOOST_AUTO_TEST_CASE(a_bucket_says_when_to_come_again)
{
    Token_bucket bucket;
    auto now = 5000ms;
    while (bucket.take(now, 4)) {
    }
    BOOST_TEST(!bucket.take(now + 200ms, 4));
    now += 200ms;
    BOOST_TEST(bucket.take(now + bucket.wait(4), 4));
}

BOOST_AUTO_TEST_CASE(a_bucket_holds_no_more_than_a_second)
{
    Token_bucket bucket;
    int given = 0;
    bucket.take(0ms, 3);
    while (bucket.take(1h, 3)) {
        given++;
    }
    BOOST_TEST(given == 3);
}

BOOST_AUTO_TEST_CASE(rate_zero_is_no_limit)
{
    Token_bucket bucket;
    for (int i = 0; i < 1000; i++) {
        BOOST_TEST_REQUIRE(bucket.take(0ms, 0));
    }
}

BOOST_AUTO_TEST_CASE(pauses_double_up_to_the_most)
{
    Back_off back_off;
    for (const auto least : {100ms, 200ms, 400ms, 800ms, 800ms}) {
        const auto pause = back_off.next(100ms, 1000ms);
        BOOST_TEST((pause >= least));
        BOOST_TEST((pause <= least + least / 4));
    }
    back_off.reset();
    BOOST_TEST((back_off.next(100ms, 1000ms) <= 125ms));
}

// Routers that failed together do not come back so.
BOOST_AUTO_TEST_CASE(pauses_are_not_alike)
{
    std::set<std::chrono::milliseconds> pauses;
    for (int i = 0; i < 20; i++) {
        pauses.insert(Back_off{}.next(10s, 60s));
    }
    BOOST_TEST(pauses.size() > 10u);
}

BOOST_AUTO_TEST_CASE(milestones_pass_in_their_order)
{
    Milestones milestones;
    BOOST_TEST(!milestones.pass({}).has_value());
    milestones.add({1, 10});
    const auto first = milestones.mark();
    milestones.add({2, 20});
    const auto second = milestones.mark();
    milestones.add({3, 30});
    BOOST_TEST(!milestones.pass(first).has_value());
    BOOST_TEST((milestones.pass(second) == Milestones::Numbers{1, 10}));
    BOOST_TEST(!milestones.pass(second).has_value());
    BOOST_TEST((milestones.pass({}) == Milestones::Numbers{3, 30}));
    BOOST_TEST(!milestones.pass({}).has_value());
}

BOOST_AUTO_TEST_CASE(what_was_told_and_is_wiped_is_told_again)
{
    using Numbers = Milestones::Numbers;
    Milestones milestones;
    BOOST_TEST(!milestones.find_untold({0, -1}, {3, 30}).has_value());
    milestones.add({3, 30});
    (void)milestones.pass({});
    BOOST_TEST(!milestones.find_untold({3, 30}, {3, 30}).has_value());
    BOOST_TEST((milestones.find_untold({0, 30}, {4, 30}) == Numbers{3, 30}));
    BOOST_TEST((milestones.find_untold({3, -1}, {3, 30}) == Numbers{3, 30}));
    // Not of another database, which has never asked for so many.
    BOOST_TEST(!milestones.find_untold({0, 30}, {2, 30}).has_value());
}

BOOST_AUTO_TEST_CASE(milestones_are_not_many)
{
    Milestones milestones;
    milestones.add({1, 10});
    const auto left = milestones.mark();
    for (int i = 2; i <= 1000; i++) {
        milestones.add({i, 10 * i});
        if (i == 500) {
            milestones.mark();
        }
    }
    BOOST_TEST(milestones.count() < 6u);
    BOOST_TEST(!milestones.pass(left).has_value());
    BOOST_TEST((milestones.pass({}) == Milestones::Numbers{1000, 10000}));
}

BOOST_AUTO_TEST_CASE(what_is_left_to_do_holds_up_its_own_milestone_only)
{
    Milestones milestones;
    milestones.add({1, 10});
    const auto early = milestones.mark();
    milestones.add({2, 20});
    milestones.add({3, 30});
    milestones.add({4, 40});
    const auto late = milestones.mark();
    milestones.add({5, 50});
    BOOST_TEST(!milestones.pass(early).has_value());
    BOOST_TEST((milestones.pass(late) == Milestones::Numbers{3, 30}));
    BOOST_TEST((milestones.pass({}) == Milestones::Numbers{5, 50}));
}

BOOST_AUTO_TEST_CASE(a_fault_meets_its_step_wherever_the_lists_part)
{
    Fault fault;
    BOOST_TEST(fault.show() == "none");
    fault.fail_step(5, 28);
    BOOST_TEST(fault.show() == "armed: fail-step 5");
    BOOST_TEST((fault.strike("r", 0, 4, 0).fail_at == std::nullopt));
    BOOST_TEST((fault.strike("r", 4, 1, 0).fail_at == 0u));
    BOOST_TEST((fault.strike("r", 2, 9, 0).fail_at == 2u));
    BOOST_TEST(fault.strike("r", 2, 9, 0).error == 28);
    BOOST_TEST((fault.strike("r", 5, 9, 0).fail_at == std::nullopt));
    fault.spend(fault.strike("r", 0, 4, 0), 0);
    BOOST_TEST(fault.show() == "armed: fail-step 5");
    fault.spend(fault.strike("r", 2, 9, 0), 0);
    BOOST_TEST(fault.show() == "none");
}

BOOST_AUTO_TEST_CASE(one_fault_at_a_step_and_one_at_an_undo)
{
    Fault fault;
    fault.fail_step(5, 28);
    fault.crash_at_step(2);
    fault.fail_undo(3);
    BOOST_TEST(fault.show() == "armed: crash-at-step 2, fail-undo 3");
    const Strike strike = fault.strike("r", 0, 9, 0);
    BOOST_TEST((strike.fail_at == std::nullopt));
    BOOST_TEST((strike.crash_at == 1u));
    BOOST_TEST((strike.fail_undo_at == 2u));
    fault.spend(strike, 2);
    BOOST_TEST(fault.show() == "armed: fail-undo 3");
    fault.spend(strike, 3);
    BOOST_TEST(fault.show() == "none");
}

BOOST_AUTO_TEST_CASE(a_crash_takes_whom_it_is_meant_for)
{
    Fault fault;
    fault.crash_at_step(2, Victim::main);
    BOOST_TEST(fault.show() == "armed: crash-at-step 2 main");
    BOOST_TEST((fault.strike("r", 0, 2, 0).victim == Victim::main));
    fault.fail_step(5, 28);
    fault.crash_at_undo(3, Victim::kernel);
    BOOST_TEST(fault.show() == "armed: fail-step 5, crash-at-undo 3 kernel");
    const Strike strike = fault.strike_undo("r", 4, 1);
    BOOST_TEST((strike.fail_at == std::nullopt));
    BOOST_TEST((strike.crash_undo_at == 1u));
    BOOST_TEST((strike.victim == Victim::kernel));
    fault.spend(strike, 2);
    BOOST_TEST(fault.show() == "armed: fail-step 5");
}

BOOST_AUTO_TEST_CASE(a_fault_for_one_router_leaves_the_others_alone)
{
    Fault fault;
    fault.fail_step(1, 28);
    fault.fail_undo(1);
    fault.only("r");
    BOOST_TEST(fault.show()
               == "armed: fail-step 1, fail-undo 1; only router r");
    BOOST_TEST((fault.strike("r", 0, 1, 0).fail_at == 0u));
    BOOST_TEST((fault.strike("s", 0, 1, 0).fail_at == std::nullopt));
    BOOST_TEST((fault.strike_undo("r", 1, 0).fail_undo_at == 0u));
    BOOST_TEST((fault.strike_undo("s", 1, 0).fail_undo_at == std::nullopt));
    fault.clear();
    fault.fail_step(1, 28);
    BOOST_TEST((fault.strike("s", 0, 1, 0).fail_at == 0u));
}

BOOST_AUTO_TEST_CASE(a_change_stops_where_it_is_told_to)
{
    Fault fault;
    int passed = 0;
    const auto on = [&] { passed++; };
    fault.stop_at_step(3);
    BOOST_TEST(fault.until_stop("r", 0, 9) == 2u);
    BOOST_TEST(fault.until_stop("r", 2, 7) == 7u);
    BOOST_TEST(fault.until_stop("r", 0, 2) == 2u);
    fault.pass("r", 1, on);
    BOOST_TEST(passed == 1);
    fault.pass("r", 2, on);
    BOOST_TEST(passed == 1);
    BOOST_TEST(fault.show() == "stopped at step 3");
    fault.pass("another", 2, on);
    BOOST_TEST(passed == 2);
    fault.stop_at_step(5);
    BOOST_TEST(fault.show() == "armed: stop-at-step 5; stopped at step 3");
    fault.go();
    BOOST_TEST(passed == 3);
    BOOST_TEST(fault.show() == "armed: stop-at-step 5");
    fault.pass("r", 4, on);
    BOOST_TEST(passed == 3);
    fault.clear();
    BOOST_TEST(passed == 4);
    BOOST_TEST(fault.show() == "none");
}

BOOST_AUTO_TEST_SUITE_END()
