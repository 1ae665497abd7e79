// While what is asked for fails, the router is kept as it last was good.
#include "daemon.hh"

using namespace samples;

namespace {

// What other_demo() asks for and demo() does not.
bool
is_new(const Step &step)
{
    const auto *up = std::get_if<Set_up>(&step);
    return up && up->link == "sg-b" && up->becomes;
}

struct Failing : Daemon {
    Failing()
    {
        edit(demo());
        fake.refuse_step = refuse_new;
        edit(other_demo());
        BOOST_TEST((status().state == State::failed));
    }

    static std::optional<Error>
    refuse_new(const Step &step)
    {
        return is_new(step) ? std::optional{Error{28, "no space"}}
                            : std::nullopt;
    }

    void
    check_demo_is_kept()
    {
        const Accepted accepted = accept(demo(), rows.around, Limits{});
        for (const Step &step :
             plan(wish(accepted.router), fake.pictures["demo"])) {
            BOOST_ERROR("still to do: " << step);
        }
        BOOST_TEST((status().state == State::failed));
    }

    // The machine starts again; the rows are as they were.
    void
    lose_all()
    {
        fake.pictures.clear();
        start();
        commit();
        fake.run(500ms);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(engine_keep, Failing)

BOOST_AUTO_TEST_CASE(it_says_what_is_there)
{
    check_demo_is_kept();
    BOOST_TEST(has(status().error, "no space; it stays as change 1 left it"),
               status().error);
}

BOOST_AUTO_TEST_CASE(a_reboot_takes_nothing_away)
{
    lose_all();
    check_demo_is_kept();
    BOOST_TEST(has(status().error, "it stays as change 3 left it"),
               status().error);
    BOOST_TEST((fake.changes.at(3).cause == "drift"));
    BOOST_TEST((fake.changes.at(3).state == Change_state::committed));
    // And what is asked for is tried as before.
    fake.refuse_step = nullptr;
    fake.run(5s);
    check_demo_is(other_demo());
    BOOST_TEST(realised() == 3);
    // And that is what is good from then on.
    const auto last = last_change().number;
    BOOST_TEST(engine->routers().at("demo").record == last);
    BOOST_TEST(last > 3u);
    start();
    commit();
    fake.run(1s);
    check_demo_is(other_demo());
    BOOST_TEST(last_change().number == last);
}

// What failed is not asked for any more: nothing is wired again.
BOOST_AUTO_TEST_CASE(a_reboot_after_it_was_deleted)
{
    fake.pictures.clear();
    rows.routers.clear();
    start();
    const int effects = fake.effects;
    commit();
    fake.run(1s);
    BOOST_TEST(fake.effects == effects);
    check_nothing_is_left();
}

// What was not tried before is tried first.
BOOST_AUTO_TEST_CASE(a_reboot_before_an_edit_that_fails)
{
    edit(demo());
    check_demo_is(demo());
    set(other_demo());
    lose_all();
    check_demo_is_kept();
    BOOST_TEST(realised() == 4);
}

BOOST_AUTO_TEST_CASE(what_is_spoilt_meanwhile_is_repaired)
{
    rows.options = {{"retry-initial", "60000"}};
    commit();
    fake.run(5s); // Tried once more.
    fake.pictures["demo"].kernel.links.at("sg-a").up = false;
    engine->moved({false, {"demo"}, {}});
    fake.run(100ms);
    check_demo_is_kept();
    BOOST_TEST(last_change().cause == "drift");
    BOOST_TEST((last_change().state == Change_state::committed));
}

BOOST_AUTO_TEST_CASE(what_is_spoilt_is_only_told_if_so_asked)
{
    rows.options = {{"retry-initial", "60000"}, {"drift", "observe"}};
    commit();
    fake.run(5s);
    const auto changes = fake.changes.size();
    fake.pictures["demo"].kernel.links.at("sg-a").up = false;
    engine->moved({false, {"demo"}, {}});
    fake.run(100ms);
    BOOST_TEST(!fake.pictures["demo"].kernel.links.at("sg-a").up);
    BOOST_TEST(fake.changes.size() == changes);
}

BOOST_AUTO_TEST_CASE(neither_can_be)
{
    fake.refuse_step = [](const Step &) {
        return std::optional{Error{28, "no space"}};
    };
    lose_all();
    BOOST_TEST(links().empty());
    BOOST_TEST((status().state == State::failed));
    BOOST_TEST(has(status().error, "cannot be as change 1 left it either"),
               status().error);
    fake.run(300s);
    BOOST_TEST(fake.records < 60);
    // The first that can be is.
    fake.refuse_step = refuse_new;
    fake.run(80s);
    check_demo_is_kept();
}

// Who waits for a port of another router has what it had.
BOOST_AUTO_TEST_CASE(a_reboot_while_it_waits_for_another)
{
    edit(demo());
    edit(router_row("holder", {port_row("sg-h", "10.9.0.1/24")}));
    fake.refuse_step = [](const Step &step) -> std::optional<Error> {
        const auto *name = std::get_if<Set_name>(&step);
        return name && !name->becomes ? std::optional{Error{16, "busy"}}
                                      : std::nullopt;
    };
    rows.routers.erase("holder");
    edit(router_row("demo", {demo().ports[0], demo().ports[1],
                             port_row("sg-h", "10.9.0.1/24")}));
    fake.pictures.erase("demo");
    start();
    commit();
    fake.run(500ms);
    BOOST_TEST((links() == std::set<std::string>{"qg-a", "sg-a"}));
    BOOST_TEST(has(status().error, "router holder"), status().error);
}

BOOST_AUTO_TEST_SUITE_END()
