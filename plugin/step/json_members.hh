// Which members the JSON form of each struct has.  One description serves both
// directions: describe() hands every member with its name to 'field', which
// either writes or reads it.
#pragma once

#include "router/excerpt.hh"
#include "router/wired.hh"
#include "step/step.hh"

#include <concepts>
#include <iterator>
#include <type_traits>
#include <variant>

namespace snat {

// Given to 'field' after a member that is left out where it has its default
// value.  Older versions' records have some of these also then.
struct Spared {};

template <typename Self, typename... T>
concept Is = (std::same_as<std::remove_const_t<Self>, T> || ...);

void
describe(Is<Switch_port> auto &p, auto &&field)
{
    field("bridge", p.bridge);
    field("tag", p.tag);
    field("wiring", p.wiring);
    field("external_ids", p.external_ids);
}

void
describe(Is<Port_range> auto &r, auto &&field)
{
    field("first", r.first);
    field("last", r.last);
}

void
describe(Is<Rate> auto &r, auto &&field)
{
    field("kbit", r.kbit);
    field("burst", r.burst);
}

void
describe(Is<Nat_rule> auto &r, auto &&field)
{
    field("type", r.type);
    field("external", r.external);
    field("logical", r.logical);
    field("protocol", r.protocol);
    field("external_ports", r.external_ports);
    field("internal_ports", r.internal_ports);
    field("gateway_port", r.gateway_port, Spared{});
    field("no_nat", r.no_nat, Spared{});
    field("random_ports", r.random_ports, Spared{});
    field("port_block", r.port_block, Spared{});
    field("max_flows", r.max_flows, Spared{});
    field("log", r.log, Spared{});
    field("stateless", r.stateless, Spared{});
    field("in", r.in, Spared{});
    field("out", r.out, Spared{});
    field("allowed", r.allowed, Spared{});
    field("exempted", r.exempted, Spared{});
}

void
describe(Is<Scopes> auto &s, auto &&field)
{
    field("ipv4", s.ipv4);
    field("ipv6", s.ipv6);
}

void
describe(Is<Mss_clamp> auto &c, auto &&field)
{
    field("to_path", c.to_path);
    field("most", c.most);
}

void
describe(Is<Port> auto &p, auto &&field)
{
    field("name", p.name);
    field("role", p.role);
    field("wiring", p.wiring);
    field("userspace", p.userspace);
    field("switch_port", p.switch_port);
    field("mac", p.mac);
    field("mtu", p.mtu);
    field("networks", p.networks);
    field("gateway_ips", p.gateway_ips, Spared{});
    field("snat_ip", p.snat_ip);
    field("first_ip", p.first_ip);
    field("nat", p.nat, Spared{});
    field("in", p.in, Spared{});
    field("out", p.out, Spared{});
    field("routes", p.routes, Spared{});
    field("route_table", p.route_table, Spared{});
    field("scopes", p.scopes, Spared{});
    field("mss_clamp", p.mss_clamp, Spared{});
    field("ndp_proxy", p.ndp_proxy, Spared{});
}

void
describe(Is<Static_route> auto &r, auto &&field)
{
    field("prefix", r.prefix);
    field("by_source", r.by_source, Spared{});
    field("next_hop", r.next_hop);
    field("port", r.port, Spared{});
    field("metric", r.metric, Spared{});
    field("table", r.table, Spared{});
}

void
describe(Is<Helper> auto &h, auto &&field)
{
    field("protocol", h.protocol);
    field("port", h.port);
    field("name", h.name);
}

void
describe(Is<Settings> auto &s, auto &&field)
{
    field("sysctls", s.sysctls);
    field("helpers", s.helpers);
    field("max_flows", s.max_flows);
}

void
describe(Is<Router> auto &r, auto &&field)
{
    field("name", r.name);
    field("ports", r.ports);
    field("nat", r.nat);
    field("routes", r.routes, Spared{});
    field("settings", r.settings, Spared{});
}

void
describe(Is<Nat_total> auto &t, auto &&field)
{
    field("size", t.size);
    field("digest", t.digest);
}

void
describe(Is<Excerpt> auto &e, auto &&field)
{
    describe(e.router, field);
    field("all_nat", e.all_nat);
}

void
describe(Is<Device> auto &d, auto &&field)
{
    field("wiring", d.wiring);
    field("mac", d.mac);
    field("mtu", d.mtu);
    field("checksum_offload", d.checksum_offload);
    field("index", d.index);
    field("node_index", d.node_index);
    field("node_mac", d.node_mac);
    field("node_up", d.node_up);
    field("abandoned", d.abandoned);
}

void
describe(Is<Link> auto &l, auto &&field)
{
    field("device", l.device);
    field("up", l.up);
    field("carrier", l.carrier);
    field("dad_failed", l.dad_failed);
    field("tentative", l.tentative);
    field("lacks_route", l.lacks_route);
    field("open", l.open);
    field("addresses", l.addresses);
    field("hosts", l.hosts);
    field("proxies", l.proxies);
}

void
describe(Is<Hop> auto &h, auto &&field)
{
    field("via", h.via);
    field("link", h.link);
}

void
describe(Is<Route> auto &r, auto &&field)
{
    field("prefix", r.prefix);
    field("by_hand", r.by_hand);
    field("hops", r.hops);
    field("metric", r.metric, Spared{});
    field("table", r.table, Spared{});
    field("discard", r.discard, Spared{});
}

void
describe(Is<Route_rule> auto &r, auto &&field)
{
    field("family", r.family);
    field("priority", r.priority);
    field("in_port", r.in_port);
    field("from", r.from);
    field("table", r.table);
    field("specific", r.specific);
    field("by_hand", r.by_hand);
}

void
describe(Is<Nat> auto &n, auto &&field)
{
    field("damaged", n.damaged);
    field("tables", n.tables);
}

void
describe(Is<Wired> auto &w, auto &&field)
{
    field("name", w.name);
    field("taken_by", w.taken_by);
    field("exists", w.exists);
    field("links", w.links);
    field("routes", w.routes);
    field("route_rules", w.route_rules);
    field("sysctls", w.sysctls);
    field("nat", w.nat);
    field("on_node", w.on_node);
}

// Steps that only have two sides, and those that belong to a link besides.
template <typename Self>
concept Two_sided
    = Is<Self, Set_namespace, Set_name, Set_nat, Set_route, Set_switch::Item,
         Set_sysctl, Set_device, Set_up, Set_addresses, Set_open, Await_open,
         Change_hosts, Set_route_rule, Set_proxies>;

void
describe(Two_sided auto &s, auto &&field)
{
    if constexpr (requires { s.link; }) {
        field("link", s.link);
    } else if constexpr (requires { s.key; }) {
        field("key", s.key);
    } else if constexpr (requires { s.port; }) {
        field("port", s.port);
    } else if constexpr (requires { s.ports; }) {
        field("ports", s.ports);
    }
    field("was", s.was);
    field("becomes", s.becomes);
}

void
describe(Is<Move_device> auto &s, auto &&field)
{
    field("link", s.link);
    field("inward", s.inward);
    field("on_node", s.on_node);
    field("inside", s.inside);
}

void
describe(Is<Set_switch> auto &s, auto &&field)
{
    field("ports", s.ports);
}

void
describe(Is<Change_nat::Item> auto &i, auto &&field)
{
    field("table", i.table);
    field("key", i.key);
    field("was", i.was);
    field("becomes", i.becomes);
}

void
describe(Is<Change_nat> auto &s, auto &&field)
{
    field("entries", s.entries);
}

void
describe(Is<End_flows::Arrival> auto &a, auto &&field)
{
    field("to", a.to);
    field("protocol", a.protocol);
    field("ports", a.ports);
    field("from", a.from);
    field("over", a.over);
}

void
describe(Is<Ip_range> auto &r, auto &&field)
{
    field("first", r.first);
    field("last", r.last);
}

void
describe(Is<End_flows> auto &s, auto &&field)
{
    field("marks", s.marks);
    field("arrivals", s.arrivals);
    field("untranslated", s.untranslated);
    field("was", s.was);
    field("becomes", s.becomes);
}

void
describe(Is<Remove_abandoned> auto &s, auto &&field)
{
    field("link", s.link);
}

void
describe(Is<Verify> auto &s, auto &&field)
{
    field("links", s.links);
    field("answers", s.answers);
}

// The kinds of steps, in the order of the variant.
inline constexpr const char *step_names[] = {
    "set-namespace",    "set-name",    "set-nat",    "set-sysctl",
    "set-device",       "move-device", "set-up",     "set-addresses",
    "set-route",        "set-switch",  "set-open",   "verify",
    "remove-abandoned", "change-nat",  "end-flows",  "change-hosts",
    "set-route-rule",   "set-proxies", "await-open",
};
static_assert(std::size(step_names) == std::variant_size_v<Step>);

// In the order of Name_state.
inline constexpr const char *name_states[] = {"free", "ours", "foreign"};

// In the order of Family's numbers.
inline constexpr const char *families[] = {"ipv4", "ipv6"};

// In the order of Nat_type and of Protocol.
inline constexpr const char *nat_types[] = {"snat", "dnat", "dnat_and_snat"};
inline constexpr const char *protocols[] = {"tcp", "udp", "sctp"};

} // namespace snat
