#include "kernel/seen_inside.hh"

#include "kernel/proxies.hh"
#include "kernel/route_rules.hh"
#include "kernel/routes.hh"

#include <linux/rtnetlink.h>

#include <algorithm>
#include <utility>

namespace snat {

Result<Seen_inside>
see_inside(Netlink &route)
{
    auto links = all_links(route);
    if (!links) {
        return links.error();
    }
    auto addresses = see_addresses(route, 0);
    auto own_routes = see_own_routes(route);
    if (!addresses || !own_routes) {
        return addresses ? own_routes.error() : addresses.error();
    }
    auto routes = see_routes(route, *links);
    auto proxies = see_proxies(route);
    if (!routes || !proxies) {
        return routes ? proxies.error() : routes.error();
    }
    auto rules = see_route_rules(route);
    if (!rules) {
        return rules.error();
    }
    Seen_inside seen{*std::move(links),
                     {},
                     *std::move(addresses),
                     *std::move(own_routes),
                     {},
                     *std::move(routes),
                     *std::move(rules),
                     *std::move(proxies)};
    for (const auto &[index, of_link] : seen.addresses) {
        for (const auto &[own, ip] :
             missing_own_routes(seen.own_routes, index, of_link)) {
            seen.missing.insert(own);
        }
    }
    return seen;
}

bool
Seen_inside::hear(uint16_t type, const Reply &news)
{
    switch (type) {
    case RTM_NEWADDR:
    case RTM_DELADDR:
        return hear_address(type, news);
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
        return hear_route(type, news);
    case RTM_NEWNETCONF:
    case RTM_DELNETCONF:
        return true; // Of sysctls, which are no part of this.
    default:
        return false;
    }
}

// With an address the kernel drops, without a word, the routes that name it as
// their source (fib_sync_down_addr()); none of ours does.
bool
Seen_inside::hear_address(uint16_t type, const Reply &news)
{
    const auto host = parse_host(news);
    if (!host) {
        return false;
    }
    const bool may_name_it = std::ranges::any_of(
        routes, [](const auto &route) { return route.second.is_foreign(); });
    if (type == RTM_DELADDR && may_name_it) {
        return false;
    }
    Seen_addresses &of_link = addresses[host->link];
    if (type == RTM_NEWADDR) {
        of_link.hosts.insert(host->ip);
    } else {
        of_link.hosts.erase(host->ip);
    }
    look_for_route(*host);
    return true;
}

bool
Seen_inside::hear_route(uint16_t type, const Reply &news)
{
    const auto own = parse_own_route(news);
    const bool is_to_host
        = own && own->type == RTN_LOCAL && is_host(own->prefix);
    // That to another address has the same shape.
    if (!is_to_host
        || std::ranges::count(addresses[own->link].settled, own->prefix.ip,
                              &Network::ip)) {
        return false;
    }
    if (type == RTM_NEWROUTE) {
        own_routes.insert(*own);
    } else {
        own_routes.erase(*own);
    }
    look_for_route({own->link, own->prefix.ip});
    return true;
}

void
Seen_inside::look_for_route(const Seen_host &host)
{
    const Own_route own = own_route_of(host);
    if (addresses[host.link].hosts.contains(host.ip)
        && !own_routes.contains(own)) {
        missing.insert(own);
    } else {
        missing.erase(own);
    }
}

} // namespace snat
