#include "kernel/ask.hh"

#include "kernel/arp.hh"
#include "kernel/datagram.hh"
#include "kernel/failure.hh"
#include "kernel/neighbour.hh"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <string_view>

namespace snat {
namespace {

// More than an honest network has in a moment.
constexpr int most_at_once = 64;
constexpr size_t longest = 1500;

bool
set(const Fd &socket, int level, int option, int value)
{
    return !setsockopt(socket.get(), level, option, &value, sizeof value);
}

// What other routers ask on the same network is theirs: a thousand sockets
// that each woke us for it would be too many.
Fd
open_arp(const std::vector<Ip> &ips)
{
    Fd fd{socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)};
    auto filter = arp_filter(ips);
    const sock_fprog program{static_cast<uint16_t>(filter.size()),
                             filter.data()};
    sockaddr_ll all{};
    all.sll_family = AF_PACKET;
    all.sll_protocol = htons(ETH_P_ARP);
    const bool fit
        = fd
          && (filter.empty()
              || !setsockopt(fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program,
                             sizeof program))
          && !bind(fd.get(), reinterpret_cast<sockaddr *>(&all), sizeof all);
    return fit ? std::move(fd) : Fd{};
}

Fd
open_icmp()
{
    Fd fd{socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6)};
    icmp6_filter only{};
    ICMP6_FILTER_SETBLOCKALL(&only);
    ICMP6_FILTER_SETPASS(ND_NEIGHBOR_ADVERT, &only);
    const bool fit = fd
                     && !setsockopt(fd.get(), IPPROTO_ICMPV6, ICMP6_FILTER,
                                    &only, sizeof only)
                     && set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
                     && set(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1)
                     && set(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0)
                     && set(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 255);
    return fit ? std::move(fd) : Fd{};
}

Outcome
send(const Fd &socket, std::string_view bytes, const auto &to)
{
    const auto sent
        = sendto(socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT,
                 reinterpret_cast<const sockaddr *>(&to), sizeof to);
    return sent < 0 ? Outcome{Error{errno, reason(errno)}} : Done{};
}

} // namespace

Result<Asker>
Asker::open(const Namespace &inside, const std::vector<Ip> &ips)
{
    std::vector<Ip> ipv4;
    std::ranges::copy_if(ips, std::back_inserter(ipv4), &Ip::is_v4);
    const Visit visit{inside};
    Fd arp, icmp;
    if (!ipv4.empty()) {
        arp = open_arp(ipv4);
        if (!arp) {
            return failure("open a packet socket for ARP");
        }
    }
    if (ipv4.size() < ips.size()) {
        icmp = open_icmp();
        if (!icmp) {
            return failure("open an ICMPv6 socket");
        }
    }
    return Asker{std::move(arp), std::move(icmp)};
}

Outcome
Asker::ask(const Seen_link &link, const Ip &sender, const Ip &target) const
{
    return target.is_v4() ? ask_arp(link, sender, target)
                          : ask_neighbour(link, target);
}

Outcome
Asker::ask_arp(const Seen_link &link, const Ip &sender, const Ip &target) const
{
    sockaddr_ll to{};
    to.sll_family = AF_PACKET;
    to.sll_ifindex = static_cast<int>(link.index);
    const Mac mac = link.mac.value_or(Mac{});
    return send(arp_, arp_request(mac, sender, target), to);
}

// The kernel adds the checksum, and says so if the link has no address yet
// that it could take for the source.
Outcome
Asker::ask_neighbour(const Seen_link &link, const Ip &target) const
{
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    to.sin6_scope_id = link.index;
    const Ip group = solicited_node(target);
    memcpy(&to.sin6_addr, group.bytes.data(), group.size());
    const Mac mac = link.mac.value_or(Mac{});
    const Outcome sent = send(icmp_, neighbour_solicitation(mac, target), to);
    const bool unable = !sent && sent.error().code == EADDRNOTAVAIL;
    return unable ? Error{EADDRNOTAVAIL, "it has no IPv6 address to ask from"}
                  : sent;
}

bool
Asker::is_told() const
{
    std::array<pollfd, 2> all{
        {{arp_.get(), POLLIN, 0}, {icmp_.get(), POLLIN, 0}}};
    return poll(all.data(), all.size(), 0) > 0;
}

void
Asker::hear(const std::function<void(const Heard &)> &then) const
{
    for (int i = 0; i < most_at_once && arp_ && hear_arp(then); i++) {
    }
    for (int i = 0; i < most_at_once && icmp_ && hear_icmp(then); i++) {
    }
}

// False if there was nothing to be heard.  What was meant for another host,
// or has come with the tag of a VLAN that is not the link's, the kernel marks
// as PACKET_OTHERHOST.
bool
Asker::hear_arp(const std::function<void(const Heard &)> &then) const
{
    std::array<char, longest> buffer;
    sockaddr_ll from{};
    socklen_t from_size = sizeof from;
    const auto size
        = recvfrom(arp_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT,
                   reinterpret_cast<sockaddr *>(&from), &from_size);
    if (size < 0) {
        return false;
    }
    const auto arp = parse_arp({buffer.data(), static_cast<size_t>(size)});
    if (arp && from.sll_pkttype != PACKET_OTHERHOST
        && from.sll_pkttype != PACKET_OUTGOING) {
        const bool wants = arp->sender.is_unspecified();
        then({static_cast<uint32_t>(from.sll_ifindex),
              wants ? arp->target : arp->sender, arp->mac, wants});
    }
    return true;
}

bool
Asker::hear_icmp(const std::function<void(const Heard &)> &then) const
{
    Datagram<longest> datagram;
    if (!datagram.receive(icmp_)) {
        return false;
    }
    const auto link
        = datagram.control<in6_pktinfo>(IPPROTO_IPV6, IPV6_PKTINFO);
    const auto hops = datagram.control<int>(IPPROTO_IPV6, IPV6_HOPLIMIT);
    const auto bytes = datagram.bytes();
    const auto ip
        = parse_advertisement({bytes.data(), bytes.size()}, hops.value_or(0));
    if (ip && link) {
        then({link->ipi6_ifindex, *ip, std::nullopt, false});
    }
    return true;
}

std::vector<int>
Asker::sockets() const
{
    std::vector<int> out;
    for (const Fd *fd : {&arp_, &icmp_}) {
        if (*fd) {
            out.push_back(fd->get());
        }
    }
    return out;
}

std::vector<Fd>
Asker::release()
{
    std::vector<Fd> out;
    for (Fd *fd : {&arp_, &icmp_}) {
        if (*fd) {
            out.push_back(std::move(*fd));
        }
    }
    return out;
}

} // namespace snat
