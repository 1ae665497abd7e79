#include "kernel/watch.hh"

#include "kernel/datagram.hh"
#include "kernel/failure.hh"
#include "kernel/links.hh"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

namespace snat {
namespace {

constexpr std::chrono::milliseconds pause{20};

// Room for what a large change of our own brings up; what does not fit is
// lost, and told to be so.
constexpr int buffer_size = 4 << 20;

// Of one piece of news, at most so many messages: requests have their turn.
constexpr int max_messages = 256;

// And at most so many times that before a look.
constexpr int max_turns = 1000;

Result<Fd>
listen(int protocol, std::initializer_list<int> groups)
{
    Fd fd{
        socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol)};
    sockaddr_nl local{};
    local.nl_family = AF_NETLINK;
    if (!fd
        || bind(fd.get(), reinterpret_cast<sockaddr *>(&local),
                sizeof local)) {
        return failure("open a netlink socket to listen");
    }
    (void)setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &buffer_size,
                     sizeof buffer_size);
    const int on = 1;
    if (setsockopt(fd.get(), SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, &on,
                   sizeof on)) {
        return failure("listen to all namespaces");
    }
    for (const int group : groups) {
        if (setsockopt(fd.get(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
                       sizeof group)) {
            return failure("join netlink group " + std::to_string(group));
        }
    }
    return fd;
}

// A commit of nf_tables tells each of its parts, of which there may be tens of
// thousands, and at last that there is a new generation: all that we need.
Outcome
keep_generations_only(const Fd &fd)
{
    constexpr uint16_t new_generation
        = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWGEN;
    // The program reads what it loads as if it had come from the network.
    std::array<sock_filter, 4> program = {
        {BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offsetof(nlmsghdr, nlmsg_type)),
         BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(new_generation), 0, 1),
         BPF_STMT(BPF_RET | BPF_K, UINT32_MAX), BPF_STMT(BPF_RET | BPF_K, 0)}};
    const sock_fprog filter{program.size(), program.data()};
    return setsockopt(fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, &filter,
                      sizeof filter)
               ? Outcome{failure("filter what nf_tables tells")}
               : Done{};
}

} // namespace

Result<Watch>
Watch::open(Namespaces &namespaces)
{
    auto route = listen(
        NETLINK_ROUTE,
        {RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
         RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE,
         RTNLGRP_IPV6_RULE, RTNLGRP_IPV4_NETCONF, RTNLGRP_IPV6_NETCONF});
    if (!route) {
        return route.error();
    }
    auto netfilter = listen(NETLINK_NETFILTER, {NFNLGRP_NFTABLES});
    if (!netfilter) {
        return netfilter.error();
    }
    if (const Outcome outcome = keep_generations_only(*netfilter); !outcome) {
        return outcome.error();
    }
    Fd mounts{::open("/proc/thread-self/mounts", O_RDONLY | O_CLOEXEC)};
    if (!mounts) {
        return failure("open the table of mounts");
    }
    return Watch{namespaces, *std::move(route), *std::move(netfilter),
                 std::move(mounts)};
}

// What comes while nothing may be told waits, to go together.
std::array<pollfd, 3>
Watch::polled() const
{
    const bool waits = deadline().has_value();
    return {{{waits ? -1 : route_.get(), POLLIN, 0},
             {waits ? -1 : netfilter_.get(), POLLIN, 0},
             {waits ? -1 : mounts_.get(), POLLPRI, 0}}};
}

std::optional<Watch::Clock::time_point>
Watch::deadline() const
{
    return quiet_until_ > Clock::now() ? std::optional{quiet_until_}
                                       : std::nullopt;
}

void
Watch::hear(const std::array<pollfd, 3> &polled)
{
    if (polled[0].revents) {
        hear_messages(route_, true);
    }
    if (polled[1].revents) {
        hear_messages(netfilter_, false);
    }
    if (polled[2].revents) {
        for (const std::string &router : namespaces_.without_name()) {
            heard_.routers.insert(router);
        }
    }
}

// False if that was not all.
bool
Watch::hear_messages(const Fd &socket, bool links)
{
    for (int i = 0; i < max_messages; i++) {
        Datagram<65536> datagram;
        const bool received = datagram.receive(socket);
        if (!received && errno == EAGAIN) {
            return true;
        }
        if (received) {
            // Without a number it is from the node itself.
            hear_datagram(
                datagram.control<int>(SOL_NETLINK, NETLINK_LISTEN_ALL_NSID),
                datagram.bytes(), links);
        } else if (errno == ENOBUFS) {
            lose();
        }
    }
    return false;
}

// Somebody who always has more to tell is not waited for.
void
Watch::hear_all(const Fd &socket, bool links)
{
    for (int i = 0; i < max_turns; i++) {
        if (hear_messages(socket, links)) {
            return;
        }
    }
    lose();
}

void
Watch::lose()
{
    heard_.all = true;
    namespaces_.forget_seen();
}

void
Watch::hear_datagram(std::optional<int> number, std::span<const char> bytes,
                     bool links)
{
    int rest = static_cast<int>(bytes.size());
    const auto *header = reinterpret_cast<const nlmsghdr *>(bytes.data());
    for (; nlmsg_ok(header, rest);
         header = nlmsg_next(const_cast<nlmsghdr *>(header), &rest)) {
        if (number && links) {
            hear_of_namespace(*number, header->nlmsg_type, Reply{header});
        } else if (links) {
            hear_of_node(header->nlmsg_type, Reply{header});
        }
    }
    const std::string *router
        = number ? namespaces_.router_of(*number) : nullptr;
    if (router) {
        heard_.routers.insert(*router);
    }
}

void
Watch::hear_of_namespace(int number, uint16_t type, const Reply &news)
{
    const std::string *router = namespaces_.router_of(number);
    if (router && (type == RTM_NEWNETCONF || type == RTM_DELNETCONF)) {
        sysctls_.insert(*router);
    }
    Namespace *inside = namespaces_.of_number(number);
    if (inside && inside->seen() && !inside->seen()->hear(type, news)) {
        inside->seen().reset();
    }
}

// Only devices are of interest: ours have the names of ports.
void
Watch::hear_of_node(uint16_t type, const Reply &news)
{
    if (type == RTM_NEWLINK || type == RTM_DELLINK) {
        const Seen_link link = parse_link(news);
        heard_.links.insert(link.name);
        namespaces_.node().seen.forget(link);
    }
}

void
Watch::looks_at(const Observe &what)
{
    hear_all(route_, true);
    hear_all(netfilter_, false);
    heard_.routers.erase(what.router);
    if (!what.remembered) { // Else it does not look at them.
        sysctls_.erase(what.router);
    }
    for (const std::string &link : what.links) {
        heard_.links.erase(link);
    }
}

void
Watch::expects_look()
{
    quiet_until_ = Clock::now() + pause;
}

std::optional<Moved>
Watch::take()
{
    if ((heard_ == Moved{} && sysctls_.empty()) || deadline()) {
        return std::nullopt;
    }
    quiet_until_ = Clock::now() + pause;
    heard_.routers.merge(std::exchange(sysctls_, {}));
    return std::exchange(heard_, {});
}

} // namespace snat
