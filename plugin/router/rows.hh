// What somebody wrote into the databases, before anybody has looked whether
// it makes sense: texts as they are, put together by router from both doors.
#pragma once

#include "limits.hh"
#include "shared_map.hh"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace snat {

// Where a row stands.  Door 1 is the stock Open_vSwitch database, door 2 the
// OVS_SNAT database.
enum class Table { interface, router, router_port, nat, static_route };

struct Row_id {
    Table table = Table::router;
    std::string uuid;

    auto operator<=>(const Row_id &) const = default;
};

struct Port_row {
    Row_id id;
    std::string name;
    std::string role;                  // "": told by the name.
    std::optional<std::string> bridge; // Door 2, empty: the default one.
    std::optional<int64_t> tag;        // Door 2 only.
    std::string wiring; // Door 1: Interface.type; door 2: options:wiring.
    std::string mac;    // "": none asked for.
    std::vector<std::string> networks;
    std::vector<std::string> gateway_ips;
    std::optional<int64_t> mtu;
    std::string enable_snat;  // Door 1's key: "", "true" or "false".
    std::string snat_address; // Door 2's option.
    // Door 1's keys.
    std::vector<std::string> floating_ips, port_forwards, routes;
    // All keys of door 1 that begin with "snat-", all options of door 2.
    Options options;
    // To be handed on to the switch port's external_ids (door 2).
    Options external_ids;

    bool
    is_door1() const
    {
        return id.table == Table::interface;
    }
    bool operator==(const Port_row &) const = default;
};

struct Nat_row {
    Row_id id;
    std::string type;
    std::string external_ip, logical_ip;      // "": none.
    std::string protocol;                     // "": none.
    std::string external_port, internal_port; // "": none.
    std::string gateway_port;                 // "": told by external_ip.
    Options options;

    bool operator==(const Nat_row &) const = default;
};

// By UUID, or, where they have none yet, by any name.
using Nat_rows = Shared_map<std::string, Nat_row>;

struct Route_row {
    Row_id id;
    std::string ip_prefix;
    std::string nexthop;     // "": on-link.
    std::string output_port; // "": told by the next hop.
    std::string policy;      // "": dst-ip.
    std::optional<int64_t> metric;
    Options options;

    bool operator==(const Route_row &) const = default;
};

// By UUID, or, where they have none yet, by any name.
using Route_rows = std::map<std::string, Route_row>;

struct Router_row {
    std::optional<Row_id> id; // Empty: known from door 1 only.
    std::string name;
    bool enabled = true;
    bool enable_snat = true;
    Options options;
    std::vector<Port_row> ports;
    Nat_rows nat;
    Route_rows static_routes;

    bool operator==(const Router_row &) const = default;
};

// How rows can ask for nothing.
enum class Idle {
    no_rows,
    empty,    // A router without ports, or without any that could be wired.
    disabled, // Ports and all, but enabled is false.
};

struct Claim {
    std::string router;
    bool door1 = false;

    auto operator<=>(const Claim &) const = default;
};

// What the rows refer to on the switch.
struct Surroundings {
    std::map<std::string, bool> bridges; // Name: has a userspace datapath.
    // Names of all Interface rows that are neither ours nor router ports.
    std::set<std::string> foreign_ports;
    // Door 1: the switch's own devices that ovs-vswitchd has not made yet,
    // with its error, if it said one.
    std::map<std::string, std::string> missing_devices;
    // Everybody who claims a port's name, and who holds it at present: a name
    // belongs to one row, and the later one loses.
    std::map<std::string, std::vector<Claim>> claims;
    std::map<std::string, Claim> holders;
};

} // namespace snat

template <> struct std::hash<snat::Row_id> {
    size_t
    operator()(const snat::Row_id &id) const
    {
        return std::hash<std::string>{}(id.uuid);
    }
};
