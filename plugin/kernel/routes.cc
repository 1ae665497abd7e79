#include "kernel/routes.hh"

#include "kernel/failure.hh"
#include "kernel/links.hh"
#include "router/names.hh"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

namespace snat {
namespace {

using Names = std::map<uint32_t, std::string>;

// Attributes of one next hop, which stand in the route itself if it is the
// only one, else behind its rtnexthop.
struct Seen_hop {
    Attributes attributes;
    uint32_t index = 0;
    uint8_t weight = 0; // Minus 1.
};

std::optional<Ip>
gateway_of(const Attributes &attributes)
{
    // An IPv4 route with an IPv6 next hop: a family, then the address.
    const std::string_view via = attributes.bytes(RTA_VIA);
    if (via.size() == sizeof(rtvia) + 16) {
        Ip ip;
        ip.family = Family::ipv6;
        std::ranges::copy(via.substr(sizeof(rtvia)), ip.bytes.begin());
        return ip;
    }
    return attributes.ip(RTA_GATEWAY);
}

std::vector<Seen_hop>
hops_of(const Attributes &attributes)
{
    std::vector<Seen_hop> hops;
    const std::string_view many = attributes.bytes(RTA_MULTIPATH);
    size_t at = 0;
    while (at + sizeof(rtnexthop) <= many.size()) {
        rtnexthop hop;
        memcpy(&hop, many.data() + at, sizeof hop);
        if (hop.rtnh_len < sizeof hop || at + hop.rtnh_len > many.size()) {
            break;
        }
        hops.push_back({Attributes{many.data() + at + sizeof hop,
                                   int(hop.rtnh_len - sizeof hop)},
                        uint32_t(hop.rtnh_ifindex), hop.rtnh_hops});
        at += RTNH_ALIGN(hop.rtnh_len);
    }
    if (many.empty()) {
        hops.push_back({attributes, attributes.u32(RTA_OIF).value_or(0), 0});
    }
    return hops;
}

// Attributes of routes that we never give.
bool
has_strange_attribute(const Attributes &attributes)
{
    constexpr int strange[] = {RTA_PREFSRC, RTA_METRICS, RTA_ENCAP, RTA_NH_ID};
    return std::ranges::any_of(
        strange, [&](int attribute) { return attributes.has(attribute); });
}

// None if it is not one that we could have made.
std::optional<Hop>
parse_hop(const Seen_hop &hop, const Names &names)
{
    const auto name = names.find(hop.index);
    if (hop.weight || has_strange_attribute(hop.attributes)
        || name == names.end() || !check_link_name(name->second)) {
        return std::nullopt;
    }
    return Hop{gateway_of(hop.attributes), name->second};
}

// Not of our shape if it is none that we, or a person, could have made.
bool
may_be_ours(const rtmsg &header, const Attributes &attributes)
{
    const bool is_made = header.rtm_protocol == RTPROT_STATIC
                         || header.rtm_protocol == RTPROT_BOOT;
    return is_made && !header.rtm_tos && !has_strange_attribute(attributes);
}

// None if one of them is not of our shape.
std::set<Hop>
parse_hops(const Attributes &attributes, const Names &names)
{
    std::set<Hop> hops;
    for (const Seen_hop &seen : hops_of(attributes)) {
        const auto hop = parse_hop(seen, names);
        if (!hop) {
            return {};
        }
        hops.insert(*hop);
    }
    return hops;
}

// What the kernel has made by itself.
bool
is_of_the_kernel(const rtmsg &header)
{
    constexpr int protocols[]
        = {RTPROT_UNSPEC, RTPROT_REDIRECT, RTPROT_KERNEL, RTPROT_RA};
    return std::ranges::find(protocols, header.rtm_protocol)
           != std::end(protocols);
}

uint32_t
table_of(const rtmsg &header, const Attributes &attributes)
{
    const uint32_t table
        = attributes.u32(RTA_TABLE).value_or(header.rtm_table);
    return table == RT_TABLE_MAIN ? 0 : table;
}

// Only what stands where ours would.
std::optional<Route>
parse_route(const Reply &reply, const Names &names)
{
    const auto header = reply.header<rtmsg>();
    const Attributes attributes = reply.attributes(sizeof header);
    const bool v4 = header.rtm_family == AF_INET;
    if (is_of_the_kernel(header) || (header.rtm_flags & RTM_F_CLONED)
        || (!v4 && header.rtm_family != AF_INET6) || header.rtm_tos
        || table_of(header, attributes) == RT_TABLE_LOCAL) {
        return std::nullopt;
    }
    Route route;
    route.prefix.ip = attributes.ip(RTA_DST).value_or(Ip{});
    route.prefix.ip.family = v4 ? Family::ipv4 : Family::ipv6;
    route.prefix.length = header.rtm_dst_len;
    route.by_hand = header.rtm_protocol == RTPROT_BOOT;
    route.table = table_of(header, attributes);
    const uint32_t metric = attributes.u32(RTA_PRIORITY).value_or(0);
    route.metric = metric == usual_metric(route.prefix.ip.family) ? 0 : metric;
    if (may_be_ours(header, attributes)) {
        route.discard = header.rtm_type == RTN_BLACKHOLE;
        route.hops = header.rtm_type == RTN_UNICAST
                         ? parse_hops(attributes, names)
                         : std::set<Hop>{};
    }
    return route;
}

void
put_gateway(Message &message, const Route &route, const Hop &hop)
{
    if (!hop.via) {
        return;
    }
    if (hop.via->family == route.prefix.ip.family) {
        message.put_ip(RTA_GATEWAY, *hop.via);
        return;
    }
    std::array<uint8_t, sizeof(rtvia) + 16> via{};
    const sa_family_t family = AF_INET6;
    memcpy(via.data(), &family, sizeof family);
    std::ranges::copy(hop.via->bytes, via.begin() + sizeof(rtvia));
    message.put(RTA_VIA, via.data(), via.size());
}

void
put_hops(Message &message, const Route &route,
         const std::vector<uint32_t> &indexes)
{
    size_t i = 0;
    if (route.discard) {
        return;
    }
    if (route.hops.size() == 1) {
        message.put_u32(RTA_OIF, indexes[0]);
        put_gateway(message, route, *route.hops.begin());
        return;
    }
    message.nest(RTA_MULTIPATH, [&] {
        for (const Hop &hop : route.hops) {
            rtnexthop next{};
            next.rtnh_ifindex = int(indexes[i++]);
            void *place = message.append(&next, sizeof next);
            put_gateway(message, route, hop);
            next.rtnh_len = uint16_t(static_cast<char *>(message.end())
                                     - static_cast<char *>(place));
            memcpy(place, &next, sizeof next);
        }
    });
}

rtmsg
header_of(const Route &route)
{
    const bool v4 = route.prefix.ip.is_v4();
    const bool on_link = !route.discard && is_on_link(route);
    rtmsg header{};
    header.rtm_family = v4 ? AF_INET : AF_INET6;
    header.rtm_dst_len = route.prefix.length;
    header.rtm_table = route.table ? RT_TABLE_UNSPEC : RT_TABLE_MAIN;
    header.rtm_protocol = route.by_hand ? RTPROT_BOOT : RTPROT_STATIC;
    header.rtm_scope = v4 && on_link ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
    header.rtm_type = route.discard ? RTN_BLACKHOLE : RTN_UNICAST;
    return header;
}

void
put_place(Message &message, const Route &route)
{
    if (route.prefix.length) {
        message.put_ip(RTA_DST, route.prefix.ip);
    }
    if (route.table) {
        message.put_u32(RTA_TABLE, route.table);
    }
    const uint32_t metric
        = route.metric ? route.metric : usual_metric(route.prefix.ip.family);
    if (metric) {
        message.put_u32(RTA_PRIORITY, metric);
    }
}

std::string
describe(const Route &route, const char *verb)
{
    const bool is_default = route.prefix.length == 0;
    return std::string{verb} + (is_default ? " the default" : " a")
           + " route for " + (route.prefix.ip.is_v4() ? "IPv4" : "IPv6");
}

Result<std::vector<uint32_t>>
indexes_of(Netlink &netlink, const Route &route)
{
    std::vector<uint32_t> indexes;
    for (const Hop &hop : route.hops) {
        const auto link = get_link(netlink, hop.link);
        if (!link) {
            return link.error();
        }
        indexes.push_back(link->index);
    }
    return indexes;
}

size_t
room_for(const Route &route)
{
    return Message::usual_size + 64 * route.hops.size();
}

Outcome
put_route(Netlink &netlink, const Route &route, uint16_t flags,
          const char *verb)
{
    const auto indexes = indexes_of(netlink, route);
    if (!indexes) {
        return failure(describe(route, verb), indexes.error());
    }
    Message message{RTM_NEWROUTE, flags, room_for(route)};
    message.header(header_of(route));
    put_place(message, route);
    put_hops(message, route, *indexes);
    return netlink.send(message, describe(route, verb));
}

// Of IPv6, without next hops in the message, the kernel deletes the whole
// route of the metric; of IPv4 of none it would take one of any.
Outcome
delete_route(Netlink &netlink, const Route &route)
{
    rtmsg header = header_of(route);
    header.rtm_scope = RT_SCOPE_NOWHERE;
    if (!route.discard) {
        header.rtm_type = RTN_UNSPEC; // Of whatever type.
    }
    Message message{RTM_DELROUTE, 0, room_for(route)};
    message.header(header);
    put_place(message, route);
    if (route.prefix.ip.is_v4() && !route.hops.empty()) {
        const auto indexes = indexes_of(netlink, route);
        if (!indexes) { // Its links are gone, and it with them.
            return indexes.error().code == ENODEV ? Outcome{Done{}}
                                                  : indexes.error();
        }
        put_hops(message, route, *indexes);
    }
    const Outcome outcome = netlink.send(message, describe(route, "remove"));
    const bool gone = !outcome && outcome.error().code == ESRCH;
    return gone ? Outcome{Done{}} : outcome;
}

Result<std::optional<Route>>
find_route(Netlink &netlink, const Route_place &place)
{
    const auto links = all_links(netlink);
    if (!links) {
        return links.error();
    }
    const auto routes = see_routes(netlink, *links);
    if (!routes) {
        return routes.error();
    }
    const auto found = routes->find(place);
    return found == routes->end() ? std::optional<Route>{} : found->second;
}

// Looks only if the kernel says that there is something already: routes are
// many, and looking is asking for all.  Beside one that a router has
// advertised on another link, which is none of ours, ours stands as well.
Outcome
add_route(Netlink &netlink, const Route &route)
{
    const Outcome outcome
        = put_route(netlink, route, NLM_F_CREATE | NLM_F_EXCL, "add");
    if (outcome || outcome.error().code != EEXIST) {
        return outcome;
    }
    const auto there = find_route(netlink, route.place());
    if (there && !*there && !route.prefix.ip.is_v4()) {
        return put_route(netlink, route, NLM_F_CREATE, "add");
    }
    return there && *there == route ? Outcome{Done{}} : outcome;
}

// The kernel's replace takes whatever has the place, so make sure that it is
// ours; if it went away meanwhile, it is made.
Outcome
replace_route(Netlink &netlink, const Route &route)
{
    const auto there = find_route(netlink, route.place());
    if (!there) {
        return there.error();
    }
    if (!*there) {
        return add_route(netlink, route);
    }
    return *there == route ? Outcome{Done{}}
                           : put_route(netlink, route,
                                       NLM_F_CREATE | NLM_F_REPLACE, "change");
}

// Which ones to ask for: table 0 are all, protocol 0 are all.
struct Asked {
    uint8_t family, table, protocol;
};

Result<std::vector<Reply>>
dump_routes(Netlink &route, const Asked &asked)
{
    rtmsg header{};
    header.rtm_family = asked.family;
    header.rtm_table = asked.table;
    header.rtm_protocol = asked.protocol;
    Message message{RTM_GETROUTE, NLM_F_DUMP};
    message.header(header);
    auto replies = route.ask(message, "look at the routes");
    const bool is_empty = !replies && replies.error().code == ENOENT;
    // A new namespace has no such table yet.
    return is_empty ? std::vector<Reply>{} : std::move(replies);
}

} // namespace

// In other tables than the main one there is nobody but us, and whoever writes
// by hand; all that is in every table would be too much, for the kernel has a
// route to each address.
Result<std::map<Route_place, Route>>
see_routes(Netlink &route, const std::map<std::string, Seen_link> &links)
{
    Names names;
    for (const auto &[name, link] : links) {
        names[link.index] = name;
    }
    std::map<Route_place, Route> routes;
    for (const uint8_t family : {AF_INET, AF_INET6}) {
        for (const Asked &asked :
             {Asked{family, RT_TABLE_MAIN, 0}, Asked{family, 0, RTPROT_STATIC},
              Asked{family, 0, RTPROT_BOOT}}) {
            const auto replies = dump_routes(route, asked);
            if (!replies) {
                return replies.error();
            }
            for (const Reply &reply : *replies) {
                if (const auto seen = parse_route(reply, names)) {
                    routes.emplace(seen->place(), *seen);
                }
            }
        }
    }
    return routes;
}

Outcome
set_route(Netlink &route, const Set_route &step)
{
    if (!step.becomes) {
        return step.was ? delete_route(route, *step.was) : Outcome{Done{}};
    }
    if (step.becomes->is_foreign()) {
        return Done{};
    }
    return step.was ? replace_route(route, *step.becomes)
                    : add_route(route, *step.becomes);
}

} // namespace snat
