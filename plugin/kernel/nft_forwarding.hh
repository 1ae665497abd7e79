// The part of table "inet ovs_snat" that says what of forwarded packets may
// pass, and how large TCP's segments may be: see kernel/nft_layout.hh.
#pragma once

#include "kernel/nft_layout.hh"

#include <vector>

namespace snat {

void append_forwarding_sets(std::vector<Nft_set> &sets);

// Before default SNAT, in chain "postrouting".
void append_spared(Family family, std::vector<Nft_rule> &rules);

// In the others.
void append_forwarding(std::vector<Nft_rule> &rules);

} // namespace snat
