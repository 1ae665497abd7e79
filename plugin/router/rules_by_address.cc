#include "rules_by_address.hh"

#include "names.hh"
#include "ranges.hh"

#include <algorithm>
#include <iterator>

namespace snat {
namespace {

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

// Those that it takes for sources.
Port_range
source_ports(const Nat_rule &rule)
{
    return rule.external_ports.value_or(Port_range{1024, 65535});
}

bool
have_the_same_blocks(const Nat_rule &rule, const Nat_rule &other)
{
    return rule.logical == other.logical && rule.port_block == other.port_block
           && source_ports(rule) == source_ports(other);
}

// Its packets are translated before anything else is looked at.
Check
refuse_stateless(const Nat_rule &other)
{
    return refuse("conflicts with the rule " + to_string(other)
                  + ": a stateless floating IP has its address and its host "
                    "to itself");
}

// One that is stateless is the only one, so it does not matter which is asked.
Check
check_stateless(const Nat_rule &rule, const std::set<Nat_rule> &others)
{
    return rule.stateless || others.begin()->stateless
               ? refuse_stateless(*others.begin())
               : Check{};
}

template <typename Key>
void
erase(std::map<Key, std::set<Nat_rule>> &from, const Key &key,
      const Nat_rule &rule)
{
    const auto found = from.find(key);
    found->second.erase(rule);
    if (found->second.empty()) {
        from.erase(found);
    }
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
                      + to_string(*led->second.begin())
                      + ": expected an address of the outside");
    }
    const auto found = external_.find(*rule.external);
    if (found == external_.end()) {
        return std::nullopt;
    }
    const External &there = found->second;
    if (Check refused = check_stateless(rule, there.all)) {
        return refused;
    }
    // The limit is one of the address.
    if (rule.type == Nat_type::dnat_and_snat && !there.floating.empty()) {
        const Nat_rule &other = *there.floating.begin();
        if (rule.in != other.in || rule.out != other.out) {
            return refuse("other rates than the rule " + to_string(other)
                          + " of the same external_ip: expected the same");
        }
    }
    const Nat_rule *sharer
        = rule.translates_source() ? find_sharer(there, rule) : nullptr;
    return sharer
               ? refuse("source ports of the rule " + to_string(*sharer)
                        + ", in blocks: expected an external_port that does "
                          "not overlap, or another external_ip")
               : Check{};
}

// Blocks never overlap, but for those of rules that give each host the same,
// so only the last that begin early enough can be in the way.
const Nat_rule *
Rules_by_address::find_sharer(const External &there, const Nat_rule &rule)
{
    const Port_range ports = source_ports(rule);
    const auto after = there.blocks.upper_bound({ports.last, 65535});
    if (after != there.blocks.begin()) {
        const auto &[taken, other] = *std::prev(after);
        if (taken.overlaps(ports) && !have_the_same_blocks(rule, other)) {
            return &other;
        }
    }
    if (!rule.port_block) {
        return nullptr;
    }
    const auto sharer
        = std::ranges::find_if(there.sources, [&](const Nat_rule &other) {
              return source_ports(other).overlaps(ports);
          });
    return sharer == there.sources.end() ? nullptr : &*sharer;
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
                      + to_string(*other->second.all.begin()) + expected);
    }
    const auto rivals = hosts_.find(host);
    return rivals == hosts_.end() ? Check{}
                                  : check_stateless(rule, rivals->second);
}

Check
Rules_by_address::check_exceptions(const Nat_rule &rule) const
{
    if (is_exception_of_sources(rule)) {
        const Ip_range sources = range_of(*rule.logical);
        const auto host = stateless_.lower_bound(sources.first);
        return host != stateless_.end() && host->first <= sources.last
                   ? refuse_stateless(host->second)
                   : Check{};
    }
    if (!rule.stateless) {
        return std::nullopt;
    }
    Network around = *rule.logical;
    do {
        const auto found = exceptions_.find(around.base());
        if (found != exceptions_.end()) {
            return refuse_stateless(*found->second.begin());
        }
    } while (around.length--);
    return std::nullopt;
}

void
Rules_by_address::add(const Nat_rule &rule)
{
    if (rule.external) {
        External &there = external_[*rule.external];
        there.all.insert(rule);
        if (rule.type == Nat_type::dnat_and_snat) {
            there.floating.insert(rule);
        }
        if (rule.port_block) {
            there.blocks.emplace(source_ports(rule), rule);
        } else if (rule.translates_source()) {
            there.sources.insert(rule);
        }
    }
    if (has_host(rule)) {
        hosts_[rule.logical->ip].insert(rule);
    }
    if (rule.stateless) {
        stateless_.emplace(rule.logical->ip, rule);
    }
    if (is_exception_of_sources(rule)) {
        exceptions_[rule.logical->base()].insert(rule);
    }
}

void
Rules_by_address::remove(const Nat_rule &rule)
{
    if (rule.external) {
        const auto found = external_.find(*rule.external);
        External &there = found->second;
        there.all.erase(rule);
        there.floating.erase(rule);
        there.sources.erase(rule);
        const auto [first, last]
            = there.blocks.equal_range(source_ports(rule));
        const auto block = std::find_if(first, last, [&](const auto &entry) {
            return entry.second == rule;
        });
        if (block != last) {
            there.blocks.erase(block);
        }
        if (there.all.empty()) {
            external_.erase(found);
        }
    }
    if (has_host(rule)) {
        erase(hosts_, rule.logical->ip, rule);
    }
    if (rule.stateless) {
        stateless_.erase(rule.logical->ip);
    }
    if (is_exception_of_sources(rule)) {
        erase(exceptions_, rule.logical->base(), rule);
    }
}

} // namespace snat
