// What those who watch the daemon want to know of what is around the engine.
#pragma once

#include <cstdint>

namespace snat {

// How a database is served, and followed.
struct Database_state {
    bool connected = false;
    uint64_t reconnects = 0; // Connections but the first.
    int64_t behind = 0;      // next_cfg less what is realised of it.
};

// What a process takes of the machine.
struct Process_usage {
    uint64_t cpu_us = 0; // In user and kernel mode.
    uint64_t resident_bytes = 0, virtual_bytes = 0;
    uint64_t open_fds = 0, max_fds = 0;
    uint64_t started_at = 0; // Milliseconds since the epoch.

    bool operator==(const Process_usage &) const = default;
};

} // namespace snat
