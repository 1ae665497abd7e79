// The steps that make what is new, and change what is other than wished for.

#include "plan/planner.hh"
#include "router/timeouts.hh"

#include <algorithm>
#include <iterator>
#include <utility>

namespace snat {

void
Planner::make_namespace()
{
    if (!now_.kernel.exists) {
        add(Set_namespace{false, true});
    }
}

void
Planner::set_sysctl(const std::string &key)
{
    const auto seen = now_.kernel.sysctls.find(key);
    const std::string was
        = seen == now_.kernel.sysctls.end() ? "" : seen->second;
    const std::string &becomes = wished_.kernel.sysctls.at(key);
    if (was != becomes) {
        add(Set_sysctl{key, was, becomes});
    }
}

void
Planner::set_namespace_sysctls()
{
    std::set<std::string> of_links;
    for (const auto &[name, link] : wished_.kernel.links) {
        std::ranges::copy(link_sysctls(name),
                          std::inserter(of_links, of_links.end()));
    }
    for (const auto &[key, value] : wished_.kernel.sysctls) {
        if (!of_links.contains(key)) {
            set_sysctl(key);
        }
    }
    give_up_sysctls();
}

// Of those that nobody asks for any more the kernel has values of its own.
void
Planner::give_up_sysctls()
{
    for (const auto &[key, value] : seen_.kernel.sysctls) {
        if (wished_.kernel.sysctls.contains(key)) {
            continue;
        }
        const auto usual = usual_timeout(key);
        if (usual && *usual != value) {
            add(Set_sysctl{key, value, *usual});
        }
    }
}

void
Planner::make_devices()
{
    for (const auto &[name, wanted] : wished_.kernel.links) {
        if (wanted.device.wiring == Wiring::veth
            && !now_.kernel.links.contains(name)) {
            Device device = wanted.device;
            device.node_up = !now_.open_ports.contains(name);
            add(Set_device{name, std::nullopt, device});
        }
    }
}

void
Planner::set_node_end(const std::string &name, bool up)
{
    const Device was = now_.kernel.links.at(name).device;
    if (was.node_up != up) {
        Device becomes = was;
        becomes.node_up = up;
        add(Set_device{name, was, becomes});
    }
}

// What ovs-vswitchd says it has open is a device that was there before: the
// end of an older pair, or its own, gone with a namespace that was deleted.
// Its own may also be yet to come, if we died before it had.
bool
Planner::must_be_opened(const std::string &port) const
{
    if (std::ranges::find(opening_, port) != opening_.end()) {
        return false;
    }
    const auto link = now_.kernel.links.find(port);
    const bool is_inside = link != now_.kernel.links.end();
    if (wished_.kernel.links.at(port).device.wiring == Wiring::veth) {
        return now_.open_ports.contains(port) && is_inside
               && !link->second.open;
    }
    const bool has_row
        = now_.switch_ports.contains(port) || now_.user_ports.contains(port);
    return has_row && !is_inside && !now_.kernel.on_node.contains(port);
}

void
Planner::open_devices()
{
    Set_open step;
    for (const auto &[name, wanted] : wished_.kernel.links) {
        if (must_be_opened(name)) {
            if (wanted.device.wiring == Wiring::veth) {
                set_node_end(name, false);
            }
            step.ports.push_back(name);
        }
    }
    if (!step.ports.empty()) {
        add(std::move(step));
    }
}

void
Planner::set_switch_ports()
{
    Set_switch step;
    for (const auto &[name, wanted] : wished_.switch_ports) {
        const auto seen = now_.switch_ports.find(name);
        if (seen == now_.switch_ports.end()) {
            step.ports.push_back({name, std::nullopt, wanted});
            opening_.push_back(name);
        } else if (seen->second != wanted) {
            step.ports.push_back({name, seen->second, wanted});
        }
    }
    if (!step.ports.empty()) {
        add(std::move(step));
    }
}

void
Planner::await_open()
{
    if (!opening_.empty()) {
        add(Await_open{std::exchange(opening_, {}), false, true});
    }
}

// A device of the switch must not be lost with a namespace that has no name
// yet, should we die: ovs-vswitchd would not get over it.  So here, and only
// here, the name comes before the last links.
void
Planner::move_devices()
{
    for (const auto &[name, wanted] : wished_.kernel.links) {
        if (wanted.device.wiring == Wiring::internal
            && !now_.kernel.links.contains(name)) {
            await_open();
            publish();
            const auto on_node = now_.kernel.on_node.find(name);
            Device was;
            was.wiring = Wiring::internal;
            if (on_node != now_.kernel.on_node.end()) {
                was = on_node->second;
            }
            add(Move_device{name, true, was, wanted.device});
        }
    }
}

void
Planner::publish()
{
    if (now_.kernel.name == Name_state::free) {
        add(Set_name{false, true});
    }
}

void
Planner::set_up_links()
{
    for (const auto &[name, wanted] : wished_.kernel.links) {
        set_link(name);
        const auto ips = unverified(name);
        if (ips.empty()) {
            add_addresses(name);
        } else {
            addresses_.links[name] = ips;
        }
        set_up(name);
    }
}

void
Planner::set_up(const std::string &name)
{
    if (!now_.kernel.links.at(name).up) {
        add(Set_up{name, false, true});
    }
    set_proxies(name, wished_.kernel.links.at(name).proxies);
}

void
Planner::set_proxies(const std::string &name, const std::set<Ip> &becomes)
{
    const auto was = now_.kernel.links.at(name).proxies;
    if (was != becomes) {
        add(Set_proxies{name, was, becomes});
    }
}

void
Planner::set_link(const std::string &name)
{
    const Device &wanted = wished_.kernel.links.at(name).device;
    const Device was = now_.kernel.links.at(name).device;
    Device becomes = was;
    becomes.mtu = wanted.mtu;
    becomes.checksum_offload = wanted.checksum_offload;
    becomes.node_up = wanted.node_up;
    if (wanted.mac) {
        becomes.mac = wanted.mac;
    }
    if (becomes.mtu < least_ipv6_mtu) {
        detach_ipv6(name);
    }
    if (becomes != was) {
        add(Set_device{name, was, becomes});
    }
    set_link_sysctls(name);
}

// What nobody asks for any more is as it was before somebody did.
void
Planner::set_link_sysctls(const std::string &name)
{
    for (const std::string &key : link_sysctls(name)) {
        const auto seen = now_.kernel.sysctls.find(key);
        if (wished_.kernel.sysctls.contains(key)) {
            set_sysctl(key);
        } else if (seen != now_.kernel.sysctls.end() && seen->second != "0") {
            add(Set_sysctl{key, seen->second, "0"});
        }
    }
}

// Setting them as they are restores the routes that the kernel had made.
void
Planner::add_addresses(const std::string &name)
{
    const auto was = now_.kernel.links.at(name).addresses;
    if (now_.kernel.links.at(name).lacks_route) {
        add(Set_addresses{name, was, was});
    }
    auto becomes = was;
    for (const Network &network : wished_.kernel.links.at(name).addresses) {
        if (std::ranges::find(was, network) == was.end()) {
            becomes.push_back(network);
        }
    }
    set_addresses(name, becomes);
    const Hosts &hosts = now_.kernel.links.at(name).hosts;
    change_hosts(name, {},
                 missing(wished_.kernel.links.at(name).hosts, hosts));
}

// An on-link route to a next hop must be there before the route that goes by
// it.
void
Planner::add_routes()
{
    std::vector<Route> wanted;
    for (const auto &[place, route] : wished_.kernel.routes) {
        wanted.push_back(route);
    }
    std::ranges::stable_partition(wanted, is_on_link);
    for (const Route &route : wanted) {
        const auto seen = now_.kernel.routes.find(route.place());
        if (seen == now_.kernel.routes.end()) {
            add(Set_route{std::nullopt, route});
        } else if (seen->second != route) {
            add(Set_route{seen->second, route});
        }
    }
}

// Once the tables have what the rules lead to.
void
Planner::add_route_rules()
{
    for (const Route_rule &rule : wished_.kernel.route_rules) {
        if (!now_.kernel.route_rules.contains(rule)) {
            add(Set_route_rule{std::nullopt, rule});
        }
    }
}

} // namespace snat
