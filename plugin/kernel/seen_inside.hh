// What is to be seen inside a namespace by rtnetlink, and how it is kept true
// by the news of it, so that who looks again at a router with tens of
// thousands of addresses need not list them.  The kernel tells of IPv4
// addresses and of their routes before it answers whoever changes them
// (rtmsg_ifa() and rtmsg_fib() in its net/ipv4), so one who has heard all that
// was told before a look has missed nothing.
#pragma once

#include "kernel/addresses.hh"
#include "kernel/links.hh"
#include "kernel/netlink.hh"
#include "kernel/own_routes.hh"
#include "router/result.hh"
#include "router/wired.hh"

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace snat {

struct Seen_inside {
    std::map<std::string, Seen_link> links;       // By name.
    std::map<std::string, bool> checksum_offload; // Of pairs, once asked for.
    std::map<uint32_t, Seen_addresses> addresses; // By the links' indexes.
    std::set<Own_route> own_routes;
    std::set<Own_route> missing; // Of those, which addresses would bring.
    std::map<Route_place, Route> routes;
    std::set<Route_rule> route_rules;
    std::map<uint32_t, std::set<Ip>> proxies; // By the links' indexes.

    // False if it may not hold any more: of all but hosts it is only told
    // where to look, not what is there.  'type' is RTM_NEWADDR and so on.
    bool hear(uint16_t type, const Reply &news);

private:
    bool hear_address(uint16_t type, const Reply &news);
    bool hear_route(uint16_t type, const Reply &news);
    void look_for_route(const Seen_host &host);
};

Result<Seen_inside> see_inside(Netlink &route);

} // namespace snat
