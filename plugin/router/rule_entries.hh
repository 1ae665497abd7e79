// What one rule of a router brings into its tables by itself, whatever other
// rules there are.
#pragma once

#include "nat.hh"

#include <cstdint>
#include <string>
#include <vector>

namespace snat {

// A rule with its place in the router, or the default SNAT of a port.
struct Placed_rule {
    std::string name; // Its words: no two have the same.
    Nat_rule rule;
    std::vector<std::string> ports; // Never none.
    bool is_default = false;
    uint32_t mark = 0;
};

struct Nat_entry {
    std::string table, key, value;
};

std::vector<Nat_entry> entries_of(const Placed_rule &placed);

// What a gateway port or a floating IP lets pass at most.
std::vector<Nat_entry> limit_entries(const std::string &port, const Ip &ip,
                                     const Rate &in, const Rate &out);

// The name of a table for one of the two families.
std::string nat_table(const char *name, Family family);

} // namespace snat
