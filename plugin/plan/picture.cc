#include "plan/picture.hh"

#include "router/translate.hh"

#include <algorithm>

namespace snat {
namespace {

void
effect(Picture &p, const Set_namespace &s)
{
    if (s.becomes) {
        p.kernel.exists = true;
        p.kernel.route_rules = born_route_rules();
    } else {
        // Everything inside goes with it, and so do the pairs' other ends.
        for (const auto &[name, link] : p.kernel.links) {
            if (link.device.wiring == Wiring::veth) {
                p.kernel.on_node.erase(name);
            }
        }
        Wired gone;
        gone.on_node = std::move(p.kernel.on_node);
        p.kernel = std::move(gone);
    }
}

void
effect(Picture &p, const Set_name &s)
{
    p.kernel.name = s.becomes ? Name_state::ours : Name_state::free;
}

void
effect(Picture &p, const Set_nat &s)
{
    if (!s.becomes || !s.becomes->damaged) {
        p.kernel.nat = s.becomes;
    }
}

void
effect(Picture &p, const Change_nat &s)
{
    if (!p.kernel.nat) {
        return;
    }
    for (const auto &[table, key, was, becomes] : s.entries) {
        p.kernel.nat->set(table, key, becomes);
    }
}

void
effect(Picture &, const End_flows &)
{
}

void
effect(Picture &p, const Set_sysctl &s)
{
    if (s.becomes.empty()) {
        p.kernel.sysctls.erase(s.key);
    } else {
        p.kernel.sysctls[s.key] = s.becomes;
    }
}

void
forget_link(Picture &p, const std::string &link)
{
    p.kernel.links.erase(link);
    std::erase_if(p.kernel.sysctls, [&](const auto &sysctl) {
        return sysctl.first.find("/" + link + "/") != std::string::npos;
    });
}

void
effect(Picture &p, const Set_device &s)
{
    if (s.becomes) {
        p.kernel.links[s.link].device = *s.becomes;
    } else {
        forget_link(p, s.link);
    }
}

void
effect(Picture &p, const Move_device &s)
{
    if (s.inward) {
        p.kernel.on_node.erase(s.link);
        p.kernel.links[s.link].device = s.inside;
    } else {
        forget_link(p, s.link);
        p.kernel.on_node[s.link] = s.on_node;
    }
}

void
effect(Picture &p, const Set_up &s)
{
    p.kernel.links[s.link].up = s.becomes;
}

void
effect(Picture &p, const Set_addresses &s)
{
    p.kernel.links[s.link].addresses = s.becomes;
    p.kernel.links[s.link].lacks_route = false;
}

void
effect(Picture &p, const Change_hosts &s)
{
    take_effect(p.kernel.links[s.link], s);
}

void
effect(Picture &p, const Set_proxies &s)
{
    p.kernel.links[s.link].proxies = s.becomes;
}

void
effect(Picture &p, const Set_route &s)
{
    if (s.becomes && s.becomes->is_foreign()) {
        return; // What is there stays: see Route.
    }
    if (s.becomes) {
        p.kernel.routes[s.becomes->place()] = *s.becomes;
    } else {
        p.kernel.routes.erase(s.was->place());
    }
}

void
effect(Picture &p, const Set_route_rule &s)
{
    if (s.becomes) {
        p.kernel.route_rules.insert(*s.becomes);
    } else {
        p.kernel.route_rules.erase(*s.was);
    }
}

void
effect(Picture &p, const Set_switch &s)
{
    for (const auto &item : s.ports) {
        if (item.becomes) {
            p.switch_ports[item.port] = *item.becomes;
        } else {
            p.switch_ports.erase(item.port);
            p.open_ports.erase(item.port);
        }
    }
}

void
effect(Picture &, const Verify &)
{
}

void
effect(Picture &, const Await_open &)
{
}

void
effect(Picture &p, const Remove_abandoned &s)
{
    p.kernel.on_node.erase(s.link);
    p.left.erase(s.link);
}

void
effect(Picture &p, const Set_open &s)
{
    for (const std::string &port : s.ports) {
        const auto link = p.kernel.links.find(port);
        if (link != p.kernel.links.end()) {
            link->second.open = s.becomes;
        }
    }
}

} // namespace

std::map<std::string, Switch_port>
wish_switch_ports(const std::optional<Router> &router)
{
    std::map<std::string, Switch_port> ports;
    if (router) {
        for (const auto &[name, port] : router->ports) {
            if (port.switch_port) {
                ports[name] = *port.switch_port;
            }
        }
    }
    return ports;
}

Picture
wish(const std::optional<Router> &router, Translator &translator)
{
    Picture picture;
    if (router) {
        picture.kernel = wire(*router, translator);
        picture.switch_ports = wish_switch_ports(router);
    }
    return picture;
}

Picture
wish(const std::optional<Router> &router)
{
    Translator translator;
    return wish(router, translator);
}

void
take_effect(Link &link, const Change_hosts &step)
{
    std::ranges::for_each(step.was,
                          [&](const Ip &ip) { link.hosts.erase(ip); });
    std::ranges::for_each(step.becomes,
                          [&](const Ip &ip) { link.hosts.insert(ip); });
}

void
take_effect(Picture &picture, const Step &step)
{
    std::visit([&](const auto &s) { effect(picture, s); }, step);
}

std::optional<Unusable>
find_unusable(const Picture &wished, const Picture &seen)
{
    for (const auto &[name, wanted] : wished.kernel.links) {
        const auto found = seen.kernel.links.find(name);
        if (found == seen.kernel.links.end()) {
            return Unusable{"the device " + name + " is missing"};
        }
        const Link &link = found->second;
        if (link.dad_failed) {
            return Unusable{"somebody else on the network of " + name
                                + " has one of its IPv6 addresses",
                            true};
        }
        if (!link.carrier) {
            return Unusable{"the port " + name + " has no carrier"};
        }
        if (link.tentative) {
            return Unusable{"duplicate address detection on " + name
                            + " is not over"};
        }
    }
    return std::nullopt;
}

} // namespace snat
