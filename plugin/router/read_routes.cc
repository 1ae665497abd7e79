// Static routes as rows and keys say them.

#include "accept_routes.hh"

#include "accept_nat_options.hh"
#include "known_keys.hh"
#include "names.hh"
#include "wired.hh"

#include <array>
#include <cstdint>

namespace snat {
namespace {

constexpr std::array route_options = {"route-table"};
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
        if (auto unknown = find_unknown("option", key, route_options)) {
            return refuse(std::move(*unknown));
        }
    }
    return read_route_table(row.options, route.table);
}

} // namespace

Check
read_route_table(const Options &options, std::string &table)
{
    const auto found = options.find("route-table");
    if (found == options.end() || found->second.empty()) {
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
    if (equals == text.npos || equals + 1 == text.size()) {
        return refuse(key + quoted(text)
                      + ": expected PREFIX=NEXTHOP such as "
                        "203.0.113.0/24=198.51.100.2, or PREFIX=discard");
    }
    Route_row row;
    row.ip_prefix = text.substr(0, equals);
    row.nexthop = text.substr(equals + 1);
    const Check refused = read_route_row(row, route);
    return refused ? refuse(key + quoted(text) + ": " + refused->what)
                   : refused;
}

} // namespace snat
