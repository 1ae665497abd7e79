// The ovs-appctl commands of ovs-snatd.
#pragma once

#include "change/engine.hh"
#include "change/fault.hh"
#include "change/history.hh"

#include <functional>
#include <string>
#include <vector>

namespace snat {

struct Commands_for {
    Engine &engine;
    Fault &fault;
    std::function<std::vector<Record>()> records;
    std::function<std::string()> metrics;
};

// Registers them; 'with_faults' also those that make failures on purpose.
// 'what' must outlive the unixctl server.
void register_commands(Commands_for &what, bool with_faults);

} // namespace snat
