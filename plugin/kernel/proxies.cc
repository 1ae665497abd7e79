#include "kernel/proxies.hh"

#include "kernel/links.hh"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace snat {
namespace {

Message
proxy_message(uint16_t type, uint16_t flags, uint32_t link)
{
    Message message{type, flags, 256};
    ndmsg header{};
    header.ndm_family = AF_INET6;
    header.ndm_ifindex = static_cast<int>(link);
    header.ndm_flags = NTF_PROXY;
    header.ndm_state = link ? NUD_PERMANENT : 0;
    message.header(header);
    return message;
}

// From what is there to what shall be, in one go.
Outcome
change_proxies(Netlink &route, const Seen_link &link, const std::set<Ip> &have,
               const std::set<Ip> &wanted)
{
    std::vector<Ip> fresh, gone;
    std::ranges::set_difference(wanted, have, std::back_inserter(fresh));
    std::ranges::set_difference(have, wanted, std::back_inserter(gone));
    std::vector<Message> messages;
    for (const Ip &ip : fresh) {
        messages.push_back(
            proxy_message(RTM_NEWNEIGH, NLM_F_CREATE, link.index));
        messages.back().put_ip(NDA_DST, ip);
    }
    for (const Ip &ip : gone) {
        messages.push_back(proxy_message(RTM_DELNEIGH, 0, link.index));
        messages.back().put_ip(NDA_DST, ip);
    }
    return messages.empty()
               ? Outcome{Done{}}
               : route.send(messages, "change the neighbours that " + link.name
                                          + " answers for");
}

} // namespace

Result<std::map<uint32_t, std::set<Ip>>>
see_proxies(Netlink &route)
{
    const auto replies = route.ask(proxy_message(RTM_GETNEIGH, NLM_F_DUMP, 0),
                                   "look at the neighbours answered for");
    if (!replies) {
        return replies.error();
    }
    std::map<uint32_t, std::set<Ip>> proxies;
    for (const Reply &reply : *replies) {
        const auto header = reply.header<ndmsg>();
        const auto ip = reply.attributes(sizeof header).ip(NDA_DST);
        if (ip && !ip->is_v4() && header.ndm_flags & NTF_PROXY) {
            proxies[static_cast<uint32_t>(header.ndm_ifindex)].insert(*ip);
        }
    }
    return proxies;
}

// A step that fails has not happened.
Outcome
set_proxies(Netlink &route, const Set_proxies &step)
{
    const auto link = get_link(route, step.link);
    if (!link) {
        return without_link(link.error(), step.becomes.empty());
    }
    auto seen = see_proxies(route);
    if (!seen) {
        return seen.error();
    }
    const std::set<Ip> have = (*seen)[link->index];
    const Outcome outcome = change_proxies(route, *link, have, step.becomes);
    if (!outcome) {
        if (auto now = see_proxies(route)) {
            (void)change_proxies(route, *link, (*now)[link->index], have);
        }
    }
    return outcome;
}

} // namespace snat
