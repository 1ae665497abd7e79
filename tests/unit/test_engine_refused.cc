// What is refused: who is told, what stays, and what becomes of others.
#include "daemon.hh"

using namespace samples;

BOOST_FIXTURE_TEST_SUITE(engine_refused, Daemon)

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

// One that goes takes a port with it, which cannot be repaired without it.
BOOST_AUTO_TEST_CASE(a_bridge_that_goes_is_waited_for)
{
    edit(demo());
    rows.around.bridges.erase("br-int");
    fake.pictures["demo"].switch_ports.erase("sg-a");
    fake.refuse_step = [](const Step &step) -> std::optional<Error> {
        return std::holds_alternative<Set_switch>(step)
                   ? std::optional{Error{0, "no such bridge"}}
                   : std::nullopt;
    };
    engine->moved({false, {"demo"}, {}});
    commit();
    fake.run(500ms);
    BOOST_TEST((status().state == State::pending));
    BOOST_TEST(has(status().error, "br-int"), status().error);
    BOOST_TEST(has(status().error, "until then"), status().error);
    BOOST_TEST((port_state("qg-a") == State::active));
    BOOST_TEST((port_state("sg-a") == State::pending));
    // The history has the first failure and the last.
    fake.run(60s);
    BOOST_TEST(fake.changes.size() == 3u);
    // And there it is, long before the next try.
    fake.refuse_step = {};
    rows.around.bridges["br-int"] = true;
    commit();
    fake.run(500ms);
    check_demo_is(demo());
    BOOST_TEST(fake.changes.size() == 3u);
    BOOST_TEST(
        (fake.changes.rbegin()->second.state == Change_state::committed));
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

BOOST_AUTO_TEST_CASE(what_is_refused_is_told_while_a_change_runs)
{
    edit(demo());
    fake.kernel_hangs = true;
    set(other_demo());
    commit();
    Router_row wrong = other_demo();
    wrong.nat = nat_rows({bad_nat_row("rule")});
    set(wrong);
    commit();
    fake.run(1ms);
    BOOST_TEST((fake.shown.at("demo").rules.find({Table::nat, "rule"})->state
                == State::failed));
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
