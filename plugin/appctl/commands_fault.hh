// The commands that make failures on purpose: fault/*.
#pragma once

#include "appctl/arguments.hh"

#include <span>

namespace snat {

std::span<const Command> fault_commands();

} // namespace snat
