// Floating IPs without connection tracking: packets are rewritten one by one,
// those that ICMP errors are about as well, and counted by a mark of their
// own.
#pragma once

#include "kernel/nft_layout.hh"

#include <vector>

namespace snat {

void append_stateless(Family family, std::vector<Nft_rule> &rules);

} // namespace snat
