// What a router shall be: plain values, comparable with ==, that both doors
// fill and that a Change keeps as its 'before' and 'after'.  Nothing in here
// has been near a database or a kernel.
#pragma once

#include "address.hh"
#include "forwarding.hh"
#include "nat.hh"
#include "settings.hh"
#include "shared_set.hh"
#include "static_route.hh"

#include <compare>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace snat {

enum class Role { gateway, internal };

// How a port's device comes into the router's namespace.
enum class Wiring {
    veth,     // A pair that the daemon makes; its peer is born inside.
    internal, // The switch's own device, moved inside.
};

constexpr uint32_t default_mtu = 1500;
constexpr uint32_t least_ipv6_mtu = 1280; // RFC 8200, section 5.

// A port row that the daemon keeps on the switch for a port of the OVS_SNAT
// database.  A port that a user made with ovs-vsctl has none: its row is
// theirs.
struct Switch_port {
    std::string bridge;
    std::optional<uint16_t> tag; // VLAN 0 to 4095, else an untagged port.
    Wiring wiring = Wiring::veth;
    // Interface.external_ids, the ownership marks among them.
    std::map<std::string, std::string> external_ids;

    bool operator==(const Switch_port &) const = default;
};

struct Port {
    std::string name; // Also the device's name: 1 to 15 bytes.
    Role role = Role::internal;
    Wiring wiring = Wiring::veth;
    bool userspace = false; // On a bridge with datapath_type=netdev.
    std::optional<Switch_port> switch_port;
    std::optional<Mac> mac; // Empty: whatever the device came with.
    uint32_t mtu = default_mtu;
    std::vector<Network> networks; // In the order they were written.
    std::vector<Ip> gateway_ips;   // Next hops of the default routes.
    std::optional<Ip> snat_ip;     // Default SNAT goes to this IPv4 address.
    std::optional<Ip> first_ip;    // Without: that which is chosen for it.
    std::set<Nat_rule> nat;        // Of door 1: for this port only.
    Rate in, out;                  // From and to snat_ip.
    std::set<Static_route> routes; // Of door 1: by this port only.
    std::string route_table;       // Of what comes in by it; empty: none.
    Scopes scopes;
    Mss_clamp mss_clamp;
    std::vector<Network> ndp_proxy; // Sorted; see parse_ndp_proxy().

    bool operator==(const Port &) const = default;
};

using Nat_set = Shared_set<Nat_rule>;

struct Router {
    std::string name;
    std::map<std::string, Port> ports; // By name; never empty once accepted.
    Nat_set nat;                       // Of the OVS_SNAT database.
    std::set<Static_route> routes;     // Likewise.
    Settings settings;

    bool operator==(const Router &) const = default;
};

// Whether one of the port's networks holds the address.
bool in_networks(const Port &port, const Ip &ip);

std::vector<std::string> port_names(const std::optional<Router> &router);

const char *to_string(Role role);
const char *to_string(Wiring wiring);
// The type of its Interface row (ovs-vswitchd.conf.db(5)).
const char *switch_type(Wiring wiring);

} // namespace snat
