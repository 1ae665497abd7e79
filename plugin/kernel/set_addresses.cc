#include "kernel/set_addresses.hh"

#include "kernel/addresses.hh"
#include "kernel/links.hh"
#include "kernel/own_routes.hh"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <map>
#include <optional>
#include <ranges>
#include <utility>

namespace snat {
namespace {

using Networks = std::vector<Network>;

bool
contains(const Networks &list, const Network &network)
{
    return std::ranges::find(list, network) != list.end();
}

// As Neutron sets it: the last address of the network; none where a network
// has no such address.
std::optional<Ip>
broadcast_of(const Network &network)
{
    if (!network.ip.is_v4() || network.length > 30) {
        return std::nullopt;
    }
    Ip last = network.ip;
    for (unsigned bit = network.length; bit < 32; bit++) {
        last.bytes[bit / 8] |= 0x80 >> bit % 8;
    }
    return last;
}

Message
address_message(uint16_t type, uint32_t index, const Network &network)
{
    ifaddrmsg header{};
    header.ifa_family = network.ip.is_v4() ? AF_INET : AF_INET6;
    header.ifa_prefixlen = network.length;
    header.ifa_index = index;
    header.ifa_scope = RT_SCOPE_UNIVERSE;
    const uint16_t flags = type == RTM_NEWADDR ? NLM_F_CREATE | NLM_F_EXCL : 0;
    Message message{type, flags, 256};
    message.header(header).put_ip(IFA_LOCAL, network.ip);
    message.put_ip(IFA_ADDRESS, network.ip);
    const auto broadcast = broadcast_of(network);
    if (type == RTM_NEWADDR && broadcast) {
        message.put_ip(IFA_BROADCAST, *broadcast);
    }
    return message;
}

// The order in which the kernel has 'wanted' if they are added in theirs:
// IPv4 first; of IPv4 the first of each network before the others; of IPv6
// the link-local ones before the global ones.
Networks
kernel_order(const Networks &wanted)
{
    Networks primary, secondary, link_local, global;
    for (const Network &network : wanted) {
        const auto same_network = [&](const Network &other) {
            return other.length == network.length
                   && other.contains(network.ip);
        };
        if (!network.ip.is_v4()) {
            (network.ip.is_link_local() ? link_local : global)
                .push_back(network);
        } else if (std::ranges::any_of(primary, same_network)) {
            secondary.push_back(network);
        } else {
            primary.push_back(network);
        }
    }
    for (const Networks *more : {&secondary, &link_local, &global}) {
        primary.insert(primary.end(), more->begin(), more->end());
    }
    return primary;
}

// IPv6 knows an address by itself, whatever its prefix length.
bool
clash(const Network &a, const Network &b)
{
    return a == b || (!a.ip.is_v4() && a.ip == b.ip);
}

// The way from one list to another of the same family, as messages.
class Transition {
public:
    Transition(uint32_t index, Networks have, Networks wanted)
        : index_{index}, have_{std::move(have)}, wanted_{std::move(wanted)}
    {
    }

    // What is there and stands in the right order stays.  The rest is added
    // at the end, what must move away immediately before, what is unwanted
    // at last.
    std::vector<Message> gently();

    // Everything that does not stay goes first.
    std::vector<Message> strictly();

private:
    size_t staying() const;
    void add(const Network &network);
    void remove(const Network &network);
    void remove_all_but(const Networks &kept);

    uint32_t index_;
    Networks have_, wanted_;
    std::vector<Message> messages_;
};

// The longest beginning of wanted_ that is in have_ in this order.
size_t
Transition::staying() const
{
    size_t n = 0;
    for (const Network &network : have_) {
        n += n < wanted_.size() && network == wanted_[n];
    }
    return n;
}

void
Transition::add(const Network &network)
{
    messages_.push_back(address_message(RTM_NEWADDR, index_, network));
    have_.push_back(network);
}

void
Transition::remove(const Network &network)
{
    messages_.push_back(address_message(RTM_DELADDR, index_, network));
    std::erase(have_, network);
}

void
Transition::remove_all_but(const Networks &kept)
{
    for (const Network &network : Networks{have_}) {
        if (!contains(kept, network)) {
            remove(network);
        }
    }
}

std::vector<Message>
Transition::gently()
{
    for (const Network &network : wanted_ | std::views::drop(staying())) {
        for (const Network &old : Networks{have_}) {
            if (clash(old, network)) {
                remove(old);
            }
        }
        add(network);
    }
    remove_all_but(wanted_);
    return std::move(messages_);
}

std::vector<Message>
Transition::strictly()
{
    const size_t n = staying();
    remove_all_but({wanted_.begin(), wanted_.begin() + ptrdiff_t(n)});
    for (const Network &network : wanted_ | std::views::drop(n)) {
        add(network);
    }
    return std::move(messages_);
}

Networks
of_family(const Networks &networks, Family family)
{
    Networks out;
    std::ranges::copy_if(
        networks, std::back_inserter(out),
        [&](const Network &n) { return n.ip.family == family; });
    return out;
}

Result<Networks>
see_family(Netlink &route, uint32_t index, Family family)
{
    auto seen = see_addresses(route, index);
    if (!seen) {
        return seen.error();
    }
    return of_family((*seen)[index].networks, family);
}

// Without promote_secondaries, removing the first address of a network takes
// the others with it, so the gentle way may end in the wrong place.  The
// strict one does not.
Outcome
change_family(Netlink &route, const Seen_link &link, Networks have,
              const Networks &wanted, Family family, const std::string &what)
{
    Outcome sent = Done{};
    for (const bool strict : {false, true}) {
        if (have == wanted) {
            return Done{};
        }
        Transition way{link.index, have, wanted};
        sent = route.send(strict ? way.strictly() : way.gently(), what);
        auto now = see_family(route, link.index, family);
        if (!now) {
            return now.error();
        }
        have = *std::move(now);
    }
    if (have == wanted) {
        return Done{};
    }
    return sent ? Error{EAGAIN, "cannot " + what + ": others came out"} : sent;
}

// Leaves the addresses of the family as they were if it fails.
Outcome
change_or_restore(Netlink &route, const Seen_link &link, const Networks &have,
                  const Networks &wanted, Family family)
{
    const std::string what = std::string{"set the "}
                             + (family == Family::ipv4 ? "IPv4" : "IPv6")
                             + " addresses of " + link.name;
    const Networks old = of_family(have, family);
    const Outcome outcome = change_family(
        route, link, old, of_family(wanted, family), family, what);
    if (!outcome) {
        const auto now = see_family(route, link.index, family);
        (void)change_family(route, link, now ? *now : Networks{}, old, family,
                            what);
    }
    return outcome;
}

// An IPv6 address holds on to its route in table "local": of another one that
// was put there the kernel would not know when the address goes.  So the
// addresses are set anew, and their links' routes with them.
Networks
without_route(const std::map<Own_route, Ip> &missing, const Networks &have)
{
    Networks out;
    for (const auto &[own, ip] : missing) {
        const auto address = std::ranges::find(have, ip, &Network::ip);
        if (!ip.is_v4() && own.type == RTN_LOCAL && address != have.end()) {
            out.push_back(*address);
        }
    }
    return out;
}

Outcome
set_anew(Netlink &route, const Seen_link &link, const Networks &have,
         const Networks &lost)
{
    Networks rest = have;
    std::erase_if(rest, [&](const Network &n) { return contains(lost, n); });
    const Outcome gone
        = change_or_restore(route, link, have, rest, Family::ipv6);
    return gone ? change_or_restore(route, link, rest, have, Family::ipv6)
                : gone;
}

Outcome
restore_routes(Netlink &route, const Seen_link &link)
{
    const auto seen = see_addresses(route, link.index);
    const auto own = see_own_routes(route);
    if (!seen || !own) {
        return seen ? own.error() : seen.error();
    }
    const auto found = seen->find(link.index);
    if (!link.up || found == seen->end()) {
        return Done{};
    }
    const auto missing = missing_own_routes(*own, link.index, found->second);
    const Networks &have = found->second.networks;
    const Networks lost = without_route(missing, have);
    if (!lost.empty()) {
        const Outcome outcome = set_anew(route, link, have, lost);
        return outcome ? restore_routes(route, link) : outcome;
    }
    for (const auto &[one, address] : missing) {
        const Outcome outcome = add_own_route(route, one, address);
        if (!outcome) {
            return outcome;
        }
    }
    return Done{};
}

// New ones are there before old ones go.
Outcome
send_hosts(Netlink &route, const Seen_link &link, const Change_hosts &step)
{
    std::vector<Message> messages;
    const auto put = [&](uint16_t type, const Ip &ip) {
        messages.push_back(
            address_message(type, link.index, host_network(ip)));
    };
    for (const Ip &ip : step.becomes) {
        put(RTM_NEWADDR, ip);
    }
    for (const Ip &ip : step.was) {
        put(RTM_DELADDR, ip);
    }
    return route.send(messages, "change the addresses of " + link.name);
}

// Of what is so already the kernel says that it cannot be done.
bool
is_done(const std::map<uint32_t, Seen_addresses> &seen, uint32_t index,
        const Change_hosts &step)
{
    const auto found = seen.find(index);
    const Hosts have = found == seen.end() ? Hosts{} : found->second.hosts;
    const auto is_there = [&](const Ip &ip) { return have.contains(ip); };
    return std::ranges::all_of(step.becomes, is_there)
           && std::ranges::none_of(step.was, is_there);
}

} // namespace

Outcome
set_addresses(Netlink &route, const std::string &link,
              const std::vector<Network> &wanted)
{
    const auto seen = get_link(route, link);
    if (!seen) {
        return without_link(seen.error(), wanted.empty());
    }
    const auto before = see_addresses(route, seen->index);
    if (!before) {
        return before.error();
    }
    const auto found = before->find(seen->index);
    const Networks have
        = found == before->end() ? Networks{} : found->second.networks;
    const Networks target = kernel_order(wanted);
    if (have == target) {
        return restore_routes(route, *seen);
    }
    const Outcome v4
        = change_or_restore(route, *seen, have, target, Family::ipv4);
    if (!v4) {
        return v4;
    }
    const Outcome v6
        = change_or_restore(route, *seen, have, target, Family::ipv6);
    if (!v6) {
        (void)change_or_restore(route, *seen, target, have, Family::ipv4);
    }
    return v6;
}

Outcome
change_hosts(Netlink &route, const Change_hosts &step)
{
    const auto link = get_link(route, step.link);
    if (!link) {
        return without_link(link.error(), step.becomes.empty());
    }
    const Outcome sent = send_hosts(route, *link, step);
    if (sent) {
        return sent;
    }
    const auto now = see_addresses(route, link->index);
    if (now && is_done(*now, link->index, step)) {
        return Done{};
    }
    (void)send_hosts(route, *link, {step.link, step.becomes, step.was});
    return sent;
}

} // namespace snat
