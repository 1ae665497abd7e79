// A route that the kernel does not take.
#include "daemon.hh"

#include <cerrno>

using namespace samples;

namespace {

Router_row
with_route(const char *prefix = "203.0.113.0/24")
{
    Router_row row = demo();
    Route_row route;
    route.id = {Table::static_route, "r"};
    route.ip_prefix = prefix;
    route.nexthop = "198.51.100.2";
    row.static_routes["r"] = route;
    return row;
}

struct Picky : Daemon {
    bool refuses = true;
    int tries = 0;

    Picky()
    {
        fake.refuse_step = [this](const Step &step) -> std::optional<Error> {
            const auto *route = std::get_if<Set_route>(&step);
            if (!route || !route->becomes
                || route->becomes->prefix != network("203.0.113.0/24")
                || !refuses) {
                return std::nullopt;
            }
            tries++;
            return Error{ENETUNREACH, "Network is unreachable"};
        };
    }

    Row_status
    route_status() const
    {
        return fake.shown.at("demo").rows.at({Table::static_route, "r"});
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(engine_routes, Picky)

BOOST_AUTO_TEST_CASE(is_told_by_its_row_and_nothing_else_suffers)
{
    edit(demo());
    edit(with_route());
    BOOST_TEST((status().state == State::failed));
    BOOST_TEST(has(status().error, "203.0.113.0/24"), status().error);
    BOOST_TEST((route_status().state == State::failed));
    BOOST_TEST(has(route_status().error, "Network is unreachable"),
               route_status().error);
    BOOST_TEST((port_state("sg-a") == State::active));
    BOOST_TEST((last_change().state == Change_state::undone));
    BOOST_TEST(realised() == 2);
    edit(demo());
    check_demo_is(demo());
}

BOOST_AUTO_TEST_CASE(can_be_left_out)
{
    Router_row row = with_route();
    row.options["refused-rows"] = "skip";
    edit(row);
    BOOST_TEST((status().state == State::degraded));
    BOOST_TEST((route_status().state == State::failed));
    BOOST_TEST((port_state("sg-a") == State::active));
    BOOST_TEST((links() == std::set<std::string>{"qg-a", "sg-a"}));
    BOOST_TEST(realised() == 1);
}

BOOST_AUTO_TEST_CASE(is_tried_again_without_filling_the_history)
{
    edit(demo());
    edit(with_route());
    fake.run(600s);
    BOOST_TEST(tries > 5);
    BOOST_TEST(tries < 30);
    const size_t changes = fake.changes.size();
    fake.run(600s);
    BOOST_TEST(fake.changes.size() == changes);
    refuses = false;
    fake.run(61s);
    check_demo_is(with_route());
    BOOST_TEST((route_status().state == State::active));
}

BOOST_AUTO_TEST_CASE(is_tried_again_with_the_next_edit)
{
    edit(with_route());
    refuses = false;
    Router_row row = with_route();
    row.ports.push_back(port_row("sg-b", "10.0.1.1/24"));
    edit(row);
    check_demo_is(row);
}

// Who waits for the edit is not told too soon.
BOOST_AUTO_TEST_CASE(an_edit_that_has_it_left_out_is_waited_for)
{
    edit(with_route());
    Router_row row = with_route();
    row.options["refused-rows"] = "skip";
    set(row);
    commit();
    BOOST_TEST(realised() == 1);
    fake.run(500ms);
    BOOST_TEST(realised() == 2);
    BOOST_TEST((status().state == State::degraded));
}

BOOST_AUTO_TEST_CASE(without_ports_it_waits)
{
    edit(demo());
    Router_row row = with_route();
    row.ports.clear();
    edit(row);
    BOOST_TEST(links().empty());
    BOOST_TEST((route_status().state == State::pending));
    BOOST_TEST(route_status().error == "the router has no port yet");
}

BOOST_AUTO_TEST_CASE(a_want_of_memory_says_nothing_about_a_route)
{
    fake.refuse_step = [](const Step &step) -> std::optional<Error> {
        return std::holds_alternative<Set_route>(step)
                   ? std::optional{Error{ENOMEM, "no memory"}}
                   : std::nullopt;
    };
    edit(with_route());
    BOOST_TEST((status().state == State::failed));
    BOOST_TEST(!has(route_status().error, "the kernel refuses"));
}

BOOST_AUTO_TEST_SUITE_END()
