#include "overlaps.hh"

#include "entries.hh"
#include "rules.hh"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

namespace snat {
namespace {

// What an exception takes of what comes to its address.
std::vector<Arrivals>
arrivals_of(const Nat_rule &rule)
{
    Arrivals all;
    if (rule.protocol) {
        const uint8_t number = number_of(*rule.protocol);
        all.protocols = {number, number};
        all.ports = *rule.external_ports;
    }
    std::vector<Arrivals> out;
    for (const Ip_range &peers : peers_of(rule)) {
        out.push_back(all);
        out.back().peers = peers;
    }
    return out;
}

std::vector<Flows>
flows_of(const Nat_rule &rule)
{
    std::vector<Flows> out;
    for (const Ip_range &peers : peers_of(rule)) {
        out.push_back({range_of(*rule.logical), peers});
    }
    return out;
}

// Some flows without those that others have taken.
template <typename Flows>
std::vector<Flows>
left_of(std::vector<Flows> rest, const std::vector<Flows> &taken)
{
    for (const Flows &other : taken) {
        std::vector<Flows> smaller;
        for (const Flows &flows : rest) {
            std::ranges::move(subtract(flows, other),
                              std::back_inserter(smaller));
        }
        rest = std::move(smaller);
    }
    return rest;
}

} // namespace

// All of them leave flows as they are, so it only matters that none overlap;
// whoever says the least comes first.
std::vector<Nat_entry>
kept_entries(std::vector<const Placed_rule *> rules)
{
    std::ranges::sort(rules, {}, [](const Placed_rule *placed) {
        const Nat_rule &rule = placed->rule;
        return std::tuple{!rule.protocol, !rule.has_peers(), placed->name};
    });
    std::vector<Nat_entry> entries;
    std::vector<Arrivals> taken;
    for (const Placed_rule *placed : rules) {
        const Ip &address = *placed->rule.external;
        const std::vector<Arrivals> wanted = arrivals_of(placed->rule);
        for (const Arrivals &one : left_of(wanted, taken)) {
            entries.push_back(
                {nat_table("kept", address.family),
                 entry_key({to_string(address), to_string(one.protocols),
                            to_string(one.ports), to_string(one.peers)}),
                 mark_text(placed->mark)});
        }
        std::ranges::copy(wanted, std::back_inserter(taken));
    }
    return entries;
}

// The longest prefix first, and of equal ones that with peers.
std::vector<Nat_entry>
source_entries(const char *name, std::vector<const Placed_rule *> rules)
{
    std::ranges::sort(rules, {}, [](const Placed_rule *placed) {
        const Nat_rule &rule = placed->rule;
        return std::tuple{!rule.no_nat, -int{rule.logical->length},
                          !rule.has_peers(), placed->name};
    });
    std::vector<Nat_entry> entries;
    std::map<std::string, std::vector<Flows>> taken; // By port.
    for (const Placed_rule *placed : rules) {
        const std::vector<Flows> wanted = flows_of(placed->rule);
        for (const std::string &port : placed->ports) {
            for (const Flows &flows : left_of(wanted, taken[port])) {
                entries.push_back({nat_table(name, placed->rule.family()),
                                   entry_key({port, to_string(flows.inside),
                                              to_string(flows.outside)}),
                                   mark_text(placed->mark)});
            }
            std::ranges::copy(wanted, std::back_inserter(taken[port]));
        }
    }
    return entries;
}

} // namespace snat
