// The routers that Neutron's server tells its L3 agents of, as values: what
// of them concerns a gateway node, and nothing else.  How the server writes
// them is told in ovs-snatctl(8), at neutron-sync.
#pragma once

#include "router/address.hh"
#include "router/nat.hh"
#include "router/result.hh"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace snat::neutron {

struct Rates {
    Rate in, out; // To and from the outside.

    bool operator==(const Rates &) const = default;
};

struct Port {
    std::string id;
    Mac mac;
    std::optional<int64_t> mtu;
    std::vector<Network> networks;  // In Neutron's order: the first counts.
    std::vector<Ip> gateways;       // Of the subnets it has addresses of.
    std::vector<Network> on_link;   // The network's other subnets.
    std::string scope_v4, scope_v6; // "": none.

    bool operator==(const Port &) const = default;
};

struct Forward {
    Protocol protocol = Protocol::tcp;
    Ip internal;
    Port_range external_ports, internal_ports; // Of the same size.

    auto operator<=>(const Forward &) const = default;
};

struct Floating_ip {
    Ip address;
    std::optional<Ip> fixed; // Empty: of no host, or not served by this node.
    std::vector<Forward> forwards;
    Rates rates;

    bool operator==(const Floating_ip &) const = default;
};

struct Static_route {
    Network destination;
    Ip nexthop;

    bool operator==(const Static_route &) const = default;
};

struct Conntrack_helper {
    std::string helper;
    Protocol protocol = Protocol::tcp;
    int64_t port = 0;

    bool operator==(const Conntrack_helper &) const = default;
};

struct Router {
    std::string id;
    std::optional<int64_t> revision;
    bool enabled = true, enable_snat = true, distributed = false;
    std::optional<std::string> gateway_host;
    std::optional<Port> gateway;
    Rates gateway_rates;
    std::vector<Port> internal;
    std::vector<Floating_ip> floating_ips;
    std::vector<Static_route> routes;
    std::vector<Conntrack_helper> helpers;
    std::vector<Ip> ndp_proxies;

    bool operator==(const Router &) const = default;
};

// All of them, or an Error that says where the text is wrong and what would
// be right.
Result<std::vector<Router>> read_payload(std::string_view text);

// The name of a port's device, as Neutron makes it.
std::string device_name(std::string_view prefix, const Port &port);

} // namespace snat::neutron
