#include "kernel/own_routes.hh"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace snat {
namespace {

// IP6_RT_PRIO_ADDRCONF of the kernel's net/ip6_route.h: of all but those to
// the addresses themselves.
constexpr uint32_t ipv6_metric = 256;

const Network &
ipv6_groups()
{
    static const Network groups = [] {
        Network out;
        out.ip.family = Family::ipv6;
        out.ip.bytes[0] = 0xff;
        out.length = 8;
        return out;
    }();
    return groups;
}

} // namespace

std::optional<Own_route>
parse_own_route(const Reply &reply)
{
    const auto header = reply.header<rtmsg>();
    const Attributes attributes = reply.attributes(sizeof header);
    const auto to = attributes.ip(RTA_DST);
    const auto link = attributes.u32(RTA_OIF);
    if (header.rtm_protocol != RTPROT_KERNEL || !to || !link) {
        return std::nullopt;
    }
    return Own_route{*link, header.rtm_type, {*to, header.rtm_dst_len}};
}

Result<std::set<Own_route>>
see_own_routes(Netlink &route)
{
    std::set<Own_route> seen;
    for (const uint8_t family : {AF_INET, AF_INET6}) {
        rtmsg header{};
        header.rtm_family = family;
        header.rtm_protocol = RTPROT_KERNEL;
        Message message{RTM_GETROUTE, NLM_F_DUMP};
        message.header(header);
        const auto replies = route.ask(message, "look at the kernel's routes");
        if (!replies) {
            return replies.error();
        }
        for (const Reply &reply : *replies) {
            if (const auto own = parse_own_route(reply)) {
                seen.insert(*own);
            }
        }
    }
    return seen;
}

std::map<Own_route, Ip>
missing_own_routes(const std::set<Own_route> &seen, uint32_t link,
                   const Seen_addresses &addresses)
{
    std::map<Own_route, Ip> missing;
    const auto need = [&](uint8_t type, const Network &prefix, const Ip &ip) {
        const Own_route own{link, type, prefix};
        if (!seen.contains(own)) {
            missing.emplace(own, ip);
        }
    };
    for (const Network &address : addresses.settled) {
        need(RTN_LOCAL, host_network(address.ip), address.ip);
        if (address != host_network(address.ip)) {
            need(RTN_UNICAST, address.base(), address.ip);
        }
        if (!address.ip.is_v4()) {
            need(RTN_MULTICAST, ipv6_groups(), address.ip);
        }
    }
    for (const Ip &ip : addresses.hosts) {
        need(RTN_LOCAL, host_network(ip), ip);
    }
    return missing;
}

Own_route
own_route_of(const Seen_host &host)
{
    return {host.link, RTN_LOCAL, host_network(host.ip)};
}

// Beside one of the same prefix on another link, as the kernel's own stand.
Outcome
add_own_route(Netlink &route, const Own_route &own, const Ip &address)
{
    const bool v4 = own.prefix.ip.is_v4();
    const bool in_main = own.type == RTN_UNICAST;
    rtmsg header{};
    header.rtm_family = v4 ? AF_INET : AF_INET6;
    header.rtm_dst_len = own.prefix.length;
    header.rtm_table = in_main ? RT_TABLE_MAIN : RT_TABLE_LOCAL;
    header.rtm_protocol = RTPROT_KERNEL;
    header.rtm_type = own.type;
    if (v4) {
        header.rtm_scope = in_main ? RT_SCOPE_LINK : RT_SCOPE_HOST;
    }
    const uint16_t beside = v4 ? NLM_F_APPEND : 0;
    Message message{RTM_NEWROUTE, uint16_t(NLM_F_CREATE | beside)};
    message.header(header).put_ip(RTA_DST, own.prefix.ip);
    message.put_u32(RTA_OIF, own.link);
    if (v4) {
        message.put_ip(RTA_PREFSRC, address);
    } else if (own.type != RTN_LOCAL) {
        message.put_u32(RTA_PRIORITY, ipv6_metric);
    }
    return route.send(message, "restore a route of the kernel's own");
}

} // namespace snat
