// Which packets look for their route in which table: ip-rule(8), with protocol
// "static" on what is ours.
#pragma once

#include "kernel/netlink.hh"
#include "router/result.hh"
#include "router/wired.hh"
#include "step/step.hh"

#include <set>

namespace snat {

// Ours, and those that somebody made by hand; not the kernel's own, nor those
// that routing daemons have made.
Result<std::set<Route_rule>> see_route_rules(Netlink &route);

Outcome set_route_rule(Netlink &route, const Set_route_rule &step);

} // namespace snat
