// The chains and rules of table "inet ovs_snat", read back.
#pragma once

#include "kernel/netlink.hh"
#include "router/result.hh"

namespace snat {

// Whether they are those of kernel/nft_layout.hh, told by their names.
Result<bool> has_right_rules(Netlink &netfilter);

} // namespace snat
