#include "kernel/announce.hh"

#include "kernel/addresses.hh"
#include "kernel/announce_frames.hh"
#include "kernel/links.hh"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <sys/socket.h>

#include <algorithm>

namespace snat {
namespace {

constexpr int rounds = 3;
constexpr std::chrono::seconds interval{1};

bool
has(const Seen_addresses &addresses, const Ip &ip)
{
    return addresses.hosts.contains(ip)
           || std::ranges::count(addresses.networks, ip, &Network::ip);
}

void
send_frame(const Fd &socket, const Seen_link &link, const std::string &frame)
{
    sockaddr_ll to{};
    to.sll_family = AF_PACKET;
    to.sll_ifindex = static_cast<int>(link.index);
    (void)sendto(socket.get(), frame.data(), frame.size(), MSG_DONTWAIT,
                 reinterpret_cast<sockaddr *>(&to), sizeof to);
}

void
announce_link(const Fd &socket, const Seen_inside &seen,
              const std::string &name, const std::vector<Ip> &ips)
{
    const auto link = seen.links.find(name);
    if (link == seen.links.end() || !link->second.mac) {
        return;
    }
    const auto addresses = seen.addresses.find(link->second.index);
    const auto proxies = seen.proxies.find(link->second.index);
    for (const Ip &ip : ips) {
        if ((addresses != seen.addresses.end() && has(addresses->second, ip))
            || (proxies != seen.proxies.end()
                && proxies->second.contains(ip))) {
            send_frame(socket, link->second,
                       announcement(*link->second.mac, ip));
        }
    }
}

} // namespace

void
Announcer::start(const Announce &what)
{
    forget(what.router);
    pending_.emplace(what.router, Pending{what, rounds, Clock::now(), Fd{}});
}

void
Announcer::forget(const std::string &router)
{
    const auto found = pending_.find(router);
    if (found != pending_.end()) {
        closer_.close(std::move(found->second.socket));
        pending_.erase(found);
    }
}

std::optional<Announcer::Clock::time_point>
Announcer::deadline() const
{
    std::optional<Clock::time_point> first;
    for (const auto &[router, pending] : pending_) {
        first = std::min(first.value_or(pending.due), pending.due);
    }
    return first;
}

void
Announcer::run()
{
    const auto now = Clock::now();
    std::vector<std::string> over;
    for (auto &[router, pending] : pending_) {
        if (pending.due > now) {
            continue;
        }
        send(pending);
        pending.due = now + interval;
        if (--pending.rounds == 0) {
            over.push_back(router);
        }
    }
    std::ranges::for_each(over, [this](const auto &r) { forget(r); });
}

// A packet socket of protocol 0 receives nothing.  One that outlives its
// namespace's name finds no address to announce.
void
Announcer::send(Pending &pending)
{
    const auto found = namespaces_.find(pending.what.router);
    if (!found || !found->inside) {
        return;
    }
    const auto route = found->inside->route();
    if (!route) {
        return;
    }
    if (!pending.socket) {
        const Visit visit{*found->inside};
        pending.socket = Fd{::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)};
    }
    if (!found->inside->seen()) {
        auto seen = see_inside(**route);
        if (!seen) {
            return;
        }
        found->inside->seen() = *std::move(seen);
    }
    for (const auto &[link, ips] : pending.what.links) {
        announce_link(pending.socket, *found->inside->seen(), link, ips);
    }
}

} // namespace snat
