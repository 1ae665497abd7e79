// What a router would make of a packet, without sending it; and who is behind
// an external address.
#pragma once

#include "nat.hh"
#include "router.hh"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace snat {

// The first packet of a flow.
struct Packet {
    std::string in_port;
    Ip src, dst;
    std::optional<Protocol> protocol; // None: ICMP, or another without ports.
    uint16_t sport = 0, dport = 0;
};

// A rule that takes the flow, and what it is for the side that it translates.
struct Taken {
    std::string rule; // Its words; empty: no rule, only what follows from one.
    Ip address;
    // What the port becomes: one of these.  None: it stays, if it is free.
    std::optional<Port_range> ports;

    bool operator==(const Taken &) const = default;
};

struct Trace {
    // Where it goes, if a rule says so; one of an exception says nothing.
    std::optional<Taken> destination;
    std::string exception; // The exception's words, of either side.
    bool is_local = false; // It is for the router itself.
    // Which prefix leads there; none: there is no way.
    std::optional<Network> route;
    std::string route_of_port;              // Only for what comes by it.
    std::optional<Network> route_of_source; // Only for what comes from there.
    // More than one: any of them.  None although there is a route: the packet
    // is discarded.
    std::vector<std::string> out_ports;
    std::vector<std::optional<Ip>> next_hops; // Of each; none: on-link.
    // Where it seems to come from, when it leaves by the first of these.
    std::optional<Taken> source;
    // Why it does not leave, as nothing translates it: "other scope", "not
    // among the NDP proxies".
    std::string dropped;

    bool operator==(const Trace &) const = default;
};

// The packet must come in by a port of the router, and be of one family.
Trace trace(const Router &router, const Packet &packet);

// Of the hosts behind it, that which the port of an external address belongs
// to, as far as rules alone say it.
struct Behind {
    std::string rule;
    Network inside;                  // One host, or the network that it is in.
    std::optional<Port_range> ports; // All that are its.

    bool operator==(const Behind &) const = default;
};
std::vector<Behind> who_is(const Router &router, const Ip &external,
                           uint16_t port);

} // namespace snat
