// Acceptance of names: what may be one, and whose it is.
#include "asked.hh"

using namespace asked;

BOOST_AUTO_TEST_SUITE(accept_names)

BOOST_AUTO_TEST_CASE(router_names)
{
    for (const std::string &name :
         {"a"s, "7"s, "Demo-1_x.y"s, std::string(64, 'a')}) {
        Router_row row = demo({make_gateway(false)});
        row.name = name;
        const Accepted accepted = accept_demo(row);
        BOOST_TEST(accepted.refusals.empty());
        BOOST_TEST(accepted.router.name == name);
    }
    std::vector<std::string> bad = {"",
                                    ".",
                                    "..",
                                    "-a",
                                    "_a",
                                    ".a",
                                    "a:b",
                                    "a\"b",
                                    "a*",
                                    "a\\b",
                                    std::string(65, 'a')};
    bad.insert(bad.end(), std::begin(hostile), std::end(hostile));
    for (const std::string &name : bad) {
        BOOST_TEST_CONTEXT(quoted(name))
        {
            Router_row row = demo({make_gateway(false)});
            row.name = name;
            check_router_refused(accept_demo(row),
                                 {quoted(name), "expected 1 to 64 of",
                                  "beginning with a letter or digit"});
        }
    }
}

BOOST_AUTO_TEST_CASE(port_names)
{
    for (const char *name : {"qg-", "qg-345678901234", "sg-a.b@c"}) {
        BOOST_TEST(read_good(door2(name, "10.0.0.1/24")).name == name);
    }
    std::vector<std::string> bad
        = {"", ".", "..", "qg-a:1", "qg-4567890123456"};
    bad.insert(bad.end(), std::begin(hostile), std::end(hostile));
    for (const bool is_door1 : {true, false}) {
        for (const std::string &name : bad) {
            BOOST_TEST_CONTEXT(quoted(name))
            {
                Port_row port = make_gateway(is_door1);
                port.name = name;
                port.role = "gateway";
                check_port_refused(port,
                                   {quoted(name), "expected 1 to 15 of"});
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_name_belongs_to_one_row)
{
    const Claim by_door1{"demo", true}, by_door2{"demo", false},
        other_door1{"other", true}, other_door2{"other", false};
    const struct {
        std::vector<Claim> claims;
        std::optional<Claim> holder;
        Claim mine, winner;
    } rows[] = {
        {{by_door1}, std::nullopt, by_door1, by_door1},
        {{by_door2}, other_door1, by_door2, by_door2},
        {{by_door1, by_door2}, std::nullopt, by_door1, by_door1},
        {{by_door2, by_door1}, std::nullopt, by_door2, by_door1},
        {{by_door1, by_door2}, by_door2, by_door1, by_door2},
        {{by_door1, by_door2}, by_door2, by_door2, by_door2},
        {{by_door1, by_door2}, by_door1, by_door2, by_door1},
        {{by_door1, other_door2}, std::nullopt, by_door1, by_door1},
        {{by_door1, other_door2}, other_door2, by_door1, other_door2},
        {{other_door1, by_door2}, std::nullopt, by_door2, other_door1},
        {{other_door1, by_door2}, by_door2, by_door2, by_door2},
        // A holder who claims it no more has lost it.
        {{by_door1, by_door2}, other_door2, by_door1, by_door1},
        {{by_door1, by_door2}, other_door2, by_door2, by_door1},
    };
    for (const auto &row : rows) {
        Surroundings around = bridges();
        around.claims["sg-a"] = row.claims;
        if (row.holder) {
            around.holders["sg-a"] = *row.holder;
        }
        const Port_row port = make_internal(row.mine.door1);
        if (row.mine == row.winner) {
            read_good(port, around);
        } else {
            check_refused(accept(demo({port}), around, {}), port,
                          {"the port name sg-a",
                           "belongs to router " + row.winner.router,
                           row.winner.door1 ? "Open_vSwitch" : "OVS_SNAT",
                           "one row only"});
        }
    }
}

BOOST_AUTO_TEST_CASE(foreign_ports_are_left_alone)
{
    Surroundings around = bridges();
    around.foreign_ports = {"sg-a"};
    const Port_row port = make_internal(false);
    check_refused(accept(demo({port}), around, {}), port,
                  {"interface sg-a", "not ours"});
    read_good(make_gateway(false), around);
}

BOOST_AUTO_TEST_SUITE_END()
