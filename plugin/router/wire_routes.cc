#include "wire_routes.hh"

#include "rules.hh"

#include <algorithm>

namespace snat {
namespace {

// What ip-rule(8) calls preferences: see wire_routes.hh.
enum Priority : uint32_t {
    specific_main = 1000,
    specific_of_port = 2000,
    source_of_port = 3000,
    source = 4000,
    default_of_port = 5000,
};

constexpr uint8_t full_length = 128;

Network
everywhere(Family family)
{
    Network all;
    all.ip.family = family;
    return all;
}

class Router_wiring {
public:
    Router_wiring(const Router &router, Wired &wired)
        : router_{router}, wired_{wired}
    {
    }

    std::set<Static_route>
    asked_for_by(const Route_place &place) const
    {
        const auto found = askers_.find(place);
        return found == askers_.end() ? std::set<Static_route>{}
                                      : found->second;
    }

    void
    wire()
    {
        wired_.route_rules = born_route_rules();
        for (const auto &[name, port] : router_.ports) {
            wire_default_routes(port);
            std::ranges::for_each(port.routes,
                                  [&](const auto &route) { add(route); });
        }
        std::ranges::for_each(router_.routes,
                              [&](const auto &route) { add(route); });
        for (const Family family : {Family::ipv4, Family::ipv6}) {
            wire_rules(family);
        }
    }

private:
    // A table's name is of its own, and so is each source in it.
    struct Table_words {
        std::string name;
        std::optional<Network> from;
        auto operator<=>(const Table_words &) const = default;
    };

    void wire_default_routes(const Port &port);
    void add(const Static_route &route);
    void add_hop(const Route_place &place, Hop hop);
    void lead_to(const Port &port, const Ip &next_hop);
    uint32_t table_of(const Table_words &words);
    void wire_rules(Family family);
    void wire_port_rules(Family family, const Port &port);
    void add_rule(Route_rule rule, uint32_t priority);

    const Router &router_;
    Wired &wired_;
    std::map<Route_place, std::set<Static_route>> askers_;
    std::map<Table_words, uint32_t> tables_;
    std::set<uint32_t> taken_;
};

void
Router_wiring::wire_default_routes(const Port &port)
{
    for (const Ip &ip : port.gateway_ips) {
        lead_to(port, ip);
        add_hop(everywhere(ip.family), {ip, port.name});
    }
}

void
Router_wiring::add(const Static_route &route)
{
    const auto port = router_.ports.find(route.port);
    if (!route.is_discard() && port == router_.ports.end()) {
        return;
    }
    const auto from
        = route.by_source ? std::optional{route.prefix} : std::nullopt;
    const Network to
        = from ? everywhere(route.prefix.ip.family) : route.prefix;
    const bool in_main = route.table.empty() && !from;
    const Route_place place{to, in_main ? 0 : table_of({route.table, from}),
                            route.metric};
    askers_[place].insert(route);
    if (route.is_discard()) {
        Route &nowhere = wired_.routes[place];
        nowhere = {to, {}, false, place.metric, place.table, true};
        return;
    }
    if (route.next_hop) {
        lead_to(port->second, *route.next_hop);
        askers_[host_network(*route.next_hop)].insert(route);
    }
    add_hop(place, {route.next_hop, route.port});
}

void
Router_wiring::add_hop(const Route_place &place, Hop hop)
{
    Route &route = wired_.routes[place];
    route.prefix = place.prefix;
    route.metric = place.metric;
    route.table = place.table;
    route.hops.insert(std::move(hop));
}

void
Router_wiring::lead_to(const Port &port, const Ip &next_hop)
{
    if (needs_on_link_route(port, next_hop)) {
        add_hop(host_network(next_hop), {std::nullopt, port.name});
    }
}

// Made of its words, as the marks of rules are, so that a table keeps its
// number whatever others come and go.
uint32_t
Router_wiring::table_of(const Table_words &words)
{
    const auto known = tables_.find(words);
    if (known != tables_.end()) {
        return known->second;
    }
    const std::string text
        = words.name + (words.from ? " from " + to_string(*words.from) : "");
    uint32_t number = first_route_table
                      + hash_of(text) % (last_route_table - first_route_table);
    while (!taken_.insert(number).second) {
        number = number == last_route_table ? first_route_table : number + 1;
    }
    tables_.emplace(words, number);
    return number;
}

// The kernel has no rule for a source that is everywhere.
void
Router_wiring::add_rule(Route_rule rule, uint32_t priority)
{
    rule.priority = priority;
    if (rule.from && !rule.from->length) {
        rule.from.reset();
    }
    wired_.route_rules.insert(std::move(rule));
}

void
Router_wiring::wire_rules(Family family)
{
    const auto is_used = [&](const auto &item) {
        return item.first.table && item.first.prefix.ip.family == family;
    };
    if (std::ranges::none_of(wired_.routes, is_used)) {
        return;
    }
    add_rule({family, 0, "", {}, 0, true}, specific_main);
    for (const auto &[name, port] : router_.ports) {
        wire_port_rules(family, port);
    }
    for (const auto &[words, number] : tables_) {
        if (words.name.empty() && words.from->ip.family == family) {
            add_rule({family, 0, "", words.from, number},
                     source + full_length - words.from->length);
        }
    }
}

void
Router_wiring::wire_port_rules(Family family, const Port &port)
{
    for (const auto &[words, number] : tables_) {
        if (words.name.empty() || words.name != port.route_table) {
            continue;
        }
        if (!words.from) {
            add_rule({family, 0, port.name, {}, number, true},
                     specific_of_port);
            add_rule({family, 0, port.name, {}, number}, default_of_port);
        } else if (words.from->ip.family == family) {
            add_rule({family, 0, port.name, words.from, number},
                     source_of_port + full_length - words.from->length);
        }
    }
}

} // namespace

bool
needs_on_link_route(const Port &port, const Ip &next_hop)
{
    return !in_networks(port, next_hop)
           && (next_hop.is_v4() || !next_hop.is_link_local());
}

std::set<Static_route>
asked_for_by(const Router &router, const Route_place &place)
{
    Wired wired;
    Router_wiring wiring{router, wired};
    wiring.wire();
    return wiring.asked_for_by(place);
}

void
wire_routes(const Router &router, Wired &wired)
{
    Router_wiring{router, wired}.wire();
}

} // namespace snat
