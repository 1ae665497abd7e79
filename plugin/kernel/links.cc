#include "kernel/links.hh"

#include "kernel/failure.hh"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <cerrno>

namespace snat {
namespace {

const std::string mark = "ovs-snatd ";

ifinfomsg
header_of(const Seen_link &link)
{
    ifinfomsg header{};
    header.ifi_index = static_cast<int>(link.index);
    return header;
}

} // namespace

const Seen_link *
Link_memory::find(const std::string &name) const
{
    const auto found = links_.find(name);
    return found == links_.end() ? nullptr : &found->second;
}

void
Link_memory::remember(const Seen_link &link)
{
    forget(link);
    links_[link.name] = link;
    names_[link.index] = link.name;
}

void
Link_memory::forget(const Seen_link &link)
{
    forget(link.name);
    const auto old = names_.find(link.index);
    if (old != names_.end()) {
        forget(std::string{old->second});
    }
}

void
Link_memory::forget(const std::string &name)
{
    const auto found = links_.find(name);
    if (found != links_.end()) {
        names_.erase(found->second.index);
        links_.erase(found);
    }
}

Seen_link
parse_link(const Reply &reply)
{
    const auto header = reply.header<ifinfomsg>();
    const Attributes attributes = reply.attributes(sizeof header);
    Seen_link link;
    link.index = static_cast<uint32_t>(header.ifi_index);
    link.name = attributes.text(IFLA_IFNAME);
    link.alias = attributes.text(IFLA_IFALIAS);
    link.kind = attributes.nested(IFLA_LINKINFO).text(IFLA_INFO_KIND);
    link.mac = attributes.mac(IFLA_ADDRESS);
    link.mtu = attributes.u32(IFLA_MTU).value_or(0);
    link.up = header.ifi_flags & IFF_UP;
    link.carrier = attributes.u8(IFLA_CARRIER).value_or(0) != 0;
    link.peer = attributes.u32(IFLA_LINK).value_or(0);
    link.promiscuous = attributes.u32(IFLA_PROMISCUITY).value_or(0) != 0;
    return link;
}

Result<std::optional<Seen_link>>
find_link(Netlink &route, const std::string &name)
{
    Message message{RTM_GETLINK, 0};
    message.header(ifinfomsg{}).put_text(IFLA_IFNAME, name);
    message.put_u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    const auto replies = route.ask(message, "look at " + name);
    if (!replies) {
        return replies.error().code == ENODEV
                   ? Result<std::optional<Seen_link>>{std::nullopt}
                   : replies.error();
    }
    for (const Reply &reply : *replies) {
        return std::optional{parse_link(reply)};
    }
    return std::optional<Seen_link>{};
}

Result<std::map<std::string, Seen_link>>
all_links(Netlink &route)
{
    Message message{RTM_GETLINK, NLM_F_DUMP};
    message.header(ifinfomsg{});
    message.put_u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    const auto replies = route.ask(message, "look at the links");
    if (!replies) {
        return replies.error();
    }
    std::map<std::string, Seen_link> links;
    for (const Reply &reply : *replies) {
        Seen_link link = parse_link(reply);
        links.emplace(link.name, link);
    }
    return links;
}

Result<Seen_link>
get_link(Netlink &route, const std::string &name)
{
    const auto link = find_link(route, name);
    if (!link) {
        return link.error();
    }
    if (!*link) {
        return Error{ENODEV, "there is no device " + name};
    }
    return **link;
}

Outcome
without_link(const Error &error, bool takes_away_only)
{
    return takes_away_only && error.code == ENODEV ? Outcome{Done{}} : error;
}

std::optional<Wiring>
wiring_of(const Seen_link &link)
{
    if (link.kind == "veth") {
        return Wiring::veth;
    }
    if (link.kind == "tun" || link.kind == "openvswitch") {
        return Wiring::internal;
    }
    return std::nullopt;
}

std::string
mark_of(const std::string &router)
{
    return mark + router;
}

std::optional<std::string>
marked_router(const Seen_link &link)
{
    return link.alias.starts_with(mark)
               ? std::optional{link.alias.substr(mark.size())}
               : std::nullopt;
}

// A link that is gone is down.
Outcome
set_up(Netlink &route, const std::string &name, bool up)
{
    ifinfomsg header{};
    header.ifi_change = IFF_UP;
    header.ifi_flags = up ? IFF_UP : 0;
    Message message{RTM_NEWLINK, 0};
    message.header(header).put_text(IFLA_IFNAME, name);
    const Outcome outcome
        = route.send(message, "set " + name + (up ? " up" : " down"));
    const bool gone = !outcome && outcome.error().code == ENODEV;
    return gone && !up ? Outcome{Done{}} : outcome;
}

Outcome
delete_link(Netlink &route, const Seen_link &link)
{
    Message message{RTM_DELLINK, 0};
    message.header(header_of(link));
    const Outcome outcome = route.send(message, "delete " + link.name);
    const bool gone = !outcome && outcome.error().code == ENODEV;
    return gone ? Outcome{Done{}} : outcome;
}

Outcome
change_link(Netlink &route, const Seen_link &link, const Link_change &change)
{
    Message message{RTM_NEWLINK, 0};
    message.header(header_of(link));
    if (change.mac) {
        message.put_mac(IFLA_ADDRESS, *change.mac);
    }
    if (change.mtu) {
        message.put_u32(IFLA_MTU, *change.mtu);
    }
    return change.mac || change.mtu
               ? route.send(message, "change " + link.name)
               : Outcome{Done{}};
}

} // namespace snat
