// One change that nothing goes wrong with, or that is refused before its first
// step, or that is not usable in the end.
#include "step/json.hh"
#include "trial.hh"

using namespace samples;

BOOST_AUTO_TEST_SUITE(changes)

BOOST_AUTO_TEST_CASE(every_change_arrives_and_says_so)
{
    for_each_pair([](const auto &before, const auto &after) {
        Trial t{before, after};
        t.run(t.job());
        t.check_is(after);
        if (t.step_count() == 0) {
            BOOST_TEST((t.ending.end == End::unchanged));
            BOOST_TEST(t.fake.records == 0);
            return;
        }
        BOOST_TEST((t.ending.end == End::committed));
        BOOST_TEST(t.ending.error == "");
        const Change &change = t.recorded();
        BOOST_TEST((change.state == Change_state::committed));
        BOOST_TEST(change.finished_at > 0);
        BOOST_TEST(change.error == "");
        BOOST_TEST(change.steps == dump(to_json(t.ending.steps)));
        BOOST_TEST(t.fake.records == 2);
    });
}

BOOST_AUTO_TEST_CASE(the_record_is_there_before_the_first_step)
{
    Trial t{three(), other()};
    t.fake.refuse_step = [&](const Step &) -> std::optional<Error> {
        BOOST_REQUIRE(t.fake.changes.size() == 1u);
        BOOST_TEST((t.recorded().state == Change_state::applying));
        const auto steps = plan(wish(t.after), t.first);
        BOOST_TEST(t.recorded().steps == dump(to_json(steps)));
        return std::nullopt;
    };
    t.run(t.job());
    BOOST_TEST(t.fake.effects > 0);
}

BOOST_AUTO_TEST_CASE(a_change_stops_before_any_step_and_goes_on)
{
    const size_t count = Trial{three(), other()}.step_count();
    for (size_t n = 1; n <= count + 1; n++) {
        Trial t{three(), other()};
        t.fault.stop_at_step(n);
        size_t done = 0;
        t.fake.refuse_step = [&](const Step &) -> std::optional<Error> {
            done++;
            return std::nullopt;
        };
        bool ended = false;
        std::make_shared<Transaction>(t.fake.world, t.fault, t.job(),
                                      [&](const Transaction::Ending &how) {
                                          t.ending = how;
                                          ended = true;
                                      })
            ->start();
        t.fake.run(60s);
        BOOST_TEST(!ended);
        BOOST_TEST(done == n - 1);
        t.fault.go();
        t.fake.run(60s);
        BOOST_TEST(ended);
        BOOST_TEST((t.ending.end == End::committed));
        t.check_is(t.after);
    }
}

BOOST_AUTO_TEST_CASE(without_a_record_nothing_happens)
{
    Trial t{three(), other()};
    t.fake.refuse_record = [](const Change &) {
        return std::optional{Error{0, "disk full"}};
    };
    t.run(t.job());
    BOOST_TEST((t.ending.end == End::undone));
    BOOST_TEST(has(t.ending.error, "disk full"));
    BOOST_TEST(t.fake.effects == 0);
}

// As when a copy of the database is brought back in the middle of it.
BOOST_AUTO_TEST_CASE(a_number_that_another_change_has_is_not_taken)
{
    for (const Change_state taken :
         {Change_state::applying, Change_state::committed}) {
        Trial t{std::nullopt, one_gateway(true)};
        t.fake.refuse_record
            = [&](const Change &change) -> std::optional<Error> {
            if (change.state == taken && change.number < 300) {
                t.fake.changes[300] = {};
                t.fake.changes[300].number = 300;
                return Error{EEXIST, "another change has it"};
            }
            return std::nullopt;
        };
        t.run(t.job());
        BOOST_TEST((t.ending.end == End::committed));
        BOOST_TEST(t.last.number == 301u);
        BOOST_TEST((t.fake.changes.at(301).state == Change_state::committed));
    }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_looked_at_is_not_touched)
{
    Trial t{three(), other()};
    t.fake.refuse_look = Error{13, "permission denied"};
    t.run(t.job());
    BOOST_TEST((t.ending.end == End::undone));
    BOOST_TEST(has(t.ending.error, "permission denied"));
    BOOST_TEST(t.fake.effects == 0);
    BOOST_TEST(t.fake.records == 0);
}

BOOST_AUTO_TEST_CASE(tables_that_keep_changing_are_looked_at_again)
{
    for (const auto &[pause, end] :
         {std::pair{1s, End::committed}, {3600s, End::undone}}) {
        Trial t{three(), other()};
        t.fake.refuse_look = Error{EAGAIN, "the tables keep changing"};
        t.fake.after(pause, [&] { t.fake.refuse_look.reset(); });
        t.run(t.job());
        BOOST_TEST((t.ending.end == end));
        BOOST_TEST(has(t.ending.error, "keep changing")
                   == (end == End::undone));
    }
}

BOOST_AUTO_TEST_CASE(a_foreign_namespace_is_not_touched)
{
    Trial t{std::nullopt, three()};
    t.there().kernel.name = Name_state::foreign;
    t.run(t.job());
    BOOST_TEST((t.ending.end == End::undone));
    BOOST_TEST(has(t.ending.error, "snat-demo is taken"), t.ending.error);
    BOOST_TEST(t.fake.effects == 0);
    BOOST_TEST(t.fake.records == 0);
}

BOOST_AUTO_TEST_CASE(what_never_becomes_usable_is_undone)
{
    Trial t{std::nullopt, three()};
    t.fake.has_carrier = false;
    const auto start = t.fake.wall_ms();
    t.run(t.job());
    BOOST_TEST((t.ending.end == End::undone));
    BOOST_TEST(has(t.ending.error, "qg-a has no carrier"), t.ending.error);
    t.check_is_as_before();
    BOOST_TEST(t.fake.lines.size() == 1u);
    BOOST_TEST(t.recorded().finished_at - start >= 5000);
    BOOST_TEST(t.recorded().finished_at - start < 6000);
}

BOOST_AUTO_TEST_CASE(a_port_that_the_switch_never_takes_up_is_undone)
{
    Trial t{std::nullopt, three()};
    t.fake.unready = "ovs-vswitchd has not taken up the port qg-a";
    t.run(t.job());
    BOOST_TEST((t.ending.end == End::undone));
    BOOST_TEST(has(t.ending.error, "not taken up the port"), t.ending.error);
    t.check_is_as_before();
}

BOOST_AUTO_TEST_CASE(a_check_waits_for_what_comes_late)
{
    Trial t{std::nullopt, three()};
    t.fake.has_carrier = false;
    t.fake.after(300ms, [&] { t.fake.has_carrier = true; });
    t.run(t.job());
    BOOST_TEST((t.ending.end == End::committed));
}

// As after a crash, until the kernel has taken apart what nobody holds.
BOOST_AUTO_TEST_CASE(a_device_that_is_about_to_go_is_waited_for)
{
    for (const bool goes : {false, true}) {
        Trial t{std::nullopt, three()};
        t.there().kernel.on_node["qg-a"] = {};
        t.fake.refuse_step = [&](const Step &step) -> std::optional<Error> {
            const auto *make = std::get_if<Set_device>(&step);
            return make && t.there().kernel.on_node.contains(make->link)
                       ? std::optional{Error{17, "the name is taken"}}
                       : std::nullopt;
        };
        if (goes) {
            t.fake.after(50ms, [&] { t.there().kernel.on_node.clear(); });
        }
        t.run(t.job());
        BOOST_TEST((t.ending.end == (goes ? End::committed : End::undone)));
        BOOST_TEST(has(t.ending.error, "the name is taken") == !goes);
    }
}

BOOST_AUTO_TEST_CASE(an_address_that_somebody_else_has_is_undone_at_once)
{
    Router ipv6 = three_ports(true);
    ipv6.ports["qg-a"].networks.push_back(network("2001:db8::10/64"));
    Trial t{three(), ipv6};
    t.there().kernel.links["qg-a"].dad_failed = true;
    const auto start = t.fake.wall_ms();
    t.run(t.job());
    BOOST_TEST((t.ending.end == End::undone));
    BOOST_TEST(has(t.ending.error, "somebody else"), t.ending.error);
    BOOST_TEST(t.recorded().finished_at - start < 100);
}

BOOST_AUTO_TEST_CASE(a_dry_run_tells_the_steps_and_does_none)
{
    Trial t{three(), other()};
    Job job = t.job();
    job.dry_run = true;
    t.run(job);
    BOOST_TEST((t.ending.steps == plan(wish(t.after), t.first)));
    BOOST_TEST(t.fake.effects == 0);
    BOOST_TEST(t.fake.records == 0);
}

BOOST_AUTO_TEST_CASE(new_addresses_are_announced_after_the_commit)
{
    Trial t{three(), other()};
    t.fake.refuse_record = [&](const Change &) -> std::optional<Error> {
        BOOST_TEST(t.fake.announced.empty());
        return std::nullopt;
    };
    t.run(t.job());
    BOOST_TEST((t.fake.announced
                == std::vector<std::string>{"qg-a", "sg-a", "sg-b", "sg-c"}));
}

BOOST_AUTO_TEST_CASE(what_is_left_over_on_the_node_is_deleted)
{
    Router router = one_gateway(true);
    set_wiring(router.ports.begin()->second, Wiring::internal);
    Trial t{router, std::nullopt};
    t.fake.taps_stay = true;
    t.run(t.job());
    BOOST_TEST((t.ending.end == End::committed));
    BOOST_TEST(t.there().kernel.on_node.empty());
    Trial held{one_gateway(true), std::nullopt};
    held.there().kernel.on_node["qg-a"].wiring = Wiring::veth;
    held.fake.pairs_stay = true;
    held.run(held.job());
    BOOST_TEST((held.ending.end == End::committed));
    BOOST_TEST(held.there().kernel.on_node.empty());
    // Also on the way back from what is still asked for.
    Trial back{std::nullopt, one_gateway(true)};
    back.fake.pairs_stay = true;
    back.fault.fail_step(back.step_count(), 5);
    back.fault.fail_undo(1);
    back.run(back.job());
    Job again = back.resumed(true);
    again.superseded = [] { return true; };
    back.there().kernel.on_node["qg-a"].wiring = Wiring::veth;
    back.run(again);
    BOOST_TEST((back.ending.end == End::undone), back.ending.error);
    BOOST_TEST(back.there().kernel.on_node.empty());
    // The namespace was deleted by hand, but somebody holds it.
    Trial deleted{one_gateway(true), one_gateway(true)};
    deleted.there().kernel = {};
    deleted.there().kernel.on_node["qg-a"].abandoned = true;
    deleted.run(deleted.job());
    BOOST_TEST((deleted.ending.end == End::committed));
    BOOST_TEST((deleted.fake.now() >= Transaction::leaving_timeout));
    BOOST_TEST(words(deleted.ending.steps.front())
               == "delete the device qg-a, which is left over on the node");
    // What the switch would take for its own is a stranger's.
    Trial taken{std::nullopt, router};
    taken.there().kernel.on_node["qg-a"].wiring = Wiring::internal;
    taken.run(taken.job());
    BOOST_TEST((taken.ending.end == End::undone));
    BOOST_TEST(has(taken.ending.error, "which is not ours"),
               taken.ending.error);
    BOOST_TEST(taken.there().kernel.on_node.contains("qg-a"));
    BOOST_TEST(taken.fake.records == 0);
    Trial own{one_gateway(true), router};
    own.there().kernel.on_node["qg-a"].wiring = Wiring::veth;
    own.run(own.job());
    BOOST_TEST((own.ending.end == End::committed), own.ending.error);
    // Nobody knows whose it is before there was a row of ours.
    Trial first{std::nullopt, one_gateway(true)};
    first.there().kernel.on_node["qg-a"].wiring = Wiring::internal;
    first.there().kernel.on_node["qg-a"].abandoned = true;
    first.fake.refuse_step = [](const Step &step) -> std::optional<Error> {
        return std::holds_alternative<Set_device>(step)
                   ? std::optional{Error{EEXIST, "taken"}}
                   : std::nullopt;
    };
    first.run(first.job());
    BOOST_TEST((first.ending.end == End::undone));
    BOOST_TEST(first.there().kernel.on_node.contains("qg-a"));
}

// The switch may die between the end of the row and that of the device.
BOOST_AUTO_TEST_CASE(a_device_whose_row_is_gone_is_waited_for)
{
    Trial t{two_taps(), one_tap()};
    t.dies_before_it_deletes("sg-a");
    t.run(t.job());
    BOOST_TEST((t.ending.end == End::committed), t.ending.error);
    BOOST_TEST(t.there().kernel.on_node.empty());
    // But not for ever: it may be a stranger's by now.
    Trial held{two_taps(), one_tap()};
    held.fake.taps_stay = held.fake.taps_are_held = true;
    held.run(held.job());
    BOOST_TEST((held.ending.end == End::committed), held.ending.error);
    BOOST_TEST(held.there().kernel.on_node.contains("sg-a"));
}

BOOST_AUTO_TEST_SUITE_END()
