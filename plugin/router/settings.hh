// What options set in a router's namespace, beside its ports and rules.
#pragma once

#include "nat.hh"

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace snat {

// Who reads along in the flows to a port, so that the flows which these
// announce, such as the data of FTP, belong to them (nf_conntrack_helper).
struct Helper {
    Protocol protocol = Protocol::tcp;
    uint16_t port = 0;
    std::string name; // The kernel's.

    auto operator<=>(const Helper &) const = default;
};

struct Settings {
    // By path below /proc/sys: what is not as wire_sysctls() has it without,
    // and each time-out that is asked for.
    std::map<std::string, std::string> sysctls;
    std::set<Helper> helpers;
    uint32_t max_flows = 0; // Tracked at once; 0: any number.

    bool operator==(const Settings &) const = default;
};

} // namespace snat
