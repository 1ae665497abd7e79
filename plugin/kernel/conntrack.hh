// The kernel's connection tracking in a namespace (ctnetlink).
#pragma once

#include "kernel/netlink.hh"
#include "router/result.hh"
#include "step/step.hh"

#include <compare>
#include <cstdint>
#include <map>
#include <set>

namespace snat {

// Whence and whither the packets of one direction of a flow go.
struct Tuple {
    Ip from, to;
    uint8_t protocol = 0;
    uint16_t from_port = 0, to_port = 0; // 0 if the protocol has none.

    auto operator<=>(const Tuple &) const = default;
};

// Forgets the flows that the step is about, and those whose replies go as
// 'turned' says.  There may be none of them.  Returns whence and whither those
// went that a new rule takes from another one which stays: a reply to them
// that is under way is a flow of that one again, turned round.
Result<std::set<Tuple>> end_flows(Netlink &netfilter, const End_flows &step,
                                  const std::set<Tuple> &turned = {});

// How many flows there are of each mark.
Result<std::map<uint32_t, uint64_t>> count_flows(Netlink &netfilter);

} // namespace snat
