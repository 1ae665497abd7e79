// Table "inet ovs_snat" of a namespace: loaded, updated, read back.
//
// Its comment is the mark by which a namespace is ours.  Each rule has a
// comment that names it: who edits a rule in place cannot keep our comment,
// so rules with the right comments, in the right order, are the right rules.
#pragma once

#include "kernel/netlink.hh"
#include "kernel/nft_memory.hh"
#include "router/result.hh"
#include "router/wired.hh"
#include "step/step.hh"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace snat {

// Whether the table is there and bears our mark for 'router', of whatever
// generation.
Result<bool> carries_mark(Netlink &netfilter, const std::string &router);

// Empty if the table is not there or does not bear our mark; damaged if it
// does, but is anything but what we would load.  What is remembered of this
// very generation of nf_tables is not looked at again.
Result<std::optional<Nat>> see_nat(Netlink &netfilter,
                                   const std::string &router,
                                   std::optional<Nat_memory> &memory);

// The whole table anew, in one transaction of the kernel.  To a damaged one
// there is no way, and nothing is done.  That the kernel has it all as we mean
// it is for the next look to tell.
Outcome set_nat(Netlink &netfilter, const std::string &router,
                const std::optional<Nat> &becomes);

// Some of its entries, in one transaction of the kernel.
Outcome change_nat(Netlink &netfilter, const Change_nat &step,
                   std::optional<Nat_memory> &memory);

// What the elements of a set of ours have counted, by their marks.
struct Nft_counter {
    uint64_t packets = 0, bytes = 0;
    std::string comment;
};
Result<std::map<uint32_t, Nft_counter>> see_counters(Netlink &netfilter,
                                                     const std::string &set);

} // namespace snat
