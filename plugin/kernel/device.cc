#include "kernel/device.hh"

#include "kernel/ethtool.hh"
#include "kernel/failure.hh"
#include "kernel/tap.hh"
#include "router/names.hh"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

#include <cerrno>

namespace snat {
namespace {

// The node's end of a pair: it has the same name, and the index that the end
// inside knows as its peer's.
Result<std::optional<Seen_link>>
find_node_end(Namespace &inside, const Seen_link &link)
{
    auto found = find_link(inside.node().route, link.name);
    if (found && *found && !is_other_end(**found, link)) {
        return std::optional<Seen_link>{};
    }
    return found;
}

void
put_end(Message &message, const std::string &name, uint32_t mtu,
        const std::optional<Mac> &mac)
{
    message.put_text(IFLA_IFNAME, name).put_u32(IFLA_MTU, mtu);
    if (mac) {
        message.put_mac(IFLA_ADDRESS, *mac);
    }
}

// One end is born inside, since moving it there later would take 20 ms.  The
// kernel honours an index for it only if the node's end gets one too.
//
// The node's end belongs to the switch: the node's own network stack must not
// answer ARP there.  It is born up, for ovs-vswitchd, which opens it when it
// hears of it, writes back all flags as they were at that moment.
Message
pair_message(const Namespace &inside, const std::string &name,
             const Device &device)
{
    ifinfomsg on_node{}, peer{};
    on_node.ifi_index = static_cast<int>(device.node_index);
    on_node.ifi_flags = IFF_NOARP | (device.node_up ? IFF_UP : 0);
    on_node.ifi_change = IFF_UP | IFF_NOARP;
    peer.ifi_index = static_cast<int>(device.index);
    const auto net = static_cast<uint32_t>(inside.net().get());

    Message message{RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL};
    message.header(on_node);
    put_end(message, name, device.mtu, device.node_mac);
    message.nest(IFLA_LINKINFO, [&] {
        message.put_text(IFLA_INFO_KIND, "veth");
        message.nest(IFLA_INFO_DATA, [&] {
            message.nest(VETH_INFO_PEER, [&] {
                message.append(&peer, sizeof peer);
                put_end(message, name, device.mtu, device.mac);
                message.put_u32(IFLA_NET_NS_FD, net);
            });
        });
    });
    return message;
}

// Nor must the node have an IPv6 address there.  This comes in time, for the
// kernel makes none before there is a carrier; with a smaller MTU it does not
// know of IPv6 there at all.
void
put_no_ipv6(Message &message, uint32_t mtu)
{
    if (mtu >= least_ipv6_mtu) {
        message.nest(IFLA_AF_SPEC, [&] {
            message.nest(AF_INET6, [&] {
                message.put_u8(IFLA_INET6_ADDR_GEN_MODE,
                               IN6_ADDR_GEN_MODE_NONE);
            });
        });
    }
}

Outcome
have_no_ipv6(Netlink &node, const std::string &name, uint32_t mtu)
{
    Message message{RTM_SETLINK, 0};
    message.header(ifinfomsg{}).put_text(IFLA_IFNAME, name);
    put_no_ipv6(message, mtu);
    return node.send(message, "set up " + name);
}

// What the kernel does not take with the birth.
Outcome
set_up_node_end(Netlink &node, const std::string &name,
                const std::string &router, uint32_t mtu)
{
    Message message{RTM_SETLINK, 0};
    message.header(ifinfomsg{}).put_text(IFLA_IFNAME, name);
    message.put_text(IFLA_IFALIAS, mark_of(router));
    put_no_ipv6(message, mtu);
    return node.send(message, "set up " + name);
}

Error
taken(const Seen_link &by, const char *where)
{
    return {EEXIST, "cannot make the device " + by.name
                        + ": another one has this name " + where
                        + ", of kind \"" + by.kind + "\""
                        + (by.alias.empty()
                               ? ""
                               : " and alias \"" + plain(by.alias) + "\"")};
}

// The kernel says the same of a name and of an index that is taken.  A pair
// that is made again gets other indexes if its own are another's by now; the
// name inside is free, since the caller has looked.
Outcome
add_pair(Namespace &inside, const std::string &name, Device device)
{
    Netlink &node = inside.node().route;
    const std::string what = "make the veth pair " + name;
    const Outcome made = node.send(pair_message(inside, name, device), what);
    if (made || made.error().code != EEXIST) {
        return made;
    }
    const auto there = find_link(node, name);
    if (there && *there) {
        return taken(**there, "on the node");
    }
    device.index = device.node_index = 0;
    return node.send(pair_message(inside, name, device), what);
}

Outcome
make_pair(Namespace &inside, const std::string &router,
          const std::string &name, const Device &device)
{
    Netlink &node = inside.node().route;
    if (const Outcome made = add_pair(inside, name, device); !made) {
        return made;
    }
    Outcome set = set_up_node_end(node, name, router, device.mtu);
    if (set && !device.checksum_offload) {
        set = set_checksum_offload(inside, name, false);
    }
    if (!set) {
        if (const auto half = find_link(node, name); half && *half) {
            (void)delete_link(node, **half);
        }
    }
    return set;
}

// Indexes do not count: they may have been others' when it was made.
bool
is_alike(const Device &seen, const Device &wanted)
{
    const auto fits = [](const auto &have, const auto &want) {
        return !want || have == want;
    };
    return seen.wiring == wanted.wiring && fits(seen.mac, wanted.mac)
           && fits(seen.node_mac, wanted.node_mac);
}

Outcome
make_device(Namespace &inside, const std::string &router,
            const std::string &name, const Device &wanted)
{
    const auto route = inside.route();
    if (!route) {
        return route.error();
    }
    const auto link = find_link(**route, name);
    if (!link) {
        return link.error();
    }
    if (*link) {
        const auto seen = see_device(inside, **link);
        if (!seen) {
            return seen.error();
        }
        return *seen && is_alike(**seen, wanted)
                   ? settle(inside, **link, **seen, wanted)
                   : taken(**link, "in the namespace");
    }
    return wanted.wiring == Wiring::veth
               ? make_pair(inside, router, name, wanted)
               : make_dead_tap(inside, name, wanted);
}

Outcome
delete_device(Namespace &inside, const std::string &name, const Device &was)
{
    const auto route = inside.route();
    if (!route) {
        return route.error();
    }
    const auto link = find_link(**route, name);
    if (!link) {
        return link.error();
    }
    if (*link && wiring_of(**link) != was.wiring) {
        return Error{EEXIST, "will not delete " + name + ": it is of kind \""
                                 + (*link)->kind + "\""};
    }
    return *link ? delete_link(**route, **link) : Outcome{Done{}};
}

Outcome
change_device(Namespace &inside, const std::string &name, const Device &wanted)
{
    const auto route = inside.route();
    if (!route) {
        return route.error();
    }
    const auto link = get_link(**route, name);
    if (!link) {
        return link.error();
    }
    const auto seen = see_device(inside, *link);
    if (!seen) {
        return seen.error();
    }
    if (!*seen || (*seen)->wiring != wanted.wiring) {
        return Error{EEXIST, "will not change " + name + ": it is of kind \""
                                 + link->kind + "\""};
    }
    return settle(inside, *link, **seen, wanted);
}

Outcome
settle_node_end(Namespace &inside, const Seen_link &link, const Device &seen,
                const Device &wanted)
{
    const auto node_end = find_node_end(inside, link);
    if (!node_end || !*node_end) {
        return node_end ? Outcome{Done{}} : node_end.error();
    }
    Netlink &node = inside.node().route;
    Outcome outcome = Done{};
    if (wanted.mtu != seen.mtu) {
        outcome = change_link(node, **node_end, {std::nullopt, wanted.mtu});
    }
    if (outcome && seen.mtu < least_ipv6_mtu) {
        outcome = have_no_ipv6(node, link.name, wanted.mtu);
    }
    if (outcome && wanted.node_up != seen.node_up) {
        outcome = set_up(node, link.name, wanted.node_up);
    }
    return outcome;
}

// One attribute after the other, from 'seen' to 'wanted'.
Outcome
settle_each(Namespace &inside, const Seen_link &link, const Device &seen,
            const Device &wanted)
{
    const auto route = inside.route();
    if (!route) {
        return route.error();
    }
    Link_change change;
    if (wanted.mac && wanted.mac != seen.mac) {
        change.mac = wanted.mac;
    }
    if (wanted.mtu != seen.mtu) {
        change.mtu = wanted.mtu;
    }
    Outcome outcome = change_link(**route, link, change);
    const bool is_pair = seen.wiring == Wiring::veth;
    if (outcome && is_pair) {
        outcome = settle_node_end(inside, link, seen, wanted);
    }
    if (outcome && is_pair
        && wanted.checksum_offload != seen.checksum_offload) {
        outcome
            = set_checksum_offload(inside, link.name, wanted.checksum_offload);
    }
    return outcome;
}

} // namespace

std::optional<Device>
see_device_on_node(const Seen_link &link)
{
    const auto wiring = wiring_of(link);
    if (!wiring) {
        return std::nullopt;
    }
    Device device;
    device.wiring = *wiring;
    device.mac = link.mac;
    device.mtu = link.mtu;
    device.index = link.index;
    return device;
}

// The offloads of the switch's own device are the switch's: a tap's are what
// ovs-vswitchd asked for, whatever we would set.  They count as right.
Result<std::optional<Device>>
see_device(Namespace &inside, const Seen_link &link)
{
    auto device = see_device_on_node(link);
    if (!device || device->wiring != Wiring::veth) {
        return device;
    }
    const auto node_end = find_node_end(inside, link);
    if (!node_end) {
        return node_end.error();
    }
    const auto offload = checksum_offload(inside, link.name);
    if (!offload) {
        return offload.error();
    }
    return std::optional{
        pair_of(link, *node_end ? &**node_end : nullptr, *offload)};
}

Device
pair_of(const Seen_link &link, const Seen_link *node_end,
        bool checksum_offload)
{
    Device device = see_device_on_node(link).value_or(Device{});
    device.checksum_offload = checksum_offload;
    if (node_end) {
        device.node_index = node_end->index;
        device.node_mac = node_end->mac;
        device.node_up = node_end->up;
    }
    return device;
}

bool
is_other_end(const Seen_link &on_node, const Seen_link &link)
{
    return on_node.index == link.peer && on_node.kind == "veth";
}

Outcome
settle(Namespace &inside, const Seen_link &link, const Device &seen,
       const Device &wanted)
{
    const Outcome outcome = settle_each(inside, link, seen, wanted);
    if (!outcome) {
        (void)settle_each(inside, link, wanted, seen);
    }
    return outcome;
}

Outcome
set_device(Namespace &inside, const std::string &router,
           const Set_device &step)
{
    if (!step.becomes) {
        return step.was ? delete_device(inside, step.link, *step.was)
                        : Outcome{Done{}};
    }
    return step.was ? change_device(inside, step.link, *step.becomes)
                    : make_device(inside, router, step.link, *step.becomes);
}

} // namespace snat
