#include "plan/plan.hh"

#include <algorithm>
#include <ranges>

namespace snat {
namespace {

std::string
link_sysctl(const std::string &link)
{
    return "net/ipv6/conf/" + link + "/accept_ra";
}

// Collects the steps, and keeps track of what they have made of the world so
// far, so that each part of the plan starts from where the last one ended.
class Planner {
public:
    Planner(const Picture &wished, const Picture &seen)
        : wished_{wished}, now_{seen}
    {
    }

    std::vector<Step> build();
    std::vector<Step> tear_down();

private:
    using Names = std::vector<std::string>;

    void add(Step step);

    void make_namespace();
    void load_nat_of_new_ports();
    void set_namespace_sysctls();
    void replace_devices();
    void make_devices();
    void set_switch_ports();
    void move_devices();
    void set_up_links();
    void set_link(const std::string &name);
    void add_addresses(const std::string &name);
    void add_routes();
    void remove_routes();
    void remove_ports();
    void remove_addresses();

    void set_nat(const Nat &nat);
    void set_sysctl(const std::string &key);
    void publish();
    void detach(const std::string &link);
    void release(const Names &links, const Names &rows);
    void release_device(const std::string &link);
    void release_switch_ports(const Names &links);

    bool must_be_replaced(const std::string &link) const;
    Names unwished_links() const;

    const Picture &wished_;
    Picture now_;
    std::vector<Step> steps_;
};

void
Planner::add(Step step)
{
    take_effect(now_, step);
    steps_.push_back(std::move(step));
}

std::vector<Step>
Planner::build()
{
    make_namespace();
    replace_devices();
    load_nat_of_new_ports();
    set_namespace_sysctls();
    make_devices();
    set_switch_ports();
    move_devices();
    set_up_links();
    add_routes();
    remove_routes();
    remove_ports();
    remove_addresses();
    publish();
    return std::move(steps_);
}

// Dropping the namespace takes all pairs with it at once, so those need no
// steps of their own.  The switch's own devices must survive it, and so must
// the way back: they are moved out first.
std::vector<Step>
Planner::tear_down()
{
    Names lent;
    for (const auto &[name, link] : now_.kernel.links) {
        if (link.device.wiring == Wiring::internal) {
            lent.push_back(name);
        }
    }
    for (const auto &name : lent) {
        detach(name);
    }
    if (now_.kernel.exists && now_.kernel.name == Name_state::ours) {
        add(Set_name{true, false});
    }
    Names rows;
    for (const auto &[name, port] : now_.switch_ports) {
        rows.push_back(name);
    }
    release(lent, rows);
    if (now_.kernel.exists) {
        add(Set_namespace{true, false});
    }
    return std::move(steps_);
}

void
Planner::make_namespace()
{
    if (!now_.kernel.exists) {
        add(Set_namespace{false, true});
    }
}

void
Planner::set_nat(const Nat &nat)
{
    if (now_.kernel.nat != nat) {
        add(Set_nat{now_.kernel.nat, nat});
    }
}

// Only what is new: a changed address is translated to once it is there, and
// a port that goes keeps its translation until it is down.
void
Planner::load_nat_of_new_ports()
{
    Nat nat = now_.kernel.nat.value_or(Nat{});
    for (const auto &[port, ip] : wished_.kernel.nat->default_snat) {
        if (!now_.kernel.links.contains(port) || !now_.kernel.nat) {
            nat.default_snat[port] = ip;
        }
    }
    set_nat(nat);
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
    for (const auto &[key, value] : wished_.kernel.sysctls) {
        const bool of_link
            = std::ranges::any_of(wished_.kernel.links, [&](const auto &link) {
                  return key == link_sysctl(link.first);
              });
        if (!of_link) {
            set_sysctl(key);
        }
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
    const auto was = now_.switch_ports.find(name);
    const auto becomes = wished_.switch_ports.find(name);
    const bool moves = was != now_.switch_ports.end()
                       && (becomes == wished_.switch_ports.end()
                           || was->second.bridge != becomes->second.bridge
                           || was->second.wiring != becomes->second.wiring);
    return dead || moves || link.device.wiring != wanted->second.device.wiring;
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
    std::ranges::copy_if(replaced, std::back_inserter(rows),
                         [&](const auto &name) {
                             const auto was = now_.switch_ports.find(name);
                             const auto to = wished_.switch_ports.find(name);
                             return was != now_.switch_ports.end()
                                    && (to == wished_.switch_ports.end()
                                        || was->second != to->second);
                         });
    release(replaced, rows);
}

// Takes everything off a link and sets it down: routes, addresses, sysctls,
// one by one, because the kernel would drop them silently and an undo would
// not know of them.
void
Planner::detach(const std::string &name)
{
    const auto routes = now_.kernel.routes;
    for (const auto &[prefix, route] : routes) {
        Route rest = route;
        std::erase_if(rest.hops,
                      [&](const Hop &hop) { return hop.link == name; });
        if (rest.hops.empty()) {
            add(Set_route{route, std::nullopt});
        } else if (rest != route) {
            add(Set_route{route, rest});
        }
    }
    const Link &link = now_.kernel.links.at(name);
    if (!link.addresses.empty()) {
        add(Set_addresses{name, link.addresses, {}});
    }
    if (now_.kernel.links.at(name).up) {
        add(Set_up{name, true, false});
    }
    const auto sysctl = now_.kernel.sysctls.find(link_sysctl(name));
    if (sysctl != now_.kernel.sysctls.end()) {
        add(Set_sysctl{sysctl->first, sysctl->second, ""});
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
    const Device device = now_.kernel.links.at(name).device;
    const bool has_row
        = now_.switch_ports.contains(name) || now_.user_ports.contains(name);
    const bool alive = has_row && !now_.kernel.on_node.contains(name);
    if (device.wiring == Wiring::internal && alive) {
        Device on_node = device;
        on_node.index = 0;
        add(Move_device{name, false, on_node, device});
    } else {
        add(Set_device{name, device, std::nullopt});
    }
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
Planner::make_devices()
{
    for (const auto &[name, wanted] : wished_.kernel.links) {
        if (wanted.device.wiring == Wiring::veth
            && !now_.kernel.links.contains(name)) {
            add(Set_device{name, std::nullopt, wanted.device});
        }
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
        } else if (seen->second != wanted) {
            step.ports.push_back({name, seen->second, wanted});
        }
    }
    if (!step.ports.empty()) {
        add(std::move(step));
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
        add_addresses(name);
        if (!now_.kernel.links.at(name).up) {
            add(Set_up{name, false, true});
        }
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
    if (wanted.mac) {
        becomes.mac = wanted.mac;
    }
    if (becomes != was) {
        add(Set_device{name, was, becomes});
    }
    set_sysctl(link_sysctl(name));
}

void
Planner::add_addresses(const std::string &name)
{
    const auto was = now_.kernel.links.at(name).addresses;
    auto becomes = was;
    for (const Network &network : wished_.kernel.links.at(name).addresses) {
        if (std::ranges::find(was, network) == was.end()) {
            becomes.push_back(network);
        }
    }
    if (becomes != was) {
        add(Set_addresses{name, was, becomes});
    }
}

// An on-link route to a next hop must be there before the route that goes by
// it, so longer prefixes come first.
void
Planner::add_routes()
{
    std::vector<Route> wanted;
    for (const auto &[prefix, route] : wished_.kernel.routes) {
        wanted.push_back(route);
    }
    std::ranges::stable_sort(wanted, [](const Route &a, const Route &b) {
        return a.prefix.length > b.prefix.length;
    });
    for (const Route &route : wanted) {
        const auto seen = now_.kernel.routes.find(route.prefix);
        if (seen == now_.kernel.routes.end()) {
            add(Set_route{std::nullopt, route});
        } else if (seen->second != route) {
            add(Set_route{seen->second, route});
        }
    }
}

void
Planner::remove_routes()
{
    std::vector<Route> gone;
    for (const auto &[prefix, route] : now_.kernel.routes) {
        if (!wished_.kernel.routes.contains(prefix)) {
            gone.push_back(route);
        }
    }
    std::ranges::stable_sort(gone, [](const Route &a, const Route &b) {
        return a.prefix.length < b.prefix.length;
    });
    for (const Route &route : gone) {
        add(Set_route{route, std::nullopt});
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
    set_nat(*wished_.kernel.nat);
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
        const auto was = now_.kernel.links.at(name).addresses;
        auto becomes = was;
        std::erase_if(becomes, [&](const Network &network) {
            return std::ranges::find(wanted.addresses, network)
                   == wanted.addresses.end();
        });
        if (becomes != was) {
            add(Set_addresses{name, was, becomes});
        }
    }
}

} // namespace

std::vector<Step>
plan(const Picture &wished, const Picture &seen)
{
    Planner planner{wished, seen};
    return wished.kernel.exists ? planner.build() : planner.tear_down();
}

std::vector<Step>
inverse(const std::vector<Step> &steps)
{
    std::vector<Step> out;
    for (const Step &step : std::views::reverse(steps)) {
        out.push_back(inverse(step));
    }
    return out;
}

} // namespace snat
