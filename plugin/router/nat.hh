// Network address translation as rows ask for it: one value per rule.
#pragma once

#include "address.hh"
#include "digest.hh"

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace snat {

enum class Nat_type { snat, dnat, dnat_and_snat };
enum class Protocol { tcp, udp, sctp };

// "80" or "8000-8010"; 1 to 65535.
struct Port_range {
    uint16_t first = 0, last = 0;

    auto operator<=>(const Port_range &) const = default;
    uint32_t
    size() const
    {
        return last - first + 1u;
    }
    bool
    overlaps(const Port_range &other) const
    {
        return first <= other.last && other.first <= last;
    }
};

// What may pass, at most; 0 kbit/s: anything.
struct Rate {
    uint32_t kbit = 0;  // A second, of IP packets.
    uint32_t burst = 0; // Kilobits, beside what a second lets pass.

    auto operator<=>(const Rate &) const = default;
};

// What a rule says.  Which of its members a type has:
//
//     snat           external, logical (a network), external_ports: those
//                    that source ports are taken from
//     dnat           external, logical (a host); as a port forward also
//                    protocol, external_ports and internal_ports
//     dnat_and_snat  external, logical (a host): a floating IP
//
// An exception (no_nat) of type snat has no external address, one of the
// other types no logical one.
struct Nat_rule {
    Nat_type type = Nat_type::snat;
    std::optional<Ip> external;
    std::optional<Network> logical;
    std::optional<Protocol> protocol;
    std::optional<Port_range> external_ports;
    std::optional<Port_range> internal_ports; // As many as external_ports.
    std::string gateway_port;                 // Empty: see gateway_ports_of().
    bool no_nat = false;
    bool random_ports = false; // Of a source: not kept as they are.
    uint16_t port_block = 0;   // So many source ports for each host; 0: any.
    uint32_t max_flows = 0;    // Of each source, at once; 0: any.
    bool log = false;          // Each flow is told to who listens.
    bool stateless = false;    // Without connection tracking.
    Rate in, out;              // Of a floating IP.
    // Whose flows it takes, by the other side's address, sorted: only those
    // of 'allowed', unless empty, and none of 'exempted'.
    std::vector<Network> allowed, exempted;

    auto operator<=>(const Nat_rule &) const = default;

    Family
    family() const
    {
        return external ? external->family : logical->ip.family;
    }
    bool
    is_forward() const
    {
        return protocol.has_value();
    }
    bool
    has_peers() const
    {
        return !allowed.empty() || !exempted.empty();
    }
    bool
    translates_source() const
    {
        return type != Nat_type::dnat;
    }
    bool
    translates_destination() const
    {
        return type != Nat_type::snat;
    }
};

const char *to_string(Nat_type type);
const char *to_string(Protocol protocol);
std::string to_string(const Port_range &range);

// IANA's number, as the IP header has it.
uint8_t number_of(Protocol protocol);

// The rule in the words of nat-add: "dnat 198.51.100.20 10.0.0.5 tcp 80 8080".
std::string to_string(const Nat_rule &rule);

// Of all that it says.
Digest digest_of(const Nat_rule &rule);

} // namespace snat

template <> struct std::hash<snat::Nat_rule> {
    size_t
    operator()(const snat::Nat_rule &rule) const
    {
        return snat::digest_of(rule).low;
    }
};
