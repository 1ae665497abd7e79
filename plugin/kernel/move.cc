#include "kernel/move.hh"

#include "kernel/device.hh"
#include "kernel/failure.hh"
#include "kernel/links.hh"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <cerrno>

namespace snat {
namespace {

// Where a device comes from and where it goes.
struct Way {
    Netlink &from, &to;
    const Fd &target;
    std::string words;
};

// All in one message: each would cost the same 20 ms of waiting, and there is
// no half-moved device to see.  The kernel sets a device down that it moves;
// this says so.
Message
move_message(const Seen_link &link, const Fd &target, const Device &becomes)
{
    ifinfomsg header{};
    header.ifi_index = static_cast<int>(link.index);
    header.ifi_change = IFF_UP;
    Message message{RTM_NEWLINK, 0};
    message.header(header).put_u32(IFLA_NET_NS_FD,
                                   static_cast<uint32_t>(target.get()));
    message.put_text(IFLA_IFNAME, link.name);
    message.put_u32(IFLA_MTU, becomes.mtu);
    if (becomes.mac) {
        message.put_mac(IFLA_ADDRESS, *becomes.mac);
    }
    if (becomes.index) {
        message.put_u32(IFLA_NEW_IFINDEX, becomes.index);
    }
    return message;
}

// The kernel moves first and sets MAC and MTU then, so a message that failed
// may have moved the device all the same: it is brought back.
Outcome
move(const Way &way, const Way &back, const Seen_link &link,
     const Device &becomes, const Device &was)
{
    const Outcome moved
        = way.from.send(move_message(link, way.target, becomes),
                        "move " + link.name + way.words);
    if (!moved) {
        if (const auto there = find_link(way.to, link.name);
            there && *there && wiring_of(**there) == Wiring::internal) {
            (void)back.from.send(move_message(**there, back.target, was),
                                 "move " + link.name + back.words);
        }
    }
    return moved;
}

Error
not_the_switchs(const Seen_link &link)
{
    return {EEXIST, "will not move " + link.name
                        + ": it is no device of the switch, but of kind \""
                        + link.kind + "\""};
}

Outcome
move_inward(Namespace &inside, const Way &in, const Way &out,
            const Move_device &step)
{
    const auto outer = find_link(in.from, step.link);
    const auto inner = find_link(in.to, step.link);
    if (!outer || !inner) {
        return outer ? inner.error() : outer.error();
    }
    if (*inner && *outer) {
        return Error{EEXIST, "cannot move " + step.link
                                 + " into the namespace: an old device of "
                                   "that name is still in there"};
    }
    const auto &link = *inner ? *inner : *outer;
    if (!link) {
        return Error{ENODEV, "cannot move " + step.link
                                 + " into the namespace: the node has no "
                                   "such device"};
    }
    const auto seen = see_device_on_node(*link);
    if (!seen || seen->wiring != Wiring::internal) {
        return not_the_switchs(*link);
    }
    return *inner ? settle(inside, *link, *seen, step.inside)
                  : move(in, out, *link, step.inside, *seen);
}

// A device that is gone needs no moving: ovs-vswitchd has deleted it, or has
// died with it.
Outcome
move_outward(const Way &in, const Way &out, const Move_device &step)
{
    const auto inner = find_link(out.from, step.link);
    if (!inner) {
        return inner.error();
    }
    if (!*inner) {
        return Done{};
    }
    const auto seen = see_device_on_node(**inner);
    if (!seen || seen->wiring != Wiring::internal) {
        return not_the_switchs(**inner);
    }
    return move(out, in, **inner, step.on_node, *seen);
}

} // namespace

Outcome
move_device(Namespace &inside, const Move_device &step)
{
    const auto route = inside.route();
    if (!route) {
        return route.error();
    }
    Netlink &node = inside.node().route;
    const Way in{node, **route, inside.net(), " into the namespace"};
    const Way out{**route, node, inside.node().net, " out of the namespace"};
    return step.inward ? move_inward(inside, in, out, step)
                       : move_outward(in, out, step);
}

} // namespace snat
