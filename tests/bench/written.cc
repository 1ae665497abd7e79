#include "written.hh"

#include "client.hh"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace bench {
namespace {

constexpr int buffer_size = 64 << 20;

// Namespaces are heard once they have a number in this one, which the daemon
// gives them.
snat::Fd
listen(int protocol, std::initializer_list<int> groups)
{
    snat::Fd fd{
        socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol)};
    sockaddr_nl local{};
    local.nl_family = AF_NETLINK;
    const int on = 1;
    if (!fd
        || bind(fd.get(), reinterpret_cast<sockaddr *>(&local), sizeof local)
        || setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &buffer_size,
                      sizeof buffer_size)
        || setsockopt(fd.get(), SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, &on,
                      sizeof on)) {
        give_up("cannot listen to the namespaces");
    }
    for (const int group : groups) {
        if (setsockopt(fd.get(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
                       sizeof group)) {
            give_up("cannot join a group of netlink");
        }
    }
    return fd;
}

int
count(const snat::Fd &fd)
{
    int messages = 0;
    std::vector<char> buffer(1 << 16);
    for (;;) {
        auto left = recv(fd.get(), buffer.data(), buffer.size(), 0);
        if (left < 0 && errno == EAGAIN) {
            return messages;
        }
        if (left < 0) {
            give_up("there was more news than can be counted");
        }
        auto *header = reinterpret_cast<nlmsghdr *>(buffer.data());
        for (; NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
            messages++;
        }
    }
}

uintmax_t
size_of(const char *database)
{
    const char *directory = getenv("OVS_DBDIR");
    std::error_code unknown;
    const auto size = std::filesystem::file_size(
        std::filesystem::path{directory ? directory : "."} / database,
        unknown);
    if (unknown) {
        give_up("there is no file of the database in OVS_DBDIR");
    }
    return size;
}

constexpr const char *own = "ovs_snat.db", *of_switch = "conf.db";

} // namespace

Written::Written()
    : route_{listen(NETLINK_ROUTE,
                    {RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
                     RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE,
                     RTNLGRP_IPV6_RULE, RTNLGRP_IPV4_NETCONF,
                     RTNLGRP_IPV6_NETCONF})},
      netfilter_{listen(NETLINK_NETFILTER, {NFNLGRP_NFTABLES})},
      own_{size_of(own)}, switch_{size_of(of_switch)}
{
}

std::vector<Fact>
Written::facts()
{
    const auto grown = [](const char *database, uintmax_t since) {
        return static_cast<double>(size_of(database))
               - static_cast<double>(since);
    };
    return {{"news of the networks", double(count(route_)), "", 0},
            {"news of nf_tables", double(count(netfilter_)), "", 0},
            {"written to OVS_SNAT", grown(own, own_), "B", 0},
            {"written to Open_vSwitch", grown(of_switch, switch_), "B", 0}};
}

} // namespace bench
