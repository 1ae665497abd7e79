#include "kernel/inquiry.hh"

#include "kernel/addresses.hh"
#include "kernel/links.hh"

#include <algorithm>
#include <cerrno>

namespace snat {
namespace {

using std::chrono::milliseconds;

constexpr int probes = 3;
constexpr milliseconds spacing{150};

// Of next hops that have not answered so many questions; nobody should ask
// more often for long (RFC 1122, section 2.3.2.1; RFC 4861, section 10).
constexpr milliseconds later_spacing{1000};

// Until what could not be asked is tried again, and for how long: a fresh
// link takes up to 2 s until it has an IPv6 address to ask from.
constexpr milliseconds pause{50}, patience{5000};

// As the kernel chooses it (arp_announce 2): of the target's network if there
// is one.
Ip
choose_sender(Netlink &route, uint32_t index, const Ip &target)
{
    Ip sender;
    const auto seen = see_addresses(route, index);
    if (!seen || !seen->contains(index)) {
        return sender;
    }
    const Seen_addresses &addresses = seen->at(index);
    for (const Network &network : addresses.networks) {
        if (network.contains(target)) {
            return network.ip;
        }
        if (network.ip.is_v4() && sender.is_unspecified()) {
            sender = network.ip;
        }
    }
    return sender.is_unspecified() && !addresses.hosts.empty()
               ? *addresses.hosts.begin()
               : sender;
}

// An address may go from one port of the router to another.
bool
is_own(Namespace &inside, const Mac &mac)
{
    const auto route = inside.route();
    const auto links
        = route ? all_links(**route) : std::map<std::string, Seen_link>{};
    return links && std::ranges::any_of(*links, [&](const auto &link) {
               return link.second.mac == mac;
           });
}

} // namespace

Result<Inquiry>
Inquiry::open(uint64_t id, Namespace &inside, const Probe &what, Time now)
{
    std::vector<Ip> all;
    for (const auto &[link, ips] : what.links) {
        all.insert(all.end(), ips.begin(), ips.end());
    }
    auto asker = Asker::open(inside, all);
    if (!asker) {
        return asker.error();
    }
    Inquiry inquiry{id, inside, what, *std::move(asker)};
    for (const auto &[link, ips] : what.links) {
        for (const Ip &ip : ips) {
            inquiry.asks_.push_back({link, ip, now, now + patience});
        }
    }
    return inquiry;
}

std::optional<Outcome>
Inquiry::outcome() const
{
    if (error_) {
        return Outcome{*error_};
    }
    return asks_.empty() ? std::optional{Outcome{Done{}}} : std::nullopt;
}

Inquiry::Time
Inquiry::due() const
{
    return asks_.front().due;
}

// The sockets stay in the namespace that they were opened in.
bool
Inquiry::is_moot(const Namespace &inside)
{
    const bool moot = inside.id() != namespace_;
    if (moot) {
        fail({ESTALE, "the namespace was replaced meanwhile"});
    }
    return moot;
}

void
Inquiry::ask_next(Namespace &inside, Time now)
{
    if (is_moot(inside)) {
        return;
    }
    Ask ask = std::move(asks_.front());
    asks_.pop_front();
    const bool is_free = !what_.answers && ask.sent == probes;
    if (is_free) {
        return;
    }
    const bool over = now >= ask.until;
    const Outcome sent = over && ask.sent ? Done{} : send(inside, ask);
    if (over) {
        conclude(ask, sent);
        return;
    }
    if (!sent) {
        ask.due = now + pause;
    } else {
        schedule(ask, now);
    }
    asks_.push_back(std::move(ask));
}

// It was sent just now.
void
Inquiry::schedule(Ask &ask, Time now) const
{
    ask.due = now + (ask.sent < probes ? spacing : later_spacing);
    if (what_.answers && ask.sent == 0) {
        ask.until = now + milliseconds{what_.timeout};
    }
    if (what_.answers) {
        ask.due = std::min(ask.due, ask.until);
    }
    ask.sent++;
}

Outcome
Inquiry::send(Namespace &inside, const Ask &ask)
{
    const auto route = inside.route();
    if (!route) {
        return route.error();
    }
    const auto link = get_link(**route, ask.link);
    if (!link) {
        return link.error();
    }
    if (!link->carrier) {
        return Error{ENETDOWN, "it has no carrier"};
    }
    links_[link->index] = ask.link;
    const bool as_somebody = what_.answers && ask.ip.is_v4();
    const Ip sender
        = as_somebody ? choose_sender(**route, link->index, ask.ip) : Ip{};
    return asker_.ask(*link, sender, ask.ip);
}

void
Inquiry::conclude(const Ask &ask, const Outcome &last)
{
    const std::string what = (what_.answers ? "the next hop " : "the address ")
                             + to_string(ask.ip) + " of the port " + ask.link;
    if (!last) {
        fail({last.error().code,
              what + " cannot be asked for: " + last.error().what});
    } else {
        fail({ETIMEDOUT, what + " has not answered within "
                             + std::to_string(what_.timeout) + " ms"});
    }
}

void
Inquiry::hear(Namespace &inside)
{
    if (!is_moot(inside)) {
        asker_.hear([&](const Heard &heard) { note(inside, heard); });
    }
}

void
Inquiry::note(Namespace &inside, const Heard &heard)
{
    const auto link = links_.find(heard.link);
    if (link == links_.end()) {
        return;
    }
    const auto &ips = what_.links.at(link->second);
    if (std::ranges::find(ips, heard.ip) == ips.end()
        || (heard.mac && is_own(inside, *heard.mac))) {
        return;
    }
    if (!what_.answers) {
        fail({EADDRINUSE, "the address " + to_string(heard.ip)
                              + " of the port " + link->second
                              + (heard.wants ? " is just being taken by "
                                             : " is in use by ")
                              + to_string(*heard.mac)});
    } else if (!heard.wants) {
        std::erase_if(asks_, [&](const Ask &ask) {
            return ask.link == link->second && ask.ip == heard.ip;
        });
    }
}

} // namespace snat
