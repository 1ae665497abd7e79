#include "accept_routes.hh"

#include "accept_nat_options.hh"
#include "names.hh"
#include "wire_routes.hh"

#include <algorithm>

namespace snat {
namespace {

constexpr size_t most_paths = 256; // Of one route.

constexpr uint8_t ipv6_link_local_length = 10; // RFC 4291, section 2.5.6.

bool
is_link_local_part(const Network &prefix)
{
    return prefix.ip.is_link_local()
           && prefix.length >= ipv6_link_local_length;
}

Check
read_prefix(const std::string &text, Network &prefix)
{
    const auto network = parse_network(text);
    if (!network) {
        return refuse(network.error().what);
    }
    if (*network != network->base()) {
        return refuse(quoted(text) + " is an address in a network: expected "
                      + to_string(network->base()));
    }
    if (network->length
        && (network->ip.is_loopback() || network->ip.is_multicast()
            || is_link_local_part(*network))) {
        return refuse(quoted(text)
                      + " is no network that a router leads to: expected one "
                        "of unicast addresses that are not of one link");
    }
    prefix = *network;
    return std::nullopt;
}

Check
read_next_hop(const Route_row &row, Static_route &route)
{
    const std::string &text = row.nexthop;
    if (text == "discard") {
        return row.output_port.empty()
                   ? std::nullopt
                   : refuse("nexthop discard with an output_port: expected "
                            "one of the two");
    }
    if (text.empty()) {
        return row.output_port.empty()
                   ? refuse("neither nexthop nor output_port: expected a next "
                            "hop, discard, or the port that the network is on")
                   : std::nullopt;
    }
    const auto ip = parse_ip(text);
    if (!ip) {
        return refuse(ip.error().what);
    }
    if (ip->is_unspecified() || ip->is_loopback() || ip->is_multicast()) {
        return refuse(quoted(text)
                      + " is not a next hop: expected the "
                        "address of one router, or discard");
    }
    if (ip->is_v4() && !route.prefix.ip.is_v4()) {
        return refuse("an IPv6 prefix with the IPv4 next hop " + quoted(text)
                      + ": expected an IPv6 one");
    }
    route.next_hop = *ip;
    return std::nullopt;
}

Check
read_metric(const Route_row &row, Static_route &route)
{
    const int64_t metric = row.metric.value_or(0);
    if (metric < 0 || metric > UINT32_MAX) {
        return refuse("metric " + std::to_string(metric)
                      + ": expected 0 to 4294967295");
    }
    const bool is_usual = metric == usual_metric(route.prefix.ip.family);
    route.metric = is_usual ? 0 : static_cast<uint32_t>(metric);
    return std::nullopt;
}

Check
read_policy(const Route_row &row, Static_route &route)
{
    route.by_source = row.policy == "src-ip";
    return route.by_source || row.policy.empty() || row.policy == "dst-ip"
               ? std::nullopt
               : refuse("policy " + quoted(row.policy)
                        + ": expected src-ip or dst-ip");
}

Check
read_options(const Route_row &row, Static_route &route)
{
    for (const auto &[key, value] : row.options) {
        if (key != "route-table") {
            return refuse("unknown option " + quoted(key)
                          + ": expected route-table");
        }
    }
    return read_route_table(row.options, route.table);
}

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

} // namespace

Check
read_route_table(const Options &options, std::string &table)
{
    const auto found = options.find("route-table");
    if (found == options.end()) {
        return std::nullopt;
    }
    table = found->second;
    return check_router_name(table)
               ? std::nullopt
               : refuse("option route-table " + quoted(table)
                        + ": expected 1 to 64 of A-Z a-z 0-9 . _ - beginning "
                          "with a letter or digit");
}

Check
read_route_row(const Route_row &row, Static_route &route)
{
    route = {};
    Check refused = read_prefix(row.ip_prefix, route.prefix);
    for (const auto read :
         {read_next_hop, read_metric, read_policy, read_options}) {
        refused = refused ? refused : read(row, route);
    }
    route.port = row.output_port;
    return refused;
}

Check
read_route_key(const std::string &text, Static_route &route)
{
    constexpr const char *key = "snat-routes ";
    const size_t equals = text.find('=');
    if (equals == text.npos) {
        return refuse(key + quoted(text)
                      + ": expected PREFIX=NEXTHOP such as "
                        "203.0.113.0/24=198.51.100.2");
    }
    Route_row row;
    row.ip_prefix = text.substr(0, equals);
    row.nexthop = text.substr(equals + 1);
    const Check refused = read_route_row(row, route);
    return refused ? refuse(key + quoted(text) + ": " + refused->what)
                   : refused;
}

Static_routes::Static_routes(const Router &router) : router_{router}
{
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
         {&Static_routes::check_prefix, &Static_routes::check_next_hop,
          &Static_routes::check_way, &Static_routes::check_place}) {
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
    if (router_.ports.empty() && !route.is_discard()) {
        return wait_for("the router has no port yet");
    }
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
Static_routes::check_next_hop(const Static_route &route) const
{
    if (!route.next_hop) {
        return std::nullopt;
    }
    for (const auto &[name, port] : router_.ports) {
        if (std::ranges::count(port.networks, *route.next_hop, &Network::ip)) {
            return refuse("the next hop " + to_string(*route.next_hop)
                          + " is an address of " + name
                          + ": expected another router's");
        }
    }
    const Port &port = router_.ports.at(route.port);
    if (!route.next_hop->is_v4() && port.mtu < least_ipv6_mtu) {
        return refuse("an IPv6 next hop by " + route.port
                      + ", whose MTU is too small for IPv6: expected at least "
                        "1280 bytes");
    }
    const bool is_of_host
        = !in_networks(port, *route.next_hop) || holds(port, *route.next_hop);
    return is_of_host
               ? std::nullopt
               : refuse("the next hop " + to_string(*route.next_hop)
                        + " is the first or last address of a network "
                          "of "
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
        return refuse("the same route is given twice");
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
                      + "\", which cannot be one with it: expected another "
                        "metric");
    }
    return others.size() < most_paths
               ? std::nullopt
               : refuse("more than " + std::to_string(most_paths)
                        + " next hops of one route");
}

} // namespace snat
