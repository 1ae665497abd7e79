// Routes of protocol "static", which are all that a router has beside what the
// kernel makes of its addresses.
#pragma once

#include "kernel/links.hh"
#include "kernel/netlink.hh"
#include "router/result.hh"
#include "router/wired.hh"
#include "step/step.hh"

#include <map>
#include <string>

namespace snat {

// 'links' are all that there are.  Of the main table also others' routes.
Result<std::map<Route_place, Route>>
see_routes(Netlink &route, const std::map<std::string, Seen_link> &links);

// A route that is replaced is never missing in between.
Outcome set_route(Netlink &route, const Set_route &step);

} // namespace snat
