// What a port says of packets that the router forwards by it, beside their
// translation: whom they may go to, how large TCP's segments may be, for which
// neighbours the port answers.  Each has a text, which is an option's.
#pragma once

#include "address.hh"
#include "result.hh"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace snat {

// The address scope of a port's networks, by family.  Empty: that of all ports
// which name none.
struct Scopes {
    std::string ipv4, ipv6;

    bool operator==(const Scopes &) const = default;
    const std::string &
    of(Family family) const
    {
        return family == Family::ipv4 ? ipv4 : ipv6;
    }
};

// "blue" for both families, or "4:blue", "6:red", "4:blue,6:red".
Result<Scopes> parse_scopes(std::string_view text);
std::string to_string(const Scopes &scopes); // Empty if there are none.

// What the maximum segment size (RFC 9293, section 3.7.1) that the ends of a
// TCP connection tell each other is lowered to.
struct Mss_clamp {
    bool to_path = false; // What fits the path, by its MTU.
    uint16_t most = 0;    // 0: whatever they say.

    bool operator==(const Mss_clamp &) const = default;
};

// "pmtu", or a number from 88 to 65495.
Result<Mss_clamp> parse_mss_clamp(std::string_view text);
std::string to_string(const Mss_clamp &clamp);

// IPv6 addresses, and prefixes from /120 on, with spaces or commas between
// them: sorted, none twice, and no more than so many addresses.
constexpr size_t most_proxies = 1024;
Result<std::vector<Network>> parse_ndp_proxy(std::string_view text);
std::string ndp_proxy_text(const std::vector<Network> &prefixes);

// All addresses of such prefixes.
std::set<Ip> proxies_of(const std::vector<Network> &prefixes);

} // namespace snat
