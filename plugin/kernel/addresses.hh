// The addresses of links, in the order in which they were added.
//
// For IPv4 that is the kernel's own order, and the first of a network is its
// primary address.  IPv6 addresses stand in the kernel's list the other way
// round (ipv6_link_dev_addr() puts the newest first), so it is read from its
// end: only then can an address be added after those that are there without
// taking them away for a moment.
#pragma once

#include "kernel/netlink.hh"
#include "router/result.hh"
#include "router/wired.hh"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace snat {

// Whether the kernel takes 'ip' as an address of a link.  The rest, as IPv6
// groups that "ip address add .. autojoin" joins, can neither be set nor is
// it seen.
bool fits_link(const Ip &ip);

struct Seen_addresses {
    // Without those that the kernel made by itself (link-local ones, the
    // loopback's) and those from router advertisements.  IPv4 first.
    std::vector<Network> networks; // But for hosts.
    Hosts hosts;
    // Those of either kind that are there to stay, and not under DAD.
    std::vector<Network> settled; // But for hosts.
    bool tentative = false;
    bool dad_failed = false;
};

// By the links' indexes; of all links if 'index' is 0.
Result<std::map<uint32_t, Seen_addresses>> see_addresses(Netlink &route,
                                                         uint32_t index);

// The address that RTM_NEWADDR or RTM_DELADDR tells of, if it is a host that
// belongs to 'hosts' above.
struct Seen_host {
    uint32_t link; // Its index.
    Ip ip;
};
std::optional<Seen_host> parse_host(const Reply &reply);

} // namespace snat
