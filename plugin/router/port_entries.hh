// What the ports of a router bring into its tables by what they say of packets
// that are forwarded by them (router/forwarding.hh).
#pragma once

#include "router.hh"
#include "rule_entries.hh"

#include <vector>

namespace snat {

// The number of the scope that has no name.
constexpr uint32_t no_scope = 0;

std::vector<Nat_entry> port_entries(const Router &router);

} // namespace snat
