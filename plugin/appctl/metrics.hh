// What "ovs-appctl metrics/show" prints, and what goes into a file for a
// collector.  Documentation/monitoring.md tells what each metric means.
//
// No label names a router: thousands of them would be as many series in
// somebody's database for each metric, most of them saying that all is well,
// and tell tenants' names to whoever may read it.  Which router it is, and
// why, the status of its rows and "router/list" say.
#pragma once

#include "appctl/exposition.hh"
#include "change/engine.hh"
#include "change/metrics.hh"
#include "change/watched.hh"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace snat {

// What the engine does not know.
struct Surrounding_metrics {
    std::string version;
    bool is_ready = false;    // Both databases were read.
    bool switch_runs = false; // ovs-vswitchd.
    size_t changes = 0;       // That the history has.
    Database_state own_database, switch_database;
    Process_usage main;
    std::optional<Process_usage> kernel; // As it told last.
    // For how long that has been asked again in vain.
    std::chrono::milliseconds kernel_silence{};
    Histogram turns; // Of the main loop.
    Histogram::Duration longest_turn{};
};

std::string view_metrics(const Engine &engine,
                         const Surrounding_metrics &around, Form form);

} // namespace snat
