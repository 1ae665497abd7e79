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
    std::vector<Network> networks;
    // Those of either kind that are there to stay, and not under DAD.
    std::vector<Network> settled;
    bool tentative = false;
    bool dad_failed = false;
};

// By the links' indexes; of all links if 'index' is 0.
Result<std::map<uint32_t, Seen_addresses>> see_addresses(Netlink &route,
                                                         uint32_t index);

// The order in which the kernel has 'wanted' if they are added in theirs:
// IPv4 first; of IPv4 the first of each network before the others; of IPv6
// the link-local ones before the global ones.
std::vector<Network> kernel_order(const std::vector<Network> &wanted);

// Makes the addresses of 'link' what 'wanted' is in kernel_order().  Those
// that need not be moved stay untouched, and new ones are there before old
// ones go.  If it fails the addresses are as they were.  If nothing is to be
// changed, the routes that the kernel had made of them are restored.  A link
// that is gone has no addresses.
Outcome set_addresses(Netlink &route, const std::string &link,
                      const std::vector<Network> &wanted);

} // namespace snat
