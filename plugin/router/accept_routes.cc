// Which static routes fit their router and one another.

#include "accept_routes.hh"

#include "names.hh"
#include "wire_routes.hh"

#include <algorithm>

namespace snat {
namespace {

constexpr size_t most_paths = 256; // Of one route.

bool
holds(const Port &port, const Ip &next_hop)
{
    return in_networks(port, next_hop)
           && std::ranges::none_of(port.networks, [&](const Network &own) {
                  Network hop = own;
                  hop.ip = next_hop;
                  return own.contains(next_hop)
                         && (hop.is_base() || hop.is_broadcast());
              });
}

uint8_t
length_around(const Port &port, const Ip &ip)
{
    uint8_t longest = 0;
    for (const Network &network : port.networks) {
        if (network.contains(ip)) {
            longest = std::max(longest, network.length);
        }
    }
    return longest;
}

bool
is_in_main(const Static_route &route)
{
    return route.table.empty() && !route.by_source;
}

} // namespace

Static_routes::Static_routes(const Router &router, const Nat_set &rules)
    : router_{router}
{
    for (const Nat_rule &rule : rules) {
        if (rule.external && !rule.no_nat) {
            external_.insert(*rule.external);
        }
    }
    for (const auto &[name, port] : router.ports) {
        for (const Ip &ip : port.gateway_ips) {
            Static_route route;
            route.prefix.ip.family = ip.family;
            route.next_hop = ip;
            route.port = name;
            take(route);
        }
    }
}

Check
Static_routes::add(Static_route &route)
{
    Check refused = find_port(route);
    for (const auto check :
         {&Static_routes::check_prefix, &Static_routes::check_mtu,
          &Static_routes::check_next_hop, &Static_routes::check_way,
          &Static_routes::check_place, &Static_routes::check_end,
          &Static_routes::check_shadow}) {
        refused = refused ? refused : (this->*check)(route);
    }
    if (!refused) {
        take(route);
        rows_.insert(route);
    }
    return refused;
}

// The first by name of those whose networks hold the next hop.
Check
Static_routes::find_port(Static_route &route) const
{
    if (!route.port.empty()) {
        return router_.ports.contains(route.port)
                   ? std::nullopt
                   : refuse("output_port " + quoted(route.port)
                            + ": expected the name of a port of this router");
    }
    if (route.is_discard()) {
        return std::nullopt;
    }
    const auto port
        = std::ranges::find_if(router_.ports, [&](const auto &item) {
              return holds(item.second, *route.next_hop);
          });
    if (port == router_.ports.end()) {
        return refuse("the next hop " + to_string(*route.next_hop)
                      + " is a neighbour on no network of the router's "
                        "ports: expected one that is, or an output_port");
    }
    route.port = port->first;
    return std::nullopt;
}

Static_routes::Place
Static_routes::place_of(const Static_route &route)
{
    return {route.by_source, route.table, route.prefix, route.metric};
}

void
Static_routes::take(const Static_route &route)
{
    all_.insert(route);
    taken_[place_of(route)].routes.insert(route);
    if (const auto way = way_to_next_hop(route)) {
        Taken &taken = taken_[place_of(*way)];
        taken.routes.insert(*way);
        taken.leads_to_next_hop = true;
    }
}

// The route without which its next hop is not reached.
std::optional<Static_route>
Static_routes::way_to_next_hop(const Static_route &route) const
{
    if (!route.next_hop
        || !needs_on_link_route(router_.ports.at(route.port),
                                *route.next_hop)) {
        return std::nullopt;
    }
    Static_route way;
    way.prefix = host_network(*route.next_hop);
    way.port = route.port;
    return way;
}

// What leads to the router itself, or to a network that it is in.
Check
Static_routes::check_prefix(const Static_route &route) const
{
    if (route.by_source || !route.table.empty()) {
        return std::nullopt;
    }
    for (const auto &[name, port] : router_.ports) {
        for (const Network &own : port.networks) {
            if (route.prefix == own.base()
                || route.prefix == host_network(own.ip)) {
                return refuse(to_string(route.prefix)
                              + " is a network or an address of " + name
                              + ": expected a prefix that the router is not "
                                "in");
            }
        }
    }
    return std::nullopt;
}

Check
Static_routes::check_mtu(const Static_route &route) const
{
    const bool is_of_ipv6 = !route.prefix.ip.is_v4()
                            || (route.next_hop && !route.next_hop->is_v4());
    return !is_of_ipv6 || route.is_discard()
                   || router_.ports.at(route.port).mtu >= least_ipv6_mtu
               ? std::nullopt
               : refuse("IPv6 by " + route.port
                        + ", whose MTU is too small for it: expected at least "
                          "1280 bytes");
}

Check
Static_routes::check_next_hop(const Static_route &route) const
{
    if (!route.next_hop) {
        return std::nullopt;
    }
    const Ip &hop = *route.next_hop;
    if (external_.contains(hop)) {
        return refuse("the next hop " + to_string(hop)
                      + " is an external address of the router's own NAT "
                        "rules: expected another router's");
    }
    const Port &out = router_.ports.at(route.port);
    for (const auto &[name, port] : router_.ports) {
        if (in_networks(port, hop) && !in_networks(out, hop)) {
            return refuse("the next hop " + to_string(hop)
                          + " is in a network of " + name
                          + ": expected a route by " + name);
        }
        if (std::ranges::count(port.networks, hop, &Network::ip)) {
            return refuse("the next hop " + to_string(hop)
                          + " is an address of " + name
                          + ": expected another router's");
        }
    }
    return !in_networks(out, hop) || holds(out, hop)
               ? std::nullopt
               : refuse("the next hop " + to_string(hop)
                        + " is the first or last address of a network of "
                        + route.port + ": expected the address of one router");
}

Check
Static_routes::check_way(const Static_route &route) const
{
    const auto way = way_to_next_hop(route);
    const auto found = way ? taken_.find(place_of(*way)) : taken_.end();
    return found == taken_.end() || found->second.routes.contains(*way)
               ? std::nullopt
               : refuse("the next hop " + to_string(*route.next_hop)
                        + " is led to by another route, \""
                        + to_string(*found->second.routes.begin())
                        + "\": expected one that is on the link");
}

// What the kernel has no multipath route for (fib_create_info(),
// ip6_route_info_create()).
Check
Static_routes::check_place(const Static_route &route) const
{
    if (rows_.contains(route)) {
        return refuse("the route \"" + to_string(route)
                      + "\" is given twice: expected it once");
    }
    const auto found = taken_.find(place_of(route));
    if (found == taken_.end() || found->second.routes.contains(route)) {
        return std::nullopt; // A port may say it as well.
    }
    const auto &[others, leads_to_next_hop] = found->second;
    const bool is_v6 = !route.prefix.ip.is_v4();
    const auto stands_alone = [&](const Static_route &one) {
        return one.is_discard() || (is_v6 && one.is_on_link());
    };
    if (leads_to_next_hop || stands_alone(route)
        || stands_alone(*others.begin())) {
        return refuse("there is another route to " + to_string(route.prefix)
                      + ", \"" + to_string(*others.begin())
                      + "\", which cannot be one with it: expected one of the "
                        "two, or a Static_Route row with another metric");
    }
    return others.size() < most_paths
               ? std::nullopt
               : refuse("more than " + std::to_string(most_paths)
                        + " next hops of one route");
}

// The kernel does not look behind a default route that discards: see
// wire_routes.hh.
Check
Static_routes::check_end(const Static_route &route) const
{
    const auto ends = [](const Static_route &one) {
        return one.is_discard() && !one.prefix.length && !one.by_source;
    };
    const auto hides = [&](const Static_route &end, const Static_route &one) {
        return ends(end) && end.prefix.ip.family == one.prefix.ip.family
               && (one.by_source || (is_in_main(end) && !is_in_main(one)));
    };
    const auto other
        = std::ranges::find_if(all_, [&](const Static_route &one) {
              return hides(one, route) || hides(route, one);
          });
    return other == all_.end()
               ? std::nullopt
               : refuse("beside the route \"" + to_string(*other)
                        + "\": expected no default route that discards "
                          "beside those of sources or tables, which it would "
                          "hide");
}

// Whether the way to the other's next hop is not the link any more.  Of IPv4
// the kernel does not mind (fib_check_nh()); of IPv6 it does
// (ip6_route_check_nh()), but only when the route is added.
bool
Static_routes::shadows(const Static_route &route,
                       const Static_route &other) const
{
    if (!other.next_hop || other.next_hop->is_v4() || !is_in_main(route)
        || route.is_on_link() || other.next_hop->is_link_local()
        || !route.prefix.contains(*other.next_hop)) {
        return false;
    }
    const uint8_t link
        = length_around(router_.ports.at(other.port), *other.next_hop);
    return link && route.prefix.length > link;
}

Check
Static_routes::check_shadow(const Static_route &route) const
{
    const auto other
        = std::ranges::find_if(all_, [&](const Static_route &one) {
              return shadows(route, one) || shadows(one, route);
          });
    return other == all_.end()
               ? std::nullopt
               : refuse("beside the route \"" + to_string(*other)
                        + "\": expected a next hop to which no other route "
                          "leads");
}

} // namespace snat
