// Rows of OVS_SNAT, as plain as they may be.
#pragma once

#include "router/rows.hh"

#include <boost/test/unit_test.hpp>
#include <string>
#include <utility>
#include <vector>

namespace samples {

using namespace snat;

inline Port_row
port_row(const std::string &name, const std::string &network)
{
    Port_row row;
    row.id = {Table::router_port, "uuid-of-" + name};
    row.name = name;
    row.networks = {network};
    return row;
}

inline Router_row
router_row(const std::string &name, std::vector<Port_row> ports)
{
    Router_row row;
    row.id = Row_id{Table::router, name};
    row.name = name;
    row.ports = std::move(ports);
    return row;
}

// Those without UUID, which are yet to be made, by where they stand.
inline Nat_rows
nat_rows(const std::vector<Nat_row> &list)
{
    Nat_rows rows;
    for (const Nat_row &row : list) {
        const std::string number = std::to_string(rows.size());
        BOOST_REQUIRE(
            rows.insert(row.id.uuid.empty() ? number : row.id.uuid, row));
    }
    return rows;
}

// One that says nothing, and so is refused.
inline Nat_row
bad_nat_row(const std::string &uuid, const std::string &type = "")
{
    Nat_row row;
    row.id = {Table::nat, uuid};
    row.type = type;
    return row;
}

} // namespace samples
