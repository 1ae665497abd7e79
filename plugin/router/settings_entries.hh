// What settings are in the tables that packets are looked up in.
#pragma once

#include "rule_entries.hh"
#include "settings.hh"

#include <vector>

namespace snat {

// Of table "helpers" and, for a limit, of table "tracked".  The kernel counts
// flows in a list that it goes through for a new one, so a large limit is
// divided: each flow belongs to a share by a hash of its addresses and ports,
// and the shares add up to the limit.
std::vector<Nat_entry> settings_entries(const Settings &settings);

} // namespace snat
