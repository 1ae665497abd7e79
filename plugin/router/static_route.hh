// A route that rows ask for, beside the default routes of the ports.
#pragma once

#include "address.hh"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace snat {

struct Static_route {
    Network prefix;             // Where packets go; without host bits.
    bool by_source = false;     // Rather: where they come from.
    std::optional<Ip> next_hop; // Empty: on-link, or nowhere.
    std::string port;           // By which they go; of a row maybe not told.
    uint32_t metric = 0;        // 0: the kernel's usual one.
    std::string table; // Only of packets by ports of this table; empty: all.

    auto operator<=>(const Static_route &) const = default;
    bool
    is_discard() const
    {
        return port.empty() && !next_hop;
    }
    bool
    is_on_link() const
    {
        return !port.empty() && !next_hop;
    }
};

// "203.0.113.0/24 via 198.51.100.1 on qg-demo": no two routes have the same.
std::string to_string(const Static_route &route);

} // namespace snat
