// Which packets look for their route in which table: ip-rule(8), with protocol
// "static" on what is ours.
#pragma once

#include "kernel/netlink.hh"
#include "router/result.hh"
#include "router/wired.hh"
#include "step/step.hh"

#include <set>

namespace snat {

// Ours, the kernel's own for the main table, and those before it that somebody
// made by hand, but for twins of ours; not those of routing daemons.
Result<std::set<Route_rule>> see_route_rules(Netlink &route);

// A rule that is added takes the place of one by hand that is alike.
Outcome set_route_rule(Netlink &route, const Set_route_rule &step);

} // namespace snat
