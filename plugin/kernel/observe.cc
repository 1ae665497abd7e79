#include "kernel/observe.hh"

#include "kernel/addresses.hh"
#include "kernel/device.hh"
#include "kernel/links.hh"
#include "kernel/nft.hh"
#include "kernel/own_routes.hh"
#include "kernel/routes.hh"
#include "kernel/tap.hh"

#include <linux/rtnetlink.h>

#include <optional>
#include <set>
#include <utility>

namespace snat {
namespace {

using Open_devices = std::set<uint32_t>; // Indexes on the node.

// The node may have any number of links, so only the asked-for ones are
// looked at, one by one.
Outcome
observe_node(Node &node, const Observe &what, Wired &wired, Open_devices &open)
{
    for (const std::string &name : what.links) {
        const auto link = find_link(node.route, name);
        if (!link) {
            return link.error();
        }
        const auto device = *link ? see_device_on_node(**link) : std::nullopt;
        if (device) {
            wired.on_node[name] = *device;
            wired.on_node[name].abandoned = is_abandoned(**link);
        }
        if (*link && (*link)->promiscuous) {
            open.insert((*link)->index);
        }
    }
    return Done{};
}

// A link of a kind that no port has is as good as none: making the port's
// device will then say what is in the way.
Outcome
observe_link(Namespace &inside, const Seen_link &seen,
             const Seen_addresses &addresses, const std::set<Own_route> &own,
             Wired &wired)
{
    const auto device = see_device(inside, seen);
    if (!device) {
        return device.error();
    }
    if (*device) {
        Link &link = wired.links[seen.name];
        link.device = **device;
        link.up = seen.up;
        link.carrier = seen.carrier;
        link.tentative = addresses.tentative;
        link.dad_failed = addresses.dad_failed;
        link.lacks_route
            = seen.up
              && !missing_own_routes(own, seen.index, addresses.settled)
                      .empty();
        link.addresses = addresses.networks;
    }
    return Done{};
}

Outcome
observe_links(Namespace &inside, Netlink &route, const Observe &what,
              const std::map<std::string, Seen_link> &links, Wired &wired)
{
    const auto addresses = see_addresses(route, 0);
    const auto own = see_own_routes(route);
    if (!addresses || !own) {
        return addresses ? own.error() : addresses.error();
    }
    for (const std::string &name : what.links) {
        const auto link = links.find(name);
        if (link == links.end()) {
            continue;
        }
        const auto found = addresses->find(link->second.index);
        const Outcome outcome = observe_link(
            inside, link->second,
            found == addresses->end() ? Seen_addresses{} : found->second, *own,
            wired);
        if (!outcome) {
            return outcome;
        }
    }
    return Done{};
}

Outcome
observe_routes(Netlink &route, const std::map<std::string, Seen_link> &links,
               Wired &wired)
{
    auto routes = see_routes(route, links);
    if (!routes) {
        return routes.error();
    }
    wired.routes = *std::move(routes);
    return Done{};
}

Outcome
observe_inside(Namespace &inside, const Observe &what, Wired &wired)
{
    const auto route = inside.route();
    const auto netfilter = inside.netfilter();
    if (!route || !netfilter) {
        return route ? netfilter.error() : route.error();
    }
    const auto links = all_links(**route);
    if (!links) {
        return links.error();
    }
    Outcome outcome = observe_links(inside, **route, what, *links, wired);
    if (outcome) {
        outcome = observe_routes(**route, *links, wired);
    }
    if (!outcome) {
        return outcome;
    }
    auto nat = see_nat(**netfilter, what.router);
    if (!nat) {
        return nat.error();
    }
    wired.nat = *std::move(nat);
    return Done{};
}

} // namespace

Result<Wired>
observe(Namespaces &namespaces, Sysctls &sysctls, const Observe &what)
{
    Wired wired;
    Open_devices open;
    const Outcome node = observe_node(namespaces.node(), what, wired, open);
    if (!node) {
        return node.error();
    }
    const auto found = namespaces.find(what.router);
    if (!found) {
        return found.error();
    }
    wired.name = found->name;
    wired.exists = found->inside != nullptr;
    if (!found->inside) {
        return wired;
    }
    const Outcome seen = observe_inside(*found->inside, what, wired);
    if (!seen) {
        return seen.error();
    }
    for (auto &[name, link] : wired.links) {
        link.open = open.contains(link.device.node_index);
    }
    wired.sysctls = sysctls.read(*found->inside, what.sysctls);
    return wired;
}

} // namespace snat
