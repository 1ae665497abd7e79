#include "kernel/observe.hh"

#include "kernel/abandoned.hh"
#include "kernel/device.hh"
#include "kernel/ethtool.hh"
#include "kernel/links.hh"
#include "kernel/nft.hh"
#include "kernel/seen_inside.hh"

#include <algorithm>
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
        if (!what.remembered || !node.seen.find(name)) {
            const auto link = find_link(node.route, name);
            if (!link) {
                return link.error();
            }
            node.seen.forget(name);
            if (*link) {
                node.seen.remember(**link);
            }
        }
        if (const Seen_link *link = node.seen.find(name)) {
            links.emplace(name, *link);
        }
    }
    return links;
}

Result<bool>
offloads_checksums(Namespace &inside, const std::string &link)
{
    auto &known = inside.seen()->checksum_offload;
    if (!known.contains(link)) {
        const auto offload = checksum_offload(inside, link);
        if (!offload) {
            return offload.error();
        }
        known.emplace(link, *offload);
    }
    return known.at(link);
}

// A link of a kind that no port has is as good as none: making the port's
// device will then say what is in the way.
Result<std::optional<Device>>
observe_device(Namespace &inside, const Seen_link &link,
               const Seen_links &on_node)
{
    const auto device = see_device_on_node(link);
    if (!device || device->wiring != Wiring::veth) {
        return device;
    }
    const auto offload = offloads_checksums(inside, link.name);
    if (!offload) {
        return offload.error();
    }
    const auto there = on_node.find(link.name);
    const bool is_whole
        = there != on_node.end() && is_other_end(there->second, link);
    return std::optional{
        pair_of(link, is_whole ? &there->second : nullptr, *offload)};
}

bool
lacks_route(const Seen_inside &seen, uint32_t link)
{
    const auto first = seen.missing.lower_bound({link, 0, {}});
    return first != seen.missing.end() && first->link == link;
}

void
observe_link(const Seen_inside &seen, const Seen_link &of,
             const Device &device, Link &link)
{
    link.device = device;
    link.up = of.up;
    link.carrier = of.carrier;
    link.lacks_route = of.up && lacks_route(seen, of.index);
    const auto addresses = seen.addresses.find(of.index);
    if (addresses != seen.addresses.end()) {
        link.tentative = addresses->second.tentative;
        link.dad_failed = addresses->second.dad_failed;
        link.addresses = addresses->second.networks;
        link.hosts = addresses->second.hosts;
    }
    const auto proxies = seen.proxies.find(of.index);
    if (proxies != seen.proxies.end()) {
        link.proxies = proxies->second;
    }
}

Outcome
observe_links(Namespace &inside, const Observe &what,
              const Seen_links &on_node, Wired &wired)
{
    const std::set<std::string> asked{what.links.begin(), what.links.end()};
    for (const auto &[name, link] : inside.seen()->links) {
        const auto kind = see_device_on_node(link);
        const bool is_lent
            = what.lent && kind && kind->wiring == Wiring::internal;
        if (!asked.contains(name) && !is_lent) {
            continue;
        }
        const auto device = observe_device(inside, link, on_node);
        if (!device) {
            return device.error();
        }
        if (*device) {
            observe_link(*inside.seen(), link, **device, wired.links[name]);
        }
    }
    return Done{};
}

Outcome
look_inside(Namespace &inside, const Observe &what)
{
    if (what.remembered && inside.seen()) {
        return Done{};
    }
    inside.seen().reset();
    const auto route = inside.route();
    if (!route) {
        return route.error();
    }
    auto seen = see_inside(**route);
    if (!seen) {
        return seen.error();
    }
    inside.seen() = *std::move(seen);
    return Done{};
}

// The kernel may tell up to a second later of what still changes by itself.
bool
is_at_rest(const Wired &wired)
{
    return std::ranges::all_of(wired.links, [](const auto &item) {
        return item.second.carrier && !item.second.tentative;
    });
}

Result<Seen_links>
observe_inside(Namespace &inside, const Observe &what,
               const Seen_links &on_node, Wired &wired)
{
    Outcome outcome = look_inside(inside, what);
    if (outcome) {
        outcome = observe_links(inside, what, on_node, wired);
    }
    const auto netfilter = inside.netfilter();
    if (!outcome || !netfilter) {
        return outcome ? netfilter.error() : outcome.error();
    }
    wired.routes = inside.seen()->routes;
    wired.route_rules = inside.seen()->route_rules;
    auto links = inside.seen()->links;
    if (!is_at_rest(wired)) {
        inside.seen().reset();
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
        inside = observe_inside(*found->inside, what, *on_node, wired);
        if (!inside) {
            return inside.error();
        }
        wired.sysctls = sysctls.read(*found->inside, what.sysctls);
    }
    join(*on_node, *inside, what.router, wired);
    return wired;
}

} // namespace snat
