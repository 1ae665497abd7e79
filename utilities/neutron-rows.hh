// What a router of Neutron's is in rows of ours.
#pragma once

#include "neutron-payload.hh"
#include "router/rows.hh"

#include <string>
#include <vector>

namespace snat::neutron {

// Whose routers, and where their ports go.
struct Site {
    std::string host; // Routers whose gateway is elsewhere are not for us.
    std::string internal_bridge = "br-int";
    std::string external_bridge = "br-int";
};

struct Wanted_route {
    std::string ip_prefix;
    std::string nexthop;     // "": on the link of output_port.
    std::string output_port; // "": told by the next hop.

    auto operator<=>(const Wanted_route &) const = default;
};

// Without UUIDs; sets in rows are sorted, as OVSDB has them.
struct Wanted_router {
    std::string name;
    bool here = false;     // Else it has no rows.
    std::string elsewhere; // The other host that it is for, if that is why.
    bool enabled = true, enable_snat = true;
    Options options, external_ids;
    std::vector<Port_row> ports;
    std::vector<Nat_row> nat;
    std::vector<Wanted_route> routes;
    // What cannot be as Neutron wants it, a sentence each.
    std::vector<std::string> left_out;
};

Wanted_router wanted_rows(const Router &router, const Site &site);

// The options that such rows may have; all others are other people's.
extern const std::vector<std::string> router_options, port_options,
    nat_options;

} // namespace snat::neutron
