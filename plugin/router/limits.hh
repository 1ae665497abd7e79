// Bounds and defaults that operators may change: SNAT_Global.options for all
// routers, Router.options for one.  Every bound that is hit is an error that
// names it.
#pragma once

#include "result.hh"
#include "settings.hh"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace snat {

using Options = std::map<std::string, std::string>;

struct Limits {
    uint32_t max_routers = 4096;
    uint32_t max_ports_per_router = 64;
    uint32_t max_nat_per_router = 16384;
    uint32_t max_routes_per_router = 1024;
    uint32_t max_addresses_per_port = 256;
    uint32_t change_rate = 10; // Changes a second of one router; 0: any.
    uint32_t total_change_rate = 1000; // And of all together; 0: any.
    uint32_t change_history = 1000;    // Rows of table Change.
    uint32_t retry_initial = 1000;     // Milliseconds.
    uint32_t retry_max = 60000;        // Milliseconds.
    uint32_t check_timeout = 5000;     // Milliseconds.
    uint32_t switch_timeout = 10000;   // Milliseconds.
    uint32_t sweep_interval = 60000;   // Milliseconds; 0: no sweep.
    uint32_t orphan_grace = 600000;    // Milliseconds; 0: for ever.
    uint32_t verify_timeout = 3000;    // Milliseconds.
    uint32_t stats_interval = 0;       // Milliseconds; 0: not by itself.
    bool skip_refused_rows = false;
    bool observe_drift = false; // And do not repair it.
    bool verify_duplicates = false;
    bool verify_gateway = false;
    std::string default_gateway_bridge = "br-ex";
    std::string default_internal_bridge = "br-int";
    Settings settings; // Of each router that does not ask for others.

    bool operator==(const Limits &) const = default;
};

// Whose options may have a limit: those of one router too, to any value or
// only to a stricter one than all have.
enum class Scope { any, stricter, global };

// One numeric option: its key, where it stands, what it may be.
struct Limit {
    const char *key;
    uint32_t Limits::*value;
    uint32_t least, most;
    Scope scope;
};
extern const std::array<Limit, 16> all_limits;

// All keys that SNAT_Global.options and Router.options may have.
const std::vector<const char *> &known_options();

// 'base' changed by 'options'.  Each option that is not fit keeps the base's
// value and adds a sentence to 'errors', and so does one that nobody knows.
Limits read_limits(const Limits &base, const Options &options,
                   std::vector<std::string> &errors);

// The same for the options of one router, where 'global' holds for all.
Limits read_router_limits(const Limits &global, const Options &options,
                          std::vector<std::string> &errors);

} // namespace snat
