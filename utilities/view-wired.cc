// What is wired beside the rows of this database, from the history.
#include "router/rows_for.hh"
#include "step/json.hh"
#include "view.hh"

#include <algorithm>

namespace snat::view {
namespace {

std::vector<std::string>
texts(const auto &values)
{
    std::vector<std::string> all;
    for (const auto &value : values) {
        all.push_back(to_string(value));
    }
    return all;
}

std::vector<std::string>
texts(const Options &options)
{
    std::vector<std::string> all;
    for (const auto &[key, value] : options) {
        all.push_back(key + "=" + value);
    }
    return all;
}

Shown_port
shown(const Port &port)
{
    Shown_port out;
    out.name = port.name;
    out.role = to_string(port.role);
    out.by_vsctl = !port.switch_port;
    if (port.switch_port) {
        const auto &[bridge, tag, wiring, ids] = *port.switch_port;
        out.bridge = bridge;
        out.tag = tag ? std::to_string(*tag) : "";
    }
    out.mac = port.mac ? to_string(*port.mac) : "";
    out.mtu = port.mtu == default_mtu ? "" : std::to_string(port.mtu);
    out.networks = texts(port.networks);
    out.gateway_ips = texts(port.gateway_ips);
    out.snat_ip = port.snat_ip ? to_string(*port.snat_ip) : "";
    out.is.state = recorded;
    return out;
}

Shown_rule
shown(const Nat_rule &rule)
{
    Shown_rule out;
    out.type = to_string(rule.type);
    out.external = rule.external ? to_string(*rule.external) : "";
    if (rule.logical) {
        out.logical = rule.type == Nat_type::snat
                          ? to_string(*rule.logical)
                          : to_string(rule.logical->ip);
    }
    out.protocol = rule.protocol ? to_string(*rule.protocol) : "";
    out.external_ports
        = rule.external_ports ? to_string(*rule.external_ports) : "";
    if (rule.internal_ports && rule.internal_ports != rule.external_ports) {
        out.logical_ports = to_string(*rule.internal_ports);
    }
    out.port = rule.gateway_port;
    out.no_nat = rule.no_nat;
    out.options = texts(rate_options(rule.in, rule.out));
    if (rule.no_nat) {
        out.options.emplace_back("no-nat=true");
    }
    out.is.state = recorded;
    return out;
}

Shown_route
shown(const Static_route &route)
{
    Shown_route out;
    out.prefix = to_string(route.prefix);
    out.by_source = route.by_source;
    out.next_hop = route.is_discard() ? "discard"
                   : route.next_hop   ? to_string(*route.next_hop)
                                      : "";
    out.port = route.port;
    out.metric = route.metric ? std::to_string(route.metric) : "";
    out.table = route.table;
    out.is.state = recorded;
    return out;
}

void
add_all(auto &out, const auto &values, bool by_vsctl)
{
    for (const auto &value : values) {
        out.push_back(shown(value));
        out.back().by_vsctl = by_vsctl;
    }
}

void
add(Shown_router &router, const Router &wired)
{
    for (const auto &[name, port] : wired.ports) {
        const bool has_row = router.has_row && port.switch_port;
        if (!has_row) {
            router.ports.push_back(shown(port));
            add_all(router.rules, port.nat, !port.switch_port);
            add_all(router.routes, port.routes, !port.switch_port);
        }
    }
    if (!router.has_row) {
        add_all(router.rules, wired.nat, false);
        add_all(router.routes, wired.routes, false);
    }
}

size_t
count(std::string_view words, std::string_view text)
{
    size_t n = 0;
    for (auto at = text.find(words); at != std::string_view::npos;
         at = text.find(words, at + 1)) {
        n++;
    }
    return n;
}

// To read a thousand texts would take as long as all the rest: each port has
// the first of these keys, and those of rows here the second.
constexpr std::string_view key_of_all = "userspace\":",
                           key_of_rows = "switch_port\":";

bool
has_ports(const std::string &text)
{
    return text.find(key_of_all) != std::string::npos;
}

// Whether some port is by way of ovs-vsctl.
bool
tells_of_users(const std::string &text)
{
    return count(key_of_all, text) != count(key_of_rows, text);
}

} // namespace

void
add_wired(Shown_router &router, const std::string &text)
{
    router.is_wired = has_ports(text);
    if (router.has_row && !tells_of_users(text)) {
        return;
    }
    const auto json = parse_json(text);
    if (!json) {
        return;
    }
    const auto wired = excerpt_from_json(json->get());
    if (!wired) {
        return;
    }
    add(router, wired->router);
    if (!router.has_row && wired->all_nat) {
        // The text is anybody's: it may count fewer than it has.
        const size_t told = wired->router.nat.size();
        router.rules_untold = std::max(wired->all_nat->size, told) - told;
    }
}

} // namespace snat::view
