#include "floor_kernel.hh"

#include "kernel/ethtool.hh"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

namespace bench {
namespace {

constexpr uint32_t loopback = 1;      // Its index in every namespace.
constexpr uint32_t first_index = 100; // Of others inside.

template <typename Value>
Value
must(snat::Result<Value> result)
{
    if (!result) {
        give_up(("the floor: " + result.error().what).c_str());
    }
    return *std::move(result);
}

snat::Fd
open_current()
{
    return snat::Fd{open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)};
}

snat::Message
link_message(uint32_t index, bool up)
{
    ifinfomsg header{};
    header.ifi_index = static_cast<int>(index);
    header.ifi_flags = up ? IFF_UP : 0;
    header.ifi_change = IFF_UP;
    snat::Message message{RTM_NEWLINK, 0};
    message.header(header);
    return message;
}

snat::Message
pair_message(const std::string &name, uint32_t on_node, uint32_t inside,
             const snat::Fd &net)
{
    ifinfomsg header{}, peer{};
    header.ifi_index = static_cast<int>(on_node);
    header.ifi_flags = header.ifi_change = IFF_UP | IFF_NOARP;
    peer.ifi_index = static_cast<int>(inside);
    snat::Message message{RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL};
    message.header(header).put_text(IFLA_IFNAME, name);
    message.nest(IFLA_LINKINFO, [&] {
        message.put_text(IFLA_INFO_KIND, "veth");
        message.nest(IFLA_INFO_DATA, [&] {
            message.nest(VETH_INFO_PEER, [&] {
                message.append(&peer, sizeof peer);
                message.put_text(IFLA_IFNAME, name);
                message.put_u32(IFLA_NET_NS_FD,
                                static_cast<uint32_t>(net.get()));
            });
        });
    });
    return message;
}

snat::Message
no_ipv6_message(uint32_t index)
{
    ifinfomsg header{};
    header.ifi_index = static_cast<int>(index);
    snat::Message message{RTM_SETLINK, 0};
    message.header(header).nest(IFLA_AF_SPEC, [&] {
        message.nest(AF_INET6, [&] {
            message.put_u8(IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
        });
    });
    return message;
}

snat::Message
move_message(const std::string &name, uint32_t inside, const snat::Fd &net)
{
    snat::Message message = link_message(0, true);
    message.put_text(IFLA_IFNAME, name)
        .put_u32(IFLA_NET_NS_FD, static_cast<uint32_t>(net.get()))
        .put_u32(IFLA_NEW_IFINDEX, inside);
    return message;
}

snat::Message
address_message(uint32_t index, const snat::Network &network)
{
    ifaddrmsg header{};
    header.ifa_family = AF_INET;
    header.ifa_prefixlen = network.length;
    header.ifa_index = index;
    snat::Message message{RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, 256};
    message.header(header)
        .put_ip(IFA_LOCAL, network.ip)
        .put_ip(IFA_ADDRESS, network.ip);
    return message;
}

snat::Message
route_message(const snat::Route &route, uint32_t index)
{
    rtmsg header{};
    header.rtm_family = AF_INET;
    header.rtm_dst_len = route.prefix.length;
    header.rtm_table = RT_TABLE_MAIN;
    header.rtm_protocol = RTPROT_STATIC;
    header.rtm_scope = RT_SCOPE_UNIVERSE;
    header.rtm_type = RTN_UNICAST;
    snat::Message message{RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, 256};
    message.header(header)
        .put_ip(RTA_GATEWAY, *route.hops.begin()->via)
        .put_u32(RTA_OIF, index);
    return message;
}

} // namespace

Floor_node::Floor_node()
    : node{open_current(), must(snat::Netlink::open(NETLINK_ROUTE))}
{
}

Floor_namespace::Floor_namespace(Floor_node &node, std::string name)
    : shared_{node}, path_{"/run/netns/" + std::move(name)}
{
    if (unshare(CLONE_NEWNET)) {
        give_up("the floor: cannot make a namespace");
    }
    snat::Fd net = open_current();
    const snat::Fd target{
        open(path_.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0)};
    if (mount("/proc/thread-self/ns/net", path_.c_str(), "none", MS_BIND,
              nullptr)
        || setns(shared_.node.net.get(), CLONE_NEWNET)) {
        give_up("the floor: cannot name a namespace");
    }
    const auto id = must(snat::identify(net));
    inside_.emplace(shared_.node, std::move(net), id);
}

snat::Netlink &
Floor_namespace::route()
{
    return *must(inside_->route());
}

snat::Netlink &
Floor_namespace::netfilter()
{
    return *must(inside_->netfilter());
}

void
Floor_namespace::make_pairs(const Links &links)
{
    std::vector<snat::Message> messages;
    for (const auto &[name, link] : links) {
        const uint32_t on_node = ++shared_.last_index;
        const uint32_t inside = first_index + indexes_.size();
        indexes_[name] = inside;
        messages.push_back(
            pair_message(name, on_node, inside, inside_->net()));
        messages.push_back(no_ipv6_message(on_node));
    }
    must(shared_.node.route.send(messages, "make pairs"));
    for (const auto &[name, link] : links) {
        must(snat::set_checksum_offload(*inside_, name, false));
    }
}

void
Floor_namespace::move_in(const Links &links)
{
    for (const auto &[name, link] : links) {
        const uint32_t inside = first_index + indexes_.size();
        indexes_[name] = inside;
        must(shared_.node.route.send(
            move_message(name, inside, inside_->net()), "move in a device"));
    }
}

void
Floor_namespace::set_sysctls(const std::map<std::string, std::string> &sysctls)
{
    for (const auto &[key, value] : sysctls) {
        must(shared_.sysctls.write(*inside_, key, value));
    }
}

void
Floor_namespace::configure(
    const Links &links, const std::map<snat::Route_place, snat::Route> &routes)
{
    std::vector<snat::Message> messages;
    messages.push_back(link_message(loopback, true));
    for (const auto &[name, link] : links) {
        messages.push_back(link_message(indexes_.at(name), true));
        for (const auto &network : link.addresses) {
            messages.push_back(address_message(indexes_.at(name), network));
        }
        for (const auto &ip : link.hosts) {
            messages.push_back(
                address_message(indexes_.at(name), snat::host_network(ip)));
        }
    }
    for (const auto &[place, route] : routes) {
        messages.push_back(
            route_message(route, indexes_.at(route.hops.begin()->link)));
    }
    must(route().send(messages, "configure links"));
}

void
Floor_namespace::add_host(const std::string &link, const snat::Ip &ip)
{
    must(route().send(
        address_message(indexes_.at(link), snat::host_network(ip)),
        "add an address"));
}

void
Floor_namespace::load(const Floor_rules &rules)
{
    must(bench::load(netfilter(), rules));
}

void
Floor_namespace::add(const Floating_ips &more)
{
    must(bench::add(netfilter(), more));
}

void
Floor_namespace::drop()
{
    if (umount2(path_.c_str(), MNT_DETACH) || unlink(path_.c_str())) {
        give_up("the floor: cannot drop a namespace");
    }
    inside_.reset();
}

} // namespace bench
