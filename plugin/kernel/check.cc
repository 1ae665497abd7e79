#include "kernel/check.hh"

#include "kernel/addresses.hh"
#include "kernel/nft_layout.hh"
#include "kernel/nft_text.hh"
#include "kernel/sysctls.hh"
#include "router/names.hh"

#include <linux/rtnetlink.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace snat {
namespace {

// What the kernel itself takes for an Ethernet device.
constexpr uint32_t min_mtu = 68, max_mtu = 65535;

constexpr size_t max_sysctl_value = 256;

// More than any router may have; see the limits in the schema.
constexpr size_t max_items = 100'000;

// Entries of NAT tables: some for each rule, and for each forwarded port.
constexpr size_t max_entries = 4'000'000;

constexpr uint32_t longest_probe = 60'000; // Milliseconds.

Error
wrong(const std::string &what)
{
    return {EINVAL, what};
}

std::string
between(uint32_t min, uint32_t max)
{
    return std::to_string(min) + " to " + std::to_string(max);
}

// The first outcome that is an error.
Outcome
all_of(const auto &items, auto check_one, size_t most = max_items)
{
    if (items.size() > most) {
        return wrong("a list of " + std::to_string(items.size())
                     + " items, which is too long");
    }
    for (const auto &item : items) {
        if (const Outcome outcome = check_one(item); !outcome) {
            return outcome;
        }
    }
    return Done{};
}

Outcome
check_device(const Device &device)
{
    const auto is_fit = [](const std::optional<Mac> &mac) {
        return !mac || !(mac->is_zero() || mac->is_multicast());
    };
    const bool sane_index
        = device.index <= INT32_MAX && device.node_index <= INT32_MAX;
    if (device.mtu < min_mtu || device.mtu > max_mtu) {
        return wrong("its MTU would be " + std::to_string(device.mtu)
                     + " and not " + between(min_mtu, max_mtu));
    }
    return sane_index && is_fit(device.mac) && is_fit(device.node_mac)
               ? Outcome{Done{}}
               : wrong("no device has such an index or MAC");
}

Outcome
check_device(const std::optional<Device> &device)
{
    return device ? check_device(*device) : Outcome{Done{}};
}

// Whatever a link may be seen to have must also be let stay and be put back.
Outcome
check_address(const Network &network)
{
    return fits_link(network.ip) && !is_host(network)
               ? Outcome{Done{}}
               : wrong("an address that no link can have among these");
}

Outcome
check_host(const Ip &ip)
{
    return fits_link(ip) && ip.is_v4()
               ? Outcome{Done{}}
               : wrong("an address that no link can have among its hosts");
}

// Whatever a link may be seen to answer for, as above.
Outcome
check_proxy(const Ip &ip)
{
    return ip.is_v4() ? wrong("an address that has no neighbour discovery")
                      : Outcome{Done{}};
}

Outcome
check_route(const std::optional<Route> &route)
{
    if (!route) {
        return Done{};
    }
    if (route->prefix != route->prefix.base()) {
        return wrong("a route not to a network");
    }
    const bool is_of_ours = !route->table
                            || (route->table >= first_route_table
                                && route->table <= last_route_table);
    const bool may_be_by_hand
        = route->by_hand && route->table != RT_TABLE_LOCAL;
    if (!is_of_ours && !may_be_by_hand) {
        return wrong("a route in a table that is not ours");
    }
    if (route->discard && !route->hops.empty()) {
        return wrong("a route that discards by a next hop");
    }
    return all_of(route->hops, [&](const Hop &hop) {
        const bool crossed
            = hop.via && hop.via->is_v4() && !route->prefix.ip.is_v4();
        return crossed ? wrong("an IPv6 route by an IPv4 next hop")
                       : check_link_name(hop.link);
    });
}

// No other than the kernel's own stands where that is, or behind it.
Outcome
check_route_rule(const std::optional<Route_rule> &rule)
{
    if (!rule || born_route_rules().contains(*rule)) {
        return Done{};
    }
    const bool is_network = !rule->from
                            || (rule->from == rule->from->base()
                                && rule->from->ip.family == rule->family);
    if (!is_network || !rule->priority
        || rule->priority >= main_rule_priority) {
        return wrong("no routing rule can be so");
    }
    return rule->in_port.empty() ? Outcome{Done{}}
                                 : check_link_name(rule->in_port);
}

Outcome
check_entry(const Nft_set &set, const std::string &key,
            const std::string &value)
{
    const auto element = nft_element(set, key, value);
    return element ? Outcome{Done{}} : element.error();
}

Outcome
check_nat(const std::optional<Nat> &nat)
{
    if (!nat) {
        return Done{};
    }
    return all_of(nat->tables, [](const auto &table) {
        const Nft_set *set = find_nft_set(table.first);
        return set ? all_of(
                   table.second,
                   [&](const auto &entry) {
                       return check_entry(*set, entry.first, entry.second);
                   },
                   max_entries)
                   : wrong("there is no such NAT table");
    });
}

Outcome
check_item(const Change_nat::Item &item)
{
    const Nft_set *set = find_nft_set(item.table);
    if (!set || !(item.was || item.becomes)) {
        return wrong("no change of a NAT table");
    }
    for (const auto &value : {item.was, item.becomes}) {
        const Outcome fine
            = value ? check_entry(*set, item.key, *value) : Outcome{Done{}};
        if (!fine) {
            return fine;
        }
    }
    return Done{};
}

Outcome
check_range(const Ip_range &range)
{
    return range.first.family == range.last.family && range.first <= range.last
               ? Outcome{Done{}}
               : wrong("not a range of addresses");
}

bool
is_sysctl_value(const std::string &value)
{
    return value.size() <= max_sysctl_value
           && std::ranges::all_of(value,
                                  [](char c) { return c >= ' ' && c < 127; });
}

struct Check_step {
    Outcome
    operator()(const Set_namespace &) const
    {
        return Done{};
    }
    Outcome
    operator()(const Set_name &) const
    {
        return Done{};
    }
    Outcome
    operator()(const Set_nat &step) const
    {
        const Outcome was = check_nat(step.was);
        return was ? check_nat(step.becomes) : was;
    }
    Outcome
    operator()(const Change_nat &step) const
    {
        return all_of(step.entries, check_item, max_entries);
    }
    Outcome
    operator()(const End_flows &step) const
    {
        const bool is_short = step.marks.size() <= max_entries
                              && step.arrivals.size() <= max_entries;
        if (!is_short) {
            return wrong("too many flows to end");
        }
        const Outcome arrivals = all_of(
            step.arrivals,
            [](const End_flows::Arrival &arrival) {
                return arrival.from ? check_range(*arrival.from)
                                    : Outcome{Done{}};
            },
            max_entries);
        return arrivals ? all_of(step.untranslated, check_range) : arrivals;
    }
    Outcome
    operator()(const Set_sysctl &step) const
    {
        return is_sysctl_value(step.was) && is_sysctl_value(step.becomes)
                   ? check_sysctl_key(step.key)
                   : wrong("not a value of a sysctl");
    }
    Outcome
    operator()(const Set_device &step) const
    {
        const Outcome was = check_device(step.was);
        const Outcome becomes = was ? check_device(step.becomes) : was;
        return becomes ? check_link_name(step.link) : becomes;
    }
    Outcome
    operator()(const Move_device &step) const
    {
        const Outcome on_node = check_device(step.on_node);
        const Outcome inside = on_node ? check_device(step.inside) : on_node;
        return inside ? check_link_name(step.link) : inside;
    }
    Outcome
    operator()(const Set_up &step) const
    {
        return check_link_name(step.link);
    }
    Outcome
    operator()(const Set_addresses &step) const
    {
        const Outcome was = all_of(step.was, check_address);
        const Outcome becomes
            = was ? all_of(step.becomes, check_address) : was;
        return becomes ? check_link_name(step.link) : becomes;
    }
    Outcome
    operator()(const Change_hosts &step) const
    {
        const Outcome was = all_of(step.was, check_host, max_entries);
        const Outcome becomes
            = was ? all_of(step.becomes, check_host, max_entries) : was;
        return becomes ? check_link_name(step.link) : becomes;
    }
    Outcome
    operator()(const Set_proxies &step) const
    {
        const Outcome was = all_of(step.was, check_proxy);
        const Outcome becomes = was ? all_of(step.becomes, check_proxy) : was;
        return becomes ? check_link_name(step.link) : becomes;
    }
    Outcome
    operator()(const Set_route &step) const
    {
        const Outcome was = check_route(step.was);
        return was ? check_route(step.becomes) : was;
    }
    Outcome
    operator()(const Set_route_rule &step) const
    {
        const Outcome was = check_route_rule(step.was);
        return was ? check_route_rule(step.becomes) : was;
    }
    Outcome
    operator()(const Remove_abandoned &step) const
    {
        return check_link_name(step.link);
    }
    template <typename Other>
    Outcome
    operator()(const Other &) const
    {
        return wrong("a step that is not the kernel process's");
    }
};

// Duplicates of IPv6 addresses are the kernel's own business.
Outcome
check_asked(const Probe &body, const Ip &ip)
{
    const bool is_host = !ip.is_unspecified() && !ip.is_multicast();
    return is_host && (body.answers || ip.is_v4())
               ? Outcome{Done{}}
               : wrong("an address that nobody can be asked for");
}

struct Check_body {
    Outcome
    operator()(const Look &body) const
    {
        const Observe &what = body.what;
        const Outcome links = all_of(what.links, check_link_name);
        const Outcome router = links ? check_router_name(what.router) : links;
        return router ? all_of(what.sysctls, check_sysctl_key) : router;
    }
    Outcome
    operator()(const Apply &body) const
    {
        const Outcome steps = all_of(body.steps, [](const Step &step) {
            const Outcome fine = std::visit(Check_step{}, step);
            return fine ? fine
                        : wrong("refused to " + plain(words(step)) + ": "
                                + fine.error().what);
        });
        return steps ? check_router_name(body.router) : steps;
    }
    Outcome
    operator()(const Announce &body) const
    {
        const Outcome links = all_of(body.links, [](const auto &entry) {
            const Outcome name = check_link_name(entry.first);
            const bool few = entry.second.size() <= max_items;
            return few ? name : wrong("too many addresses");
        });
        return links ? check_router_name(body.router) : links;
    }
    Outcome
    operator()(const Probe &body) const
    {
        const Outcome links = all_of(body.links, [&](const auto &entry) {
            const Outcome name = check_link_name(entry.first);
            const auto check_one
                = [&](const Ip &ip) { return check_asked(body, ip); };
            return name ? all_of(entry.second, check_one) : name;
        });
        const Outcome router = links ? check_router_name(body.router) : links;
        return router && body.timeout > longest_probe
                   ? wrong("a time-out of " + std::to_string(body.timeout)
                           + " ms, which is too long")
                   : router;
    }
    Outcome
    operator()(const Count &body) const
    {
        return check_router_name(body.router);
    }
    Outcome
    operator()(const List_owned &) const
    {
        return Done{};
    }
    Outcome
    operator()(const How &) const
    {
        return Done{};
    }
};

} // namespace

Outcome
check(const Request &request)
{
    return std::visit(Check_body{}, request.body);
}

} // namespace snat
