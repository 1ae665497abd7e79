// How much of the limits is taken.
#pragma once

#include "change/engine.hh"

#include <cstddef>
#include <map>
#include <string>

namespace snat {

// Of the limits that are not about time: how much of each is taken, by the
// router that takes most.  'changes' is how many the history has.
std::map<std::string, size_t> uses(const Engine &engine, size_t changes);

} // namespace snat
