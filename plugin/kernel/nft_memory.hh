// Generations of nf_tables.  Each commit by anybody to any table of a
// namespace begins the next one before anything of it can be seen, and has the
// lock of commits until all of it can (nf_tables_commit() in the kernel's
// net/netfilter/nf_tables_api.c).  So what was seen of one generation holds as
// long as that lasts, and nothing that happens to a table is missed.  What
// elements count, and what their limits let pass, is no part of it.
#pragma once

#include "kernel/netlink.hh"
#include "router/result.hh"
#include "router/wired.hh"

#include <cstdint>

namespace snat {

// What the tables of a namespace were in one generation.
struct Nat_memory {
    uint32_t generation = 0;
    Nat nat;
};

Result<uint32_t> see_generation(Netlink &netfilter);

// The one that a commit makes of it; the kernel skips 0.
uint32_t next_generation(uint32_t generation);

// A commit that has begun a generation already may not be over yet.
Outcome wait_for_commit(Netlink &netfilter);

} // namespace snat
