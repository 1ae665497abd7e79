#include "kernel/addresses.hh"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <iterator>
#include <ranges>

namespace snat {
namespace {

using Networks = std::vector<Network>;

bool
is_made_by_kernel(const Attributes &attributes)
{
    return attributes.u8(IFA_PROTO).value_or(IFAPROT_UNSPEC) != IFAPROT_UNSPEC;
}

struct Seen_address {
    uint32_t link; // Its index.
    Network network;
    uint32_t flags;
    bool is_made_by_kernel;

    bool
    is_host() const
    {
        return snat::is_host(network) && !is_made_by_kernel;
    }
};

// Nothing if it is one that we neither set nor see.
std::optional<Seen_address>
parse_address(const Reply &reply)
{
    const auto header = reply.header<ifaddrmsg>();
    const Attributes attributes = reply.attributes(sizeof header);
    // On a point-to-point link IFA_ADDRESS would be the other side's.
    auto ip = attributes.ip(IFA_LOCAL);
    if (!ip) {
        ip = attributes.ip(IFA_ADDRESS);
    }
    const uint32_t flags
        = attributes.u32(IFA_FLAGS).value_or(header.ifa_flags);
    if (!ip || !fits_link(*ip) || !(flags & IFA_F_PERMANENT)) {
        return std::nullopt;
    }
    return Seen_address{header.ifa_index,
                        {*ip, header.ifa_prefixlen},
                        flags,
                        is_made_by_kernel(attributes)};
}

void
take(Seen_addresses &seen, Networks &newest_first, const Seen_address &address)
{
    if (address.is_host()) {
        seen.hosts.insert(address.network.ip);
        return;
    }
    const uint32_t flags = address.flags;
    if (!(flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED | IFA_F_NOPREFIXROUTE))) {
        seen.settled.push_back(address.network);
    }
    if (address.is_made_by_kernel) {
        return;
    }
    const bool failed = flags & IFA_F_DADFAILED;
    seen.dad_failed |= failed;
    seen.tentative |= (flags & IFA_F_TENTATIVE) && !failed;
    (address.network.ip.is_v4() ? seen.networks : newest_first)
        .push_back(address.network);
}

} // namespace

bool
fits_link(const Ip &ip)
{
    return !ip.is_unspecified()
           && (ip.is_v4() || !(ip.is_loopback() || ip.is_multicast()));
}

Result<std::map<uint32_t, Seen_addresses>>
see_addresses(Netlink &route, uint32_t index)
{
    ifaddrmsg header{};
    header.ifa_family = AF_UNSPEC;
    header.ifa_index = index;
    Message message{RTM_GETADDR, NLM_F_DUMP, 256};
    message.header(header);
    const auto replies = route.ask(message, "look at the addresses");
    if (!replies) {
        return replies.error();
    }
    std::map<uint32_t, Seen_addresses> seen;
    std::map<uint32_t, Networks> newest_first;
    for (const Reply &reply : *replies) {
        if (const auto address = parse_address(reply)) {
            take(seen[address->link], newest_first[address->link], *address);
        }
    }
    for (const auto &[of, networks] : newest_first) {
        std::ranges::copy(networks | std::views::reverse,
                          std::back_inserter(seen[of].networks));
    }
    return seen;
}

std::optional<Seen_host>
parse_host(const Reply &reply)
{
    const auto address = parse_address(reply);
    return address && address->is_host()
               ? std::optional{Seen_host{address->link, address->network.ip}}
               : std::nullopt;
}

} // namespace snat
