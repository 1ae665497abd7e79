// Static routes back to rows and keys that say them.

#include "rows_for.hh"

#include "accept_routes.hh"

namespace snat {
namespace {

Route_row
row_for(const Static_route &route)
{
    Route_row row;
    row.id = {Table::static_route, ""};
    row.ip_prefix = to_string(route.prefix);
    row.nexthop = route.is_discard() ? "discard"
                  : route.next_hop   ? to_string(*route.next_hop)
                                     : "";
    row.output_port = route.port;
    row.policy = route.by_source ? "src-ip" : "";
    if (route.metric) {
        row.metric = route.metric;
    }
    if (!route.table.empty()) {
        row.options["route-table"] = route.table;
    }
    return row;
}

// Without the port, if that is told by the next hop.
Route_row
least_row_for(const Static_route &route, const Static_routes &routes)
{
    Static_route untold = route;
    untold.port.clear();
    Route_row row = row_for(route);
    if (route.next_hop && !routes.find_port(untold) && untold == route) {
        row.output_port.clear();
    }
    return row;
}

} // namespace

Route_rows
route_rows_for(const Route_rows &there, const Router &wanted,
               bool keep_refused)
{
    Route_rows rows;
    const Static_routes routes{wanted};
    std::set<Static_route> missing = wanted.routes;
    for (const auto &[uuid, row] : there) {
        Static_route route;
        const bool is_refused = read_route_row(row, route).has_value()
                                || routes.find_port(route).has_value();
        if (is_refused ? keep_refused : missing.erase(route)) {
            rows.emplace(uuid, row);
        }
    }
    // Some of those there may have such a name already.
    size_t n = 0;
    for (const Static_route &route : missing) {
        const Route_row row = least_row_for(route, routes);
        while (!rows.emplace("new " + std::to_string(n++), row).second) {
        }
    }
    return rows;
}

std::vector<std::string>
routes_for(const std::set<Static_route> &routes)
{
    std::vector<std::string> texts;
    for (const Static_route &route : routes) {
        texts.push_back(
            to_string(route.prefix) + "="
            + (route.next_hop ? to_string(*route.next_hop) : "discard"));
    }
    return texts;
}

} // namespace snat
