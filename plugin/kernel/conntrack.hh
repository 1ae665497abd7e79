// The kernel's connection tracking in a namespace (ctnetlink).
#pragma once

#include "kernel/netlink.hh"
#include "router/result.hh"
#include "step/step.hh"

#include <cstdint>
#include <map>

namespace snat {

// Forgets the flows that the step is about.  There may be none of them.
Outcome end_flows(Netlink &netfilter, const End_flows &step);

// How many flows there are of each mark.
Result<std::map<uint32_t, uint64_t>> count_flows(Netlink &netfilter);

} // namespace snat
