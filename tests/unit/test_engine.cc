// All routers together: what their rows ask for, in which order, how often,
// and what the rows are told about it.
#include "change/engine.hh"
#include "fake_world.hh"

using namespace std::chrono_literals;

namespace {

using namespace samples;

bool
has(const std::string &text, const std::string &part)
{
    return text.find(part) != text.npos;
}

Port_row
port_row(const std::string &name, const std::string &network)
{
    Port_row row;
    row.id = {Table::router_port, "uuid-of-" + name};
    row.name = name;
    row.networks = {network};
    return row;
}

Router_row
router_row(const std::string &name, std::vector<Port_row> ports)
{
    Router_row row;
    row.id = Row_id{Table::router, name};
    row.name = name;
    row.ports = std::move(ports);
    return row;
}

Router_row
demo()
{
    return router_row("demo", {port_row("qg-a", "198.51.100.10/24"),
                               port_row("sg-a", "10.0.0.1/24")});
}

// Addresses and ports of 'demo' change: one stays, one goes, one comes.
Router_row
other_demo()
{
    return router_row("demo", {port_row("qg-a", "198.51.100.20/24"),
                               port_row("sg-b", "10.0.1.1/24")});
}

// The databases, the world and a daemon that can be started anew.
struct Daemon {
    Fake_world fake;
    Fault fault;
    std::unique_ptr<Engine> engine;
    Snapshot rows;

    Daemon()
    {
        rows.around.bridges = {{"br-ex", true}, {"br-int", true}};
        start();
    }

    void
    start()
    {
        fault.clear();
        fake.reboot();
        engine = std::make_unique<Engine>(fake.world, fault);
        std::vector<Change> history;
        for (const auto &[number, change] : fake.changes) {
            history.push_back(change);
        }
        engine->load(history);
    }

    // The rows as they are now come in, with the next configuration number.
    void
    commit()
    {
        rows.numbers.next_cfg++;
        engine->update(rows);
    }

    void
    set(const Router_row &row)
    {
        rows.routers[row.name] = row;
    }

    // Short enough that nothing is tried twice.
    void
    edit(const Router_row &row)
    {
        set(row);
        commit();
        fake.run(500ms);
    }

    void
    remove(const std::string &name)
    {
        rows.routers.erase(name);
        commit();
        fake.run(500ms);
    }

    Row_status
    status(const std::string &router = "demo") const
    {
        const auto found = fake.shown.find(router);
        return found == fake.shown.end() ? Row_status{} : found->second.router;
    }

    State
    port_state(const std::string &port) const
    {
        return fake.shown.at("demo")
            .rows.at({Table::router_port, "uuid-of-" + port})
            .state;
    }

    const Change &
    last_change() const
    {
        return fake.changes.rbegin()->second;
    }

    int64_t
    realised() const
    {
        return fake.settled.empty() ? -1 : fake.settled.back().first;
    }

    std::set<std::string>
    links(const std::string &router = "demo")
    {
        std::set<std::string> names;
        for (const auto &[name, link] : fake.pictures[router].kernel.links) {
            names.insert(name);
        }
        return names;
    }

    void
    check_demo_is(const Router_row &row)
    {
        const Accepted accepted = accept(row, rows.around, Limits{});
        BOOST_REQUIRE(accepted.refusals.empty());
        for (const Step &step :
             plan(wish(accepted.router), fake.pictures["demo"])) {
            BOOST_ERROR("still to do: " << step);
        }
        BOOST_TEST((status().state == State::active));
        BOOST_TEST(status().error == "");
    }

    void
    check_nothing_is_left(const std::string &router = "demo")
    {
        BOOST_TEST((fake.pictures[router] == Picture{}));
        BOOST_TEST(!engine->routers().contains(router));
    }
};

} // namespace

std::ostream &
operator<<(std::ostream &out, State state)
{
    return out << to_string(state);
}

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

BOOST_AUTO_TEST_CASE(retries_come_ever_more_seldom)
{
    fake.refuse_step = [](const Step &) {
        return std::optional{Error{28, "no space"}};
    };
    set(demo());
    commit();
    fake.run(10s);
    const size_t soon = fake.changes.size();
    BOOST_TEST(soon >= 3u);
    BOOST_TEST(soon <= 5u);
    fake.run(600s);
    BOOST_TEST(fake.changes.size() <= soon + 4 + 600 / 60);
    BOOST_TEST(fake.changes.size() >= soon + 600 / 75);
    // Who edits is served at once.
    fake.refuse_step = nullptr;
    edit(other_demo());
    check_demo_is(other_demo());
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

BOOST_AUTO_TEST_CASE(a_foreign_namespace_is_left_alone)
{
    fake.pictures["demo"].kernel.name = Name_state::foreign;
    edit(demo());
    BOOST_TEST((status().state == State::failed));
    BOOST_TEST(has(status().error, "snat-demo"), status().error);
    remove("demo");
    BOOST_TEST(fake.effects == 0);
    BOOST_TEST(realised() == 2);
}

BOOST_AUTO_TEST_CASE(a_look_ahead_changes_nothing)
{
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
    set(other_demo());
    commit();
    Router_row wrong = other_demo();
    wrong.nat.push_back({Table::nat, "rule"});
    set(wrong);
    commit();
    BOOST_TEST((fake.shown.at("demo").rows.at({Table::nat, "rule"}).state
                == State::failed));
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
