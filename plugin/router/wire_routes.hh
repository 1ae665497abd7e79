// The routes of a router, those by default and those that its rows ask for,
// and which packets look them up where:
//
//     1000   everybody, in the main table: where a network is connected, or a
//            route of a longer prefix than /0 leads to
//     2000   what came by a port with a table: the same of that table
//     3000   what came by such a port from a source that it has a route for
//     4000   what came from a source that there is a route for; of both, the
//            longest prefix first
//     5000   what came by a port with a table: that table's default route
//     32766  everybody, in the main table (the kernel's own rule)
//
// All but the last are only there for families that have such routes.  A
// default route that discards ends the search where it is found, be it asked
// for or not, so no rule may come after it (router/accept_routes.hh).
#pragma once

#include "router.hh"
#include "wired.hh"

namespace snat {

// Whether the port's next hop is none that its networks lead to, so that a
// route to the next hop itself has to come first.
bool needs_on_link_route(const Port &port, const Ip &next_hop);

// Fills in 'routes' and 'route_rules'.  Routes by ports that the router does
// not have are left out.
void wire_routes(const Router &router, Wired &wired);

// Those static routes, in all, that have to do with the route at this place:
// are it, are one path of it, or have a next hop that it leads to.
std::set<Static_route> asked_for_by(const Router &router,
                                    const Route_place &place);

} // namespace snat
