#include "kernel/observe.hh"

#include "kernel/abandoned.hh"
#include "kernel/addresses.hh"
#include "kernel/device.hh"
#include "kernel/links.hh"
#include "kernel/nft.hh"
#include "kernel/own_routes.hh"
#include "kernel/routes.hh"

#include <linux/rtnetlink.h>

#include <optional>
#include <set>
#include <utility>

namespace snat {
namespace {

using Seen_links = std::map<std::string, Seen_link>; // By name.

// The node may have any number of links, so only the asked-for ones are
// looked at, one by one.
Result<Seen_links>
observe_node(Node &node, const Observe &what)
{
    Seen_links links;
    for (const std::string &name : what.links) {
        const auto link = find_link(node.route, name);
        if (!link) {
            return link.error();
        }
        if (*link) {
            links.emplace(name, **link);
        }
    }
    return links;
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
              const Seen_links &links, Wired &wired)
{
    const auto addresses = see_addresses(route, 0);
    const auto own = see_own_routes(route);
    if (!addresses || !own) {
        return addresses ? own.error() : addresses.error();
    }
    const std::set<std::string> asked{what.links.begin(), what.links.end()};
    for (const auto &[name, link] : links) {
        const auto device = see_device_on_node(link);
        const bool is_lent
            = what.lent && device && device->wiring == Wiring::internal;
        if (!asked.contains(name) && !is_lent) {
            continue;
        }
        const auto found = addresses->find(link.index);
        const Outcome outcome = observe_link(
            inside, link,
            found == addresses->end() ? Seen_addresses{} : found->second, *own,
            wired);
        if (!outcome) {
            return outcome;
        }
    }
    return Done{};
}

Outcome
observe_routes(Netlink &route, const Seen_links &links, Wired &wired)
{
    auto routes = see_routes(route, links);
    if (!routes) {
        return routes.error();
    }
    wired.routes = *std::move(routes);
    return Done{};
}

Result<Seen_links>
observe_inside(Namespace &inside, const Observe &what, Wired &wired)
{
    const auto route = inside.route();
    const auto netfilter = inside.netfilter();
    if (!route || !netfilter) {
        return route ? netfilter.error() : route.error();
    }
    auto links = all_links(**route);
    if (!links) {
        return links.error();
    }
    Outcome outcome = observe_links(inside, **route, what, *links, wired);
    if (outcome) {
        outcome = observe_routes(**route, *links, wired);
    }
    if (!outcome) {
        return outcome.error();
    }
    auto nat = see_nat(**netfilter, what.router, inside.nat_memory());
    if (!nat) {
        return nat.error();
    }
    wired.nat = *std::move(nat);
    return links;
}

// What the links on the node tell, now that those inside are known.
void
join(const Seen_links &on_node, const Seen_links &inside,
     const std::string &router, Wired &wired)
{
    for (const auto &[name, link] : on_node) {
        const auto other_end = inside.find(name);
        if (auto device = see_device_on_node(link)) {
            device->abandoned = is_abandoned(
                link, router,
                other_end == inside.end() ? std::nullopt
                                          : std::optional{other_end->second});
            wired.on_node[name] = *device;
        }
        const auto port = wired.links.find(name);
        if (port != wired.links.end()
            && port->second.device.node_index == link.index) {
            port->second.open = link.promiscuous;
        }
    }
}

} // namespace

Result<Wired>
observe(Namespaces &namespaces, Sysctls &sysctls, const Observe &what)
{
    const auto on_node = observe_node(namespaces.node(), what);
    if (!on_node) {
        return on_node.error();
    }
    const auto found = namespaces.find(what.router);
    if (!found) {
        return found.error();
    }
    Wired wired;
    wired.name = found->name;
    if (found->name == Name_state::foreign) {
        wired.taken_by = found->words;
    }
    wired.exists = found->inside != nullptr;
    Result<Seen_links> inside = Seen_links{};
    if (found->inside) {
        inside = observe_inside(*found->inside, what, wired);
        if (!inside) {
            return inside.error();
        }
        wired.sysctls = sysctls.read(*found->inside, what.sysctls);
    }
    join(*on_node, *inside, what.router, wired);
    return wired;
}

} // namespace snat
