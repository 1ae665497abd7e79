// What rules that overlap bring into the tables: the kernel's tables with
// ranges may not, so each has what the rules before it have left over.
#pragma once

#include "rule_entries.hh"

#include <vector>

namespace snat {

// Those that leave flows to their addresses as they are; of one address.
std::vector<Nat_entry> kept_entries(std::vector<const Placed_rule *> rules);

// Those by where flows come from, in table 'name'; of one family.
std::vector<Nat_entry> source_entries(const char *name,
                                      std::vector<const Placed_rule *> rules);

} // namespace snat
