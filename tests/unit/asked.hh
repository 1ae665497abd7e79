// Rows of either door that are as they should be, for the tests of acceptance
// to spoil, and what a refusal must look like.
#pragma once

#include "router/accept.hh"
#include "router/names.hh"
#include "rows.hh"
#include "sentences.hh"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <string>
#include <vector>

namespace asked {

using namespace snat;
using namespace sentences;

inline Port_row
door1(const std::string &name, const std::string &network)
{
    Port_row row;
    row.id = {Table::interface, "uuid-of-" + name};
    row.name = name;
    row.bridge = "br-user";
    row.wiring = "internal";
    row.networks = {network};
    row.options = {{"snat-router", "demo"}, {"snat-networks", network}};
    return row;
}

inline Port_row
door2(const std::string &name, const std::string &network)
{
    return samples::port_row(name, network);
}

// A row of the one door or the other.
inline Port_row
make_row(bool is_door1, const std::string &name, const std::string &network)
{
    return is_door1 ? door1(name, network) : door2(name, network);
}

inline Port_row
make_gateway(bool is_door1)
{
    return make_row(is_door1, "qg-a", "198.51.100.10/24");
}

inline Port_row
make_internal(bool is_door1)
{
    return make_row(is_door1, "sg-a", "10.0.0.1/24");
}

inline Router_row
demo(std::vector<Port_row> ports)
{
    return samples::router_row("demo", std::move(ports));
}

inline Surroundings
bridges()
{
    Surroundings around;
    around.bridges = {{"br-ex", false},
                      {"br-int", false},
                      {"br-user", false},
                      {"br-netdev", true}};
    return around;
}

inline Accepted
accept_demo(const Router_row &row, const Limits &limits = {})
{
    return accept(row, bridges(), limits);
}

// The router loses this one row, by one sentence, and keeps the others.
inline void
check_refused(const Accepted &accepted, const Port_row &row,
              const std::vector<std::string> &parts, bool pending = false)
{
    BOOST_REQUIRE(accepted.refusals.size() == 1u);
    const Refusal &refusal = accepted.refusals[0];
    BOOST_TEST((refusal.row == row.id));
    BOOST_TEST((refusal.name == row.name));
    BOOST_TEST(refusal.pending == pending);
    check_sentence(refusal.what, parts);
}

// The router itself is refused, by one sentence.
inline void
check_router_refused(const Accepted &accepted,
                     const std::vector<std::string> &parts)
{
    BOOST_REQUIRE(accepted.refusals.size() == 1u);
    BOOST_TEST(!accepted.refusals[0].row);
    BOOST_TEST(!accepted.refusals[0].pending);
    check_sentence(accepted.refusals[0].what, parts);
}

// A row that is wrong, with a right one beside it.
inline void
check_port_refused(const Port_row &row, const std::vector<std::string> &parts)
{
    const Port_row good = make_row(row.is_door1(), "sg-good", "10.9.9.1/24");
    const Accepted accepted = accept_demo(demo({row, good}));
    check_refused(accepted, row, parts);
    BOOST_TEST(accepted.router.ports.size() == 1u);
    BOOST_TEST(accepted.router.ports.contains("sg-good"));
}

inline Port
read_good(const Port_row &row, const Surroundings &around = bridges())
{
    const Accepted accepted = accept(demo({row}), around, {});
    BOOST_TEST(accepted.refusals.empty(), summary(accepted.refusals));
    BOOST_REQUIRE(accepted.router.ports.contains(row.name));
    return accepted.router.ports.at(row.name);
}

// One way to spoil a row of either door, and what the refusal says.
struct Bad_value {
    const char *what;
    std::function<void(Port_row &)> change;
    std::vector<std::string> parts;
    bool gateway = false; // Only a gateway port may have such a value.
};

inline void
check_bad_values(const std::vector<Bad_value> &rows)
{
    for (const bool is_door1 : {true, false}) {
        for (const auto &row : rows) {
            BOOST_TEST_CONTEXT((is_door1 ? "door 1: " : "door 2: ")
                               << row.what)
            {
                Port_row port = row.gateway ? make_gateway(is_door1)
                                            : make_internal(is_door1);
                row.change(port);
                check_port_refused(port, row.parts);
            }
        }
    }
}

} // namespace asked
