// How much the rules of a router have translated.
#pragma once

#include "change/world.hh"
#include "kernel/namespaces.hh"
#include "router/result.hh"

namespace snat {

// By the words of each rule that is loaded; nothing if there is no namespace
// of ours.
Result<Nat_counts> count(Namespaces &namespaces, const Count &what);

} // namespace snat
