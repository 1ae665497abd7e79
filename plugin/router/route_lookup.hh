// Which route a packet takes, as the kernel would find it (fib_lookup()).
#pragma once

#include "wired.hh"

#include <optional>
#include <set>
#include <string>

namespace snat {

struct Found_route {
    Network prefix;
    std::set<Hop> hops;          // Any of them; none: the packet is discarded.
    std::string in_port;         // Only for what comes by it; empty: for all.
    std::optional<Network> from; // Only for what comes from there.
};

// None: there is no way.  'in_port' may be any name that no port has.
std::optional<Found_route> look_up_route(const Wired &wired,
                                         const std::string &in_port,
                                         const Ip &src, const Ip &dst);

} // namespace snat
