#include "kernel/route_rules.hh"

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <utility>

namespace snat {
namespace {

// FRA_SUPPRESS_PREFIXLEN with 0: a route that is found counts if its prefix is
// longer than that.
constexpr uint32_t no_default = 0;

uint8_t
family_of(const Route_rule &rule)
{
    return rule.family == Family::ipv4 ? AF_INET : AF_INET6;
}

// Of the shape that ours have.
bool
is_familiar(const fib_rule_hdr &header, const Attributes &attributes)
{
    constexpr int strange[] = {
        FRA_DST,      FRA_GOTO,        FRA_FWMARK,      FRA_FLOW,
        FRA_TUN_ID,   FRA_L3MDEV,      FRA_UID_RANGE,   FRA_OIFNAME,
        FRA_IP_PROTO, FRA_SPORT_RANGE, FRA_DPORT_RANGE, FRA_SUPPRESS_IFGROUP};
    const uint32_t least
        = attributes.u32(FRA_SUPPRESS_PREFIXLEN).value_or(no_default);
    return header.action == FR_ACT_TO_TBL && !header.tos
           && !(header.flags & FIB_RULE_INVERT)
           && (least == no_default || least == UINT32_MAX)
           && std::ranges::none_of(strange, [&](int attribute) {
                  return attributes.has(attribute);
              });
}

uint8_t
protocol_of(const Route_rule &rule)
{
    return rule.by_hand                          ? RTPROT_UNSPEC
           : rule.priority == main_rule_priority ? RTPROT_KERNEL
                                                 : RTPROT_STATIC;
}

// ip(8) gives its rules no protocol, unless it is told to.
bool
is_by_hand(uint8_t protocol)
{
    return protocol == RTPROT_UNSPEC || protocol == RTPROT_BOOT;
}

// Others are left alone: nobody but whoever made them can give them back.
std::optional<Route_rule>
parse_rule(const Reply &reply)
{
    const auto header = reply.header<fib_rule_hdr>();
    const Attributes attributes = reply.attributes(sizeof header);
    const uint8_t protocol
        = attributes.u8(FRA_PROTOCOL).value_or(RTPROT_UNSPEC);
    Route_rule rule;
    rule.family = header.family == AF_INET ? Family::ipv4 : Family::ipv6;
    rule.priority = attributes.u32(FRA_PRIORITY).value_or(0);
    rule.by_hand = is_by_hand(protocol);
    const bool is_made = rule.by_hand || protocol == protocol_of(rule);
    if (!is_made || !is_familiar(header, attributes) || !rule.priority
        || rule.priority > main_rule_priority
        || (rule.by_hand && rule.priority == main_rule_priority)) {
        return std::nullopt;
    }
    rule.in_port = attributes.text(FRA_IIFNAME);
    if (const auto from = attributes.ip(FRA_SRC)) {
        rule.from = Network{*from, header.src_len};
    }
    const uint32_t table = attributes.u32(FRA_TABLE).value_or(header.table);
    rule.table = table == RT_TABLE_MAIN ? 0 : table;
    rule.specific = attributes.u32(FRA_SUPPRESS_PREFIXLEN) == no_default;
    return rule;
}

Message
message_of(const Route_rule &rule, uint16_t type, uint16_t flags)
{
    fib_rule_hdr header{};
    header.family = family_of(rule);
    header.src_len = rule.from ? rule.from->length : 0;
    header.table = rule.table ? RT_TABLE_UNSPEC : RT_TABLE_MAIN;
    header.action = FR_ACT_TO_TBL;
    Message message{type, flags};
    message.header(header);
    message.put_u32(FRA_PRIORITY, rule.priority);
    message.put_u8(FRA_PROTOCOL, protocol_of(rule));
    if (!rule.in_port.empty()) {
        message.put_text(FRA_IIFNAME, rule.in_port);
    }
    if (rule.from) {
        message.put_ip(FRA_SRC, rule.from->ip);
    }
    if (rule.table) {
        message.put_u32(FRA_TABLE, rule.table);
    }
    if (rule.specific) {
        message.put_u32(FRA_SUPPRESS_PREFIXLEN, no_default);
    }
    return message;
}

std::string
describe(const Route_rule &rule, const char *verb)
{
    return std::string{verb} + " a routing rule for "
           + (rule.family == Family::ipv4 ? "IPv4" : "IPv6");
}

Outcome
add_rule(Netlink &route, const Route_rule &rule)
{
    return route.send(message_of(rule, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL),
                      describe(rule, "add"));
}

Outcome
remove_rule(Netlink &route, const Route_rule &rule)
{
    const Outcome outcome = route.send(message_of(rule, RTM_DELRULE, 0),
                                       describe(rule, "remove"));
    const bool is_gone = !outcome && outcome.error().code == ENOENT;
    return is_gone ? Outcome{Done{}} : outcome;
}

} // namespace

Result<std::set<Route_rule>>
see_route_rules(Netlink &route)
{
    std::set<Route_rule> rules;
    for (const uint8_t family : {AF_INET, AF_INET6}) {
        fib_rule_hdr header{};
        header.family = family;
        Message message{RTM_GETRULE, NLM_F_DUMP};
        message.header(header);
        const auto replies = route.ask(message, "look at the routing rules");
        if (!replies) {
            return replies.error();
        }
        for (const Reply &reply : *replies) {
            if (const auto seen = parse_rule(reply)) {
                rules.insert(*seen);
            }
        }
    }
    // To delete one of no protocol is to delete the first of any.
    std::erase_if(rules, [all = rules](Route_rule rule) {
        return std::exchange(rule.by_hand, false) && all.contains(rule);
    });
    return rules;
}

// Of what is alike but for the protocol, NLM_F_EXCL takes one only.
Outcome
set_route_rule(Netlink &route, const Set_route_rule &step)
{
    if (!step.becomes) {
        return remove_rule(route, *step.was);
    }
    const Outcome outcome = add_rule(route, *step.becomes);
    const bool has_twin = !outcome && outcome.error().code == EEXIST;
    if (!has_twin) {
        return outcome;
    }
    Route_rule twin = *step.becomes;
    twin.by_hand = true;
    const Outcome removed = remove_rule(route, twin);
    return removed ? add_rule(route, *step.becomes) : removed;
}

} // namespace snat
