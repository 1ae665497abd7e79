// What the first packet of a flow meets before its destination is looked up:
// the limit of flows, and who reads along in it.
#pragma once

#include "kernel/nft_layout.hh"

#include <vector>

namespace snat {

void append_sets_of_arrivals(std::vector<Nft_set> &sets);
void append_arrivals(std::vector<Nft_rule> &rules);

} // namespace snat
