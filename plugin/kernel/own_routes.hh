// The routes that the kernel makes of a link's addresses by itself: to the
// address in table "local", to its network in the main one, and to IPv6's
// groups.  If somebody deletes one, the kernel does not make it again as long
// as the address stays.
#pragma once

#include "kernel/addresses.hh"
#include "kernel/netlink.hh"
#include "router/result.hh"
#include "router/wired.hh"

#include <cstdint>
#include <map>
#include <optional>
#include <set>

namespace snat {

struct Own_route {
    uint32_t link; // Its index.
    uint8_t type;  // RTN_LOCAL, RTN_UNICAST or RTN_MULTICAST.
    Network prefix;

    auto operator<=>(const Own_route &) const = default;
};

// Of all links.
Result<std::set<Own_route>> see_own_routes(Netlink &route);

// Those that 'addresses', set now on a link that is up, would bring beside
// what was seen; each with the address that it is made of.
std::map<Own_route, Ip> missing_own_routes(const std::set<Own_route> &seen,
                                           uint32_t link,
                                           const Seen_addresses &addresses);

// That to the host itself.
Own_route own_route_of(const Seen_host &host);
std::optional<Own_route> parse_own_route(const Reply &reply);

Outcome add_own_route(Netlink &route, const Own_route &own, const Ip &address);

} // namespace snat
