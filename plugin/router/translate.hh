// From the rules of a router to the tables that packets are looked up in.
//
// A flow is given the mark of the one rule that takes it, once, with its first
// packet; what the rule does with it, and what it is counted as, is looked up
// by that.  Each rule is so many entries of the tables, whatever else there
// is, so neither the way of a packet nor the cost of a change grows with their
// number.  Only where prefixes and lists of peers overlap are entries what the
// rules before them have left over.
//
// Which tables there are, and how the kernel has them: kernel/nft_layout.hh.
#pragma once

#include "router.hh"
#include "wired.hh"

namespace snat {

Nat translate(const Router &router);

} // namespace snat
