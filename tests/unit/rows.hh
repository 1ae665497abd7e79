// Rows of OVS_SNAT, as plain as they may be.
#pragma once

#include "router/rows.hh"

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

} // namespace samples
