// Addresses as values: IPv4 and IPv6 addresses, addresses with a prefix
// length, MAC addresses.  Parsing is strict, since every text that comes here
// was written by somebody else: no leading zeros, no zones, no short forms of
// IPv4, nothing before or after.
#pragma once

#include "digest.hh"
#include "result.hh"

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace snat {

enum class Family : uint8_t { ipv4 = 4, ipv6 = 6 };

// An IPv4 or IPv6 address in network byte order.
struct Ip {
    Family family = Family::ipv4;
    std::array<uint8_t, 16> bytes{}; // IPv4 uses the first four.

    auto operator<=>(const Ip &) const = default;
    bool
    is_v4() const
    {
        return family == Family::ipv4;
    }
    size_t
    size() const
    {
        return is_v4() ? 4 : 16;
    }
    bool is_unspecified() const;
    bool is_loopback() const;
    bool is_multicast() const; // IPv4 broadcast and class E included.
    bool is_link_local() const;
};

// "198.51.100.1" or "2001:db8::1" (RFC 4291, section 2.2).
Result<Ip> parse_ip(std::string_view text);
std::string to_string(const Ip &ip);
Digest digest_of(const Ip &ip);

// An address with its prefix length.  The host bits are kept: it is an
// interface address as well as the network around it.
struct Network {
    Ip ip;
    uint8_t length = 0;

    auto operator<=>(const Network &) const = default;
    Network base() const; // The same network with its host bits cleared.
    bool contains(const Ip &other) const;
    bool is_base() const;      // The network's own address, IPv4 only.
    bool is_broadcast() const; // The broadcast address, IPv4 only.
};

// That address alone: of full length.
Network host_network(const Ip &ip);

// "198.51.100.10/24"; the prefix length is required.
Result<Network> parse_network(std::string_view text);
std::string to_string(const Network &network);

struct Mac {
    std::array<uint8_t, 6> bytes{};

    auto operator<=>(const Mac &) const = default;
    bool
    is_zero() const
    {
        return *this == Mac{};
    }
    bool
    is_multicast() const
    {
        return bytes[0] & 1;
    }
};

// "02:00:00:00:00:01".
Result<Mac> parse_mac(std::string_view text);
std::string to_string(const Mac &mac);

// A sentence fit for the log at its default level: each address in it, be it
// IP or MAC, is left out.
std::string without_addresses(std::string_view text);

} // namespace snat

template <> struct std::hash<snat::Ip> {
    size_t
    operator()(const snat::Ip &ip) const
    {
        return std::hash<std::string_view>{}(
            {reinterpret_cast<const char *>(ip.bytes.data()), ip.size()});
    }
};
