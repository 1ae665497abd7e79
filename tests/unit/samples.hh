// A small set of routers that differ in one thing each, and a world that does
// what steps say, for the tests of plans and of changes.
#pragma once

#include "plan/picture.hh"
#include "plan/plan.hh"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace snat {

// So that Boost.Test can show what differs.
inline std::ostream &
operator<<(std::ostream &out, const Step &step)
{
    return out << words(step, true);
}

} // namespace snat

namespace samples {

using namespace snat;

inline Network
network(const std::string &text)
{
    return *parse_network(text);
}

// 'door2': the daemon keeps the port's row on the switch.
inline Port
port(const std::string &name, const std::string &address, bool door2)
{
    Port out;
    out.name = name;
    out.role = name.starts_with("qg-") ? Role::gateway : Role::internal;
    out.userspace = true;
    out.networks = {network(address)};
    if (out.role == Role::gateway) {
        out.gateway_ips = {*parse_ip("198.51.100.1")};
        out.snat_ip = out.networks[0].ip;
    }
    if (door2) {
        out.switch_port = Switch_port{
            out.role == Role::gateway ? "br-ex" : "br-int",
            std::nullopt,
            Wiring::veth,
            {{"snat-owner", "ovs-snatd"}, {"snat-router", "demo"}}};
    }
    return out;
}

inline Router
one_gateway(bool door2)
{
    return {"demo",
            {{"qg-a", port("qg-a", "198.51.100.10/24", door2)}},
            {},
            {},
            {}};
}

inline Router
three_ports(bool door2)
{
    Router router = one_gateway(door2);
    router.ports["sg-a"] = port("sg-a", "10.0.0.1/24", door2);
    router.ports["sg-b"] = port("sg-b", "10.0.1.1/24", door2);
    return router;
}

inline void
set_wiring(Port &out, Wiring wiring)
{
    out.wiring = wiring;
    if (out.switch_port) {
        out.switch_port->wiring = wiring;
    }
}

inline Nat_rule
floating(const char *external, const char *internal)
{
    Nat_rule rule;
    rule.type = Nat_type::dnat_and_snat;
    rule.external = *parse_ip(external);
    rule.logical = Network{*parse_ip(internal),
                           uint8_t(rule.external->is_v4() ? 32 : 128)};
    return rule;
}

// Two of the same mark, 0xd9789e4c, and one of the mark after it.
inline std::vector<Nat_rule>
of_contested_marks()
{
    return {floating("203.0.171.166", "10.1.171.166"),
            floating("203.0.179.131", "10.1.179.131"),
            floating("203.0.0.63", "10.74.67.3")};
}

inline Nat_rule
forward(const char *external, uint16_t port)
{
    Nat_rule rule = floating(external, "10.0.0.9");
    rule.type = Nat_type::dnat;
    rule.protocol = Protocol::tcp;
    rule.external_ports = Port_range{port, port};
    rule.internal_ports = {8080, 8080};
    return rule;
}

inline Static_route
static_route(const char *prefix, const char *next_hop, const char *port)
{
    Static_route route;
    route.prefix = network(prefix);
    if (*next_hop) {
        route.next_hop = *parse_ip(next_hop);
    }
    route.port = port;
    return route;
}

struct Sample {
    std::string name;
    std::optional<Router> router;
};

inline std::vector<Sample>
all(bool door2)
{
    std::vector<Sample> out = {{"none", std::nullopt},
                               {"one gateway", one_gateway(door2)},
                               {"three ports", three_ports(door2)}};
    const auto add
        = [&](const char *name, const std::function<void(Router &)> &change) {
              out.push_back({name, three_ports(door2)});
              change(*out.back().router);
          };
    add("internal wiring", [](Router &r) {
        for (auto &[name, p] : r.ports) {
            set_wiring(p, Wiring::internal);
        }
    });
    add("one port of the other wiring",
        [](Router &r) { set_wiring(r.ports["sg-a"], Wiring::internal); });
    add("other addresses", [](Router &r) {
        Port &qg = r.ports["qg-a"];
        qg.networks
            = {network("198.51.100.20/24"), network("198.51.100.10/24"),
               network("2001:db8::10/64")};
        qg.snat_ip = qg.networks[0].ip;
        r.ports["sg-a"].networks = {network("10.0.9.1/24")};
    });
    add("MTU", [](Router &r) { r.ports["qg-a"].mtu = 1400; });
    add("MTU too small for IPv6",
        [](Router &r) { r.ports["qg-a"].mtu = 1000; });
    add("MAC", [](Router &r) {
        r.ports["qg-a"].mac = *parse_mac("02:00:00:00:00:0a");
    });
    add("next hops", [](Router &r) {
        r.ports["qg-a"].gateway_ips
            = {*parse_ip("198.51.100.1"), *parse_ip("203.0.113.1"),
               *parse_ip("fe80::1")};
    });
    add("IPv6 only, next hop IPv4", [](Router &r) {
        r.ports["qg-a"].networks = {network("2001:db8::10/64")};
        r.ports["qg-a"].snat_ip.reset();
    });
    add("NAT rules", [](Router &r) {
        r.nat = {floating("198.51.100.20", "10.0.0.5"),
                 floating("2001:db8::20", "2001:db8:1::5"),
                 forward("198.51.100.10", 80), forward("198.51.100.20", 22)};
    });
    add("other NAT rules", [](Router &r) {
        r.nat = {floating("198.51.100.20", "10.0.0.6"),
                 floating("198.51.100.21", "10.0.0.5")};
        Nat_rule network;
        network.external = *parse_ip("198.51.100.22");
        network.logical = samples::network("10.0.1.0/24");
        r.nat.insert(network);
        network.allowed = {samples::network("203.0.113.0/24")};
        network.external = *parse_ip("198.51.100.23");
        r.nat.insert(network);
    });
    add("static routes", [](Router &r) {
        r.ports["sg-a"].route_table = "blue";
        r.routes = {static_route("203.0.113.0/24", "198.51.100.2", "qg-a"),
                    static_route("203.0.113.0/24", "198.51.100.3", "qg-a"),
                    static_route("192.168.0.0/16", "", ""),
                    static_route("172.16.0.0/12", "10.0.1.7", "sg-b")};
        Static_route special
            = static_route("10.0.1.0/24", "192.168.7.1", "qg-a");
        special.by_source = true;
        r.routes.insert(special);
        special.table = "blue";
        r.routes.insert(special);
        special.by_source = false;
        special.metric = 7;
        r.routes.insert(special);
    });
    add("other static routes", [](Router &r) {
        r.routes = {static_route("203.0.113.0/24", "198.51.100.3", "qg-a"),
                    static_route("192.168.0.0/16", "", "sg-b"),
                    static_route("172.16.0.0/12", "", "")};
        Static_route special
            = static_route("10.0.0.0/23", "198.51.100.9", "qg-a");
        special.by_source = true;
        r.routes.insert(special);
    });
    add("scopes, segments, proxies", [](Router &r) {
        r.ports["qg-a"].scopes = r.ports["sg-a"].scopes = {"blue", "red"};
        r.ports["qg-a"].mss_clamp = {true, 0};
        r.ports["qg-a"].ndp_proxy = {network("2001:db8:1::10/126")};
    });
    add("settings", [](Router &r) {
        r.settings.sysctls = {{"net/ipv4/conf/all/arp_ignore", "2"},
                              {"net/netfilter/nf_conntrack_udp_timeout", "5"}};
        r.settings.helpers = {{Protocol::tcp, 21, "ftp"}};
        r.settings.max_flows = 5000;
    });
    add("other settings", [](Router &r) {
        r.settings.sysctls
            = {{"net/netfilter/nf_conntrack_udp_timeout", "30"},
               {"net/netfilter/nf_conntrack_icmp_timeout", "9"}};
        r.settings.helpers = {{Protocol::tcp, 21, "sane"}};
        r.settings.max_flows = 7000;
    });
    add("no SNAT, no next hop", [](Router &r) {
        r.ports["qg-a"].snat_ip.reset();
        r.ports["qg-a"].gateway_ips.clear();
    });
    if (door2) {
        add("other bridge", [](Router &r) {
            r.ports["sg-a"].switch_port->bridge = "br-other";
        });
        add("tag", [](Router &r) { r.ports["sg-a"].switch_port->tag = 7; });
    }
    return out;
}

inline bool
is_users(const Port &port)
{
    return !port.switch_port;
}

// Calls 'test' with every pair of routers, for either door.
inline void
for_each_pair(
    const std::function<void(const std::optional<Router> &before,
                             const std::optional<Router> &after)> &test)
{
    for (const bool door2 : {false, true}) {
        const auto routers = all(door2);
        for (const Sample &a : routers) {
            for (const Sample &b : routers) {
                BOOST_TEST_CONTEXT((door2 ? "door 2: " : "door 1: ")
                                   << a.name << " -> " << b.name)
                {
                    test(a.router, b.router);
                }
            }
        }
    }
}

// The router as the kernel and the switch show it once it is wired.  'other'
// is what it was or will be: its users' rows are there as well.
inline Picture
seen(const std::optional<Router> &router, const std::optional<Router> &other)
{
    Picture picture = wish(router);
    uint32_t index = 10;
    for (auto &[name, link] : picture.kernel.links) {
        link.carrier = true;
        link.open = link.device.wiring == Wiring::veth;
        picture.open_ports.insert(name);
        link.device.index = index++;
        if (!link.device.mac) {
            link.device.mac = *parse_mac("02:00:00:00:01:01");
        }
    }
    for (const auto &which : {router, other}) {
        if (!which) {
            continue;
        }
        for (const auto &[name, port] : which->ports) {
            if (!is_users(port)) {
                continue;
            }
            picture.user_ports.insert(name);
            const auto inside = picture.kernel.links.find(name);
            const bool is_inside
                = inside != picture.kernel.links.end()
                  && inside->second.device.wiring == Wiring::internal;
            if (port.wiring == Wiring::internal && !is_inside) {
                Device device;
                device.wiring = Wiring::internal;
                device.mac = *parse_mac("02:00:00:00:02:02");
                picture.kernel.on_node[name] = device;
                picture.open_ports.insert(name);
            }
        }
    }
    return picture;
}

// ovs-vswitchd opens what appears, but not anew what it has open.
inline void
open_new_devices(Picture &picture)
{
    for (auto &[name, link] : picture.kernel.links) {
        const bool has_row = picture.switch_ports.contains(name)
                             || picture.user_ports.contains(name);
        if (has_row && picture.open_ports.insert(name).second) {
            link.open = link.device.wiring == Wiring::veth;
        }
    }
}

// What the kernel does of its own: routes of one family by a link go.
inline void
drop_routes(Wired &kernel, const std::string &link, bool is_v4)
{
    const auto goes = [&](const Hop &hop) { return hop.link == link; };
    for (const auto &[place, route] : std::map{kernel.routes}) {
        auto &hops = kernel.routes.at(place).hops;
        if (place.prefix.ip.is_v4() == is_v4 && std::erase_if(hops, goes)
            && hops.empty()) {
            kernel.routes.erase(place);
        }
    }
}

// With the last of a link's IPv4 addresses.
inline void
drop_ipv4_routes(Wired &kernel, const Set_addresses &step)
{
    const auto is_v4 = [](const Network &n) { return n.ip.is_v4(); };
    if (std::ranges::any_of(step.was, is_v4)
        && std::ranges::none_of(step.becomes, is_v4)) {
        drop_routes(kernel, step.link, true);
    }
}

// With an MTU that is too small for IPv6.
inline void
drop_ipv6(Wired &kernel, const std::string &link)
{
    std::erase_if(kernel.links.at(link).addresses,
                  [](const Network &n) { return !n.ip.is_v4(); });
    kernel.links.at(link).proxies.clear();
    for (const std::string &key : link_sysctls(link)) {
        kernel.sysctls.erase(key);
    }
    drop_routes(kernel, link, false);
}

// As take_effect(), and what others do of their own: the kernel, and
// ovs-vswitchd, whose devices go with their rows.
inline void
act(Picture &picture, const Step &step)
{
    take_effect(picture, step);
    const auto *device = std::get_if<Set_device>(&step);
    if (device && device->becomes && device->becomes->mtu < least_ipv6_mtu) {
        drop_ipv6(picture.kernel, device->link);
    }
    if (const auto *addresses = std::get_if<Set_addresses>(&step)) {
        drop_ipv4_routes(picture.kernel, *addresses);
    }
    open_new_devices(picture);
    if (const auto *rows = std::get_if<Set_switch>(&step)) {
        for (const auto &item : rows->ports) {
            if (!item.becomes && item.was->wiring == Wiring::internal) {
                picture.kernel.on_node.erase(item.port);
            }
        }
    }
}

inline bool
drops_namespace(const Step &step)
{
    const auto *drop = std::get_if<Set_namespace>(&step);
    return drop && !drop->becomes;
}

// The same router after somebody has tampered with it: what is in the NAT
// table is none of our doing, and a route of ours is one that we never make.
inline Picture
tampered(Picture picture)
{
    if (picture.kernel.nat) {
        picture.kernel.nat = Nat{true, {}};
    }
    for (auto &[place, route] : picture.kernel.routes) {
        route.hops.clear();
        route.discard = false;
    }
    return picture;
}

// What "as before" does not ask for: indexes of remade devices, carrier
// (which comes by itself), and the sysctls that die with a namespace.
inline Picture
comparable(Picture picture)
{
    for (auto &[name, link] : picture.kernel.links) {
        link.carrier = false;
    }
    for (auto &[name, device] : picture.kernel.on_node) {
        device.index = 0;
    }
    picture.open_ports.clear(); // Maybe of a device that is no more.
    // A namespace that is not there has no sysctls.
    if (!picture.kernel.exists) {
        picture.kernel.sysctls.clear();
    }
    return picture;
}

// What was damaged 'before' need not be so again.  Rules must be there; a
// route of a shape that we never make may have gone with an address.
inline void
forgive_repairs(Picture &after, Picture &before)
{
    auto &nat = before.kernel.nat;
    if (nat && nat->damaged && after.kernel.nat) {
        nat = after.kernel.nat;
    }
    const auto routes = before.kernel.routes;
    for (const auto &[place, route] : routes) {
        const auto found = after.kernel.routes.find(place);
        if (!route.is_foreign()) {
            continue;
        }
        if (found == after.kernel.routes.end()) {
            before.kernel.routes.erase(place);
        } else {
            before.kernel.routes[place] = found->second;
        }
    }
}

// The first thing in which the router as it is 'after' an undo differs from
// what it was 'before', in words; empty if none.
inline std::string
difference(const Picture &after, const Picture &before)
{
    Picture a = comparable(after), b = comparable(before);
    forgive_repairs(a, b);
    return a == b                                         ? ""
           : a.kernel.name != b.kernel.name               ? "name"
           : a.kernel.exists != b.kernel.exists           ? "namespace"
           : a.kernel.links != b.kernel.links             ? "links"
           : a.kernel.routes != b.kernel.routes           ? "routes"
           : a.kernel.route_rules != b.kernel.route_rules ? "routing rules"
           : a.kernel.sysctls != b.kernel.sysctls         ? "sysctls"
           : a.kernel.nat != b.kernel.nat                 ? "nat"
           : a.kernel.on_node != b.kernel.on_node ? "devices on the node"
           : a.switch_ports != b.switch_ports     ? "switch ports"
                                                  : "user ports";
}

} // namespace samples
