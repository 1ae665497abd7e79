// The neighbours that links answer for: entries that the kernel keeps apart
// from those of neighbours, and of which it tells no news.  They go when their
// link goes down (pneigh_ifdown() in net/core/neighbour.c).
#pragma once

#include "kernel/netlink.hh"
#include "router/result.hh"
#include "step/step.hh"

#include <cstdint>
#include <map>
#include <set>

namespace snat {

// IPv6 ones, by the links' indexes.
Result<std::map<uint32_t, std::set<Ip>>> see_proxies(Netlink &route);

Outcome set_proxies(Netlink &route, const Set_proxies &step);

} // namespace snat
