// The steps that take away what is no longer wished for, each thing such that
// an undo can bring it back.

#include "plan/planner.hh"

#include <algorithm>
#include <iterator>
#include <utility>

namespace snat {
void
Planner::remove_abandoned()
{
    for (const std::string &name : seen_.left) {
        add(Remove_abandoned{name});
    }
}

// A device of the other wiring, one on another bridge, or one that died with
// its ovs-vswitchd while the new one already waits on the node.
bool
Planner::must_be_replaced(const std::string &name) const
{
    const Link &link = now_.kernel.links.at(name);
    const auto wanted = wished_.kernel.links.find(name);
    if (wanted == wished_.kernel.links.end()) {
        return false;
    }
    const bool dead = link.device.wiring == Wiring::internal && !link.carrier
                      && now_.kernel.on_node.contains(name);
    return dead || row_must_be_replaced(name)
           || link.device.wiring != wanted->second.device.wiring;
}

// A row on another bridge, or of the other wiring.
bool
Planner::row_must_be_replaced(const std::string &name) const
{
    const auto was = now_.switch_ports.find(name);
    const auto becomes = wished_.switch_ports.find(name);
    return was != now_.switch_ports.end()
           && wished_.kernel.links.contains(name)
           && (becomes == wished_.switch_ports.end()
               || was->second.bridge != becomes->second.bridge
               || was->second.wiring != becomes->second.wiring);
}

void
Planner::replace_devices()
{
    Names replaced;
    for (const auto &[name, link] : now_.kernel.links) {
        if (must_be_replaced(name)) {
            replaced.push_back(name);
        }
    }
    for (const auto &name : replaced) {
        detach(name);
    }
    Names rows;
    for (const auto &[name, port] : now_.switch_ports) {
        if (row_must_be_replaced(name)) {
            rows.push_back(name);
        }
    }
    release(replaced, rows);
}

// Takes everything off a link and sets it down: routes, addresses, sysctls,
// one by one, because the kernel would drop them silently and an undo would
// not know of them.
void
Planner::detach(const std::string &name)
{
    detach_routes(name, [](const Route &) { return true; });
    const Link link = now_.kernel.links.at(name);
    change_hosts(name, {link.hosts.begin(), link.hosts.end()}, {});
    set_addresses(name, {});
    set_proxies(name, {});
    if (now_.kernel.links.at(name).up) {
        add(Set_up{name, true, false});
    }
    let_go_of_sysctls(name);
}

// With an MTU too small for it, the kernel drops all that a link has of IPv6
// (addrconf_notify()), as silently.
void
Planner::detach_ipv6(const std::string &name)
{
    detach_routes(name,
                  [](const Route &route) { return !route.prefix.ip.is_v4(); });
    auto becomes = now_.kernel.links.at(name).addresses;
    std::erase_if(becomes, [](const Network &n) { return !n.ip.is_v4(); });
    set_addresses(name, becomes);
    set_proxies(name, {});
    let_go_of_sysctls(name);
}

void
Planner::let_go_of_sysctls(const std::string &name)
{
    for (const std::string &key : link_sysctls(name)) {
        const auto sysctl = now_.kernel.sysctls.find(key);
        if (sysctl != now_.kernel.sysctls.end()) {
            add(Set_sysctl{key, sysctl->second, ""});
        }
    }
}

void
Planner::detach_routes(const std::string &name,
                       bool (*concerns)(const Route &route))
{
    const auto routes = now_.kernel.routes;
    for (const auto &[place, route] : routes) {
        Route rest = route;
        std::erase_if(rest.hops,
                      [&](const Hop &hop) { return hop.link == name; });
        if (rest == route || !concerns(route)) {
            continue;
        }
        if (rest.hops.empty()) {
            add(Set_route{route, std::nullopt});
        } else {
            add(Set_route{route, rest});
        }
    }
}

// The switch's own devices are given back while their rows are still there;
// a pair outlives its row, so that an undo finds the device when it adds the
// row again.
void
Planner::release(const Names &links, const Names &rows)
{
    Names pairs;
    for (const auto &name : links) {
        if (now_.kernel.links.at(name).device.wiring == Wiring::veth) {
            pairs.push_back(name);
        } else {
            release_device(name);
        }
    }
    release_switch_ports(rows);
    for (const auto &name : pairs) {
        release_device(name);
    }
}

// A pair is deleted; a device of the switch is moved back to where the switch
// made it, or else is dead or about to be, and deleted.
void
Planner::release_device(const std::string &name)
{
    const Link &link = now_.kernel.links.at(name);
    const Device &device = link.device;
    const auto row = now_.switch_ports.find(name);
    const bool has_our_row = row != now_.switch_ports.end();
    const bool has_row = has_our_row || now_.user_ports.contains(name);
    // Of a row that asks for a pair the switch has made no device.  A stranger
    // on the node is in the way of one that lives, and so an error.
    const bool alive
        = has_row && (link.carrier || !now_.kernel.on_node.contains(name))
          && (!has_our_row || row->second.wiring == Wiring::internal);
    if (device.wiring == Wiring::internal && alive) {
        Device on_node = device;
        on_node.index = 0;
        add(Move_device{name, false, on_node, device});
        return;
    }
    if (has_row && link.open) {
        // For the way back: another device will have to be opened.
        set_node_end(name, false);
        add(Set_open{{name}, true, false});
    }
    add(Set_device{name, device, std::nullopt});
}

void
Planner::release_switch_ports(const Names &links)
{
    Set_switch step;
    for (const auto &name : links) {
        const auto port = now_.switch_ports.find(name);
        if (port != now_.switch_ports.end()) {
            step.ports.push_back({name, port->second, std::nullopt});
        }
    }
    if (!step.ports.empty()) {
        add(std::move(step));
    }
}

void
Planner::remove_routes()
{
    std::vector<Route> gone;
    for (const auto &[place, route] : now_.kernel.routes) {
        // One of a foreign shape could not be given back by an undo.
        if (!wished_.kernel.routes.contains(place) && !route.is_foreign()) {
            gone.push_back(route);
        }
    }
    std::ranges::stable_partition(gone, std::not_fn(is_on_link));
    for (const Route &route : gone) {
        add(Set_route{route, std::nullopt});
    }
}

// Before what they lead to.
void
Planner::remove_route_rules()
{
    const auto there = now_.kernel.route_rules;
    for (const Route_rule &rule : there) {
        if (!wished_.kernel.route_rules.contains(rule)) {
            add(Set_route_rule{rule, std::nullopt});
        }
    }
}

Planner::Names
Planner::unwished_links() const
{
    Names names;
    for (const auto &[name, link] : now_.kernel.links) {
        if (!wished_.kernel.links.contains(name)) {
            names.push_back(name);
        }
    }
    return names;
}

void
Planner::remove_ports()
{
    const Names gone = unwished_links();
    for (const auto &name : gone) {
        detach(name);
    }
    load_rest_of_nat();
    Names rows;
    for (const auto &[name, port] : now_.switch_ports) {
        if (!wished_.switch_ports.contains(name)) {
            rows.push_back(name);
        }
    }
    release(gone, rows);
}

void
Planner::remove_addresses()
{
    for (const auto &[name, wanted] : wished_.kernel.links) {
        auto becomes = now_.kernel.links.at(name).addresses;
        std::erase_if(becomes, [&](const Network &network) {
            return std::ranges::find(wanted.addresses, network)
                   == wanted.addresses.end();
        });
        set_addresses(name, becomes);
        change_hosts(
            name, missing(now_.kernel.links.at(name).hosts, wanted.hosts), {});
    }
}

// Before routes are added, for with its last IPv4 address the kernel drops all
// IPv4 routes by a link.
void
Planner::remove_last_ipv4()
{
    for (const auto &[name, wanted] : wished_.kernel.links) {
        const Link link = now_.kernel.links.at(name);
        if (!wanted.has_ipv4() && link.has_ipv4()) {
            auto rest = link.addresses;
            std::erase_if(rest, [](const Network &network) {
                return network.ip.is_v4();
            });
            change_hosts(name, {link.hosts.begin(), link.hosts.end()}, {});
            set_addresses(name, rest);
        }
    }
}

void
Planner::set_addresses(const std::string &name,
                       const std::vector<Network> &becomes)
{
    Link link = now_.kernel.links.at(name);
    const auto was = std::exchange(link.addresses, becomes);
    if (was != becomes) {
        keep_routes(name, link.has_ipv4());
        add(Set_addresses{name, was, becomes});
    }
}

void
Planner::change_hosts(const std::string &name, const std::vector<Ip> &was,
                      const std::vector<Ip> &becomes)
{
    if (was.empty() && becomes.empty()) {
        return;
    }
    Link link = now_.kernel.links.at(name);
    const Change_hosts step{name, was, becomes};
    take_effect(link, step);
    keep_routes(name, link.has_ipv4());
    add(step);
}

// The first IPv4 address of a link is the last one on the way back.
void
Planner::keep_routes(const std::string &name, bool has_ipv4)
{
    if (now_.kernel.links.at(name).has_ipv4() != has_ipv4) {
        detach_routes(
            name, [](const Route &route) { return route.prefix.ip.is_v4(); });
    }
}

} // namespace snat
