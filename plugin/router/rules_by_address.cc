#include "rules_by_address.hh"

#include "names.hh"
#include "ranges.hh"

#include <algorithm>

namespace snat {
namespace {

// Those that a rule with blocks, or without a range, takes its ports from.
constexpr Port_range usual_ports{1024, 65535};

bool
is_exception_of_sources(const Nat_rule &rule)
{
    return rule.no_nat && rule.type == Nat_type::snat;
}

bool
has_host(const Nat_rule &rule)
{
    return rule.translates_destination() && rule.logical;
}

// Its packets are translated before anything else is looked at.
Check
check_stateless(const Nat_rule &rule, const Nat_rule &other)
{
    return rule.stateless || other.stateless
               ? refuse("conflicts with the rule " + to_string(other)
                        + ": a stateless floating IP has its address and its "
                          "host to itself")
               : Check{};
}

// The limit is one of the address.
Check
check_rates(const Nat_rule &rule, const Nat_rule &other)
{
    const bool are_floating = rule.type == Nat_type::dnat_and_snat
                              && other.type == Nat_type::dnat_and_snat;
    return are_floating && (rule.in != other.in || rule.out != other.out)
               ? refuse("other rates than the rule " + to_string(other)
                        + " of the same external_ip: expected the same")
               : Check{};
}

bool
share_ports(const Nat_rule &rule, const Nat_rule &other)
{
    const bool are_alike = rule.logical == other.logical
                           && rule.external_ports == other.external_ports
                           && rule.port_block == other.port_block;
    return !are_alike
           && rule.external_ports.value_or(usual_ports)
                  .overlaps(other.external_ports.value_or(usual_ports));
}

// A port of a block is one host's.
Check
check_blocks(const Nat_rule &rule, const Nat_rule &other)
{
    const bool has_blocks = rule.port_block || other.port_block;
    return has_blocks && rule.translates_source() && other.translates_source()
                   && share_ports(rule, other)
               ? refuse("source ports of the rule " + to_string(other)
                        + ", in blocks: expected an external_port that does "
                          "not overlap, or another external_ip")
               : Check{};
}

void
erase(std::multimap<Ip, Nat_rule> &from, const Ip &ip, const Nat_rule &rule)
{
    const auto [first, last] = from.equal_range(ip);
    from.erase(std::find_if(
        first, last, [&](const auto &entry) { return entry.second == rule; }));
}

} // namespace

Check
Rules_by_address::check(const Nat_rule &rule) const
{
    Check refused = rule.external ? check_external(rule) : Check{};
    if (!refused && has_host(rule)) {
        refused = check_host(rule);
    }
    return refused ? refused : check_exceptions(rule);
}

Check
Rules_by_address::check_external(const Nat_rule &rule) const
{
    const auto led = hosts_.find(*rule.external);
    if (led != hosts_.end()) {
        return refuse("external_ip " + to_string(*rule.external)
                      + " is the logical_ip of the rule "
                      + to_string(led->second)
                      + ": expected an address of the outside");
    }
    const auto [first, last] = external_.equal_range(*rule.external);
    for (auto other = first; other != last; ++other) {
        for (const auto check : {check_stateless, check_rates, check_blocks}) {
            if (Check refused = check(rule, other->second)) {
                return refused;
            }
        }
    }
    return std::nullopt;
}

Check
Rules_by_address::check_host(const Nat_rule &rule) const
{
    const Ip &host = rule.logical->ip;
    const std::string expected = ": expected the address of a host";
    if (rule.external == host) {
        return refuse("logical_ip " + to_string(host)
                      + " is the external_ip as well" + expected);
    }
    const auto other = external_.find(host);
    if (other != external_.end()) {
        return refuse("logical_ip " + to_string(host)
                      + " is the external_ip of the rule "
                      + to_string(other->second) + expected);
    }
    const auto [first, last] = hosts_.equal_range(host);
    for (auto rival = first; rival != last; ++rival) {
        if (Check refused = check_stateless(rule, rival->second)) {
            return refused;
        }
    }
    return std::nullopt;
}

Check
Rules_by_address::check_exceptions(const Nat_rule &rule) const
{
    if (rule.stateless) {
        const auto around
            = std::ranges::find_if(exceptions_, [&](const Nat_rule &other) {
                  return other.logical->contains(rule.logical->ip);
              });
        return around == exceptions_.end() ? Check{}
                                           : check_stateless(rule, *around);
    }
    if (!is_exception_of_sources(rule)) {
        return std::nullopt;
    }
    const Ip_range sources = range_of(*rule.logical);
    for (auto host = hosts_.lower_bound(sources.first);
         host != hosts_.end() && host->first <= sources.last; ++host) {
        if (Check refused = check_stateless(rule, host->second)) {
            return refused;
        }
    }
    return std::nullopt;
}

void
Rules_by_address::add(const Nat_rule &rule)
{
    if (rule.external) {
        external_.emplace(*rule.external, rule);
    }
    if (has_host(rule)) {
        hosts_.emplace(rule.logical->ip, rule);
    }
    if (is_exception_of_sources(rule)) {
        exceptions_.insert(rule);
    }
}

void
Rules_by_address::remove(const Nat_rule &rule)
{
    if (rule.external) {
        erase(external_, *rule.external, rule);
    }
    if (has_host(rule)) {
        erase(hosts_, rule.logical->ip, rule);
    }
    exceptions_.erase(rule);
}

} // namespace snat
