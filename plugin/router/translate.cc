#include "translate.hh"

#include "entries.hh"
#include "overlaps.hh"
#include "port_entries.hh"
#include "rules.hh"
#include "settings_entries.hh"

#include <algorithm>
#include <iterator>

namespace snat {
namespace {

// The highest bit tells marks of rules from those of other flows.
constexpr uint32_t rule_bit = 0x80000000;

// Names of groups; but for the last two an address follows.
const std::string here = "here ", kept = "kept ";
constexpr const char *narrow_sources = "hosts_by_peer",
                     *wide_sources = "networks";

uint32_t
mark_of(const std::string &name)
{
    return hash_of(name) | rule_bit;
}

// Whether two rules may bring the same entry.
bool
is_shared(const std::string &table)
{
    constexpr const char *beginnings[]
        = {"leaving", "hairpin", "limits_", "stateless"};
    return std::ranges::any_of(beginnings, [&](const char *beginning) {
        return table.starts_with(beginning);
    });
}

// That which its own SNAT goes to, or would, if there is any.
std::optional<Ip>
first_address(const Port &port, Family family)
{
    for (const auto &chosen : {port.snat_ip, port.first_ip}) {
        if (chosen && chosen->family == family) {
            return chosen;
        }
    }
    const auto found = std::ranges::find_if(
        port.networks, [&](const Network &network) {
            return network.ip.family == family && !network.ip.is_link_local();
        });
    return found == port.networks.end() ? std::nullopt
                                        : std::optional{found->ip};
}

// Whether its gateway ports must have its external address.
bool
brings_address(const Placed_rule &placed)
{
    return placed.rule.external && !placed.rule.no_nat && !placed.is_default;
}

Placed_rule
place(const Router &router, const Nat_rule &rule)
{
    return {rule_words(rule), rule, gateway_ports_of(router, rule), false, 0};
}

// Without a gateway port there is nothing to be translated.
bool
is_nowhere(const Placed_rule &placed)
{
    return placed.ports.empty();
}

} // namespace

const Nat &
Translator::translate(const Router &router)
{
    if (last_ != router) {
        if (!translate_difference(router)) {
            translate_all(router);
        }
        renew_groups();
        last_ = router;
    }
    return nat_;
}

void
Translator::translate_all(const Router &router)
{
    *this = {};
    last_ = router;
    add_constants();
    for (const auto &[name, port] : router.ports) {
        if (port.role == Role::gateway) {
            set({"gateways", name, ""});
        }
        if (port.snat_ip) {
            for (const Nat_entry &entry :
                 limit_entries(name, *port.snat_ip, port.in, port.out)) {
                put(entry, "");
            }
        }
    }
    add_callers(router);
    for (const Nat_entry &entry : port_entries(router)) {
        set(entry);
    }
    for (const Nat_entry &entry : settings_entries(router.settings)) {
        set(entry);
    }
    std::vector<Placed_rule> rules = defaults(router);
    for (const Nat_rule &rule : rules_of(router)) {
        rules.push_back(place(router, rule));
    }
    std::erase_if(rules, is_nowhere);
    number(rules);
    for (Placed_rule &placed : rules) {
        add(std::move(placed));
    }
}

// False if that is not enough.
bool
Translator::translate_difference(const Router &router)
{
    if (!last_ || last_->ports != router.ports
        || last_->settings != router.settings) {
        return false;
    }
    std::vector<std::string> gone;
    std::vector<Placed_rule> fresh;
    for_each_difference(last_->nat, router.nat,
                        [&](const Nat_rule &rule, bool is_new) {
                            if (is_new) {
                                fresh.push_back(place(router, rule));
                            } else {
                                gone.push_back(rule_words(rule));
                            }
                        });
    std::erase_if(fresh, is_nowhere);
    for (const std::string &name : gone) {
        const auto found = placed_.find(name);
        if (found == placed_.end()) {
            continue;
        }
        if (contested_.contains(found->second.mark)) {
            return false;
        }
        remove(found);
    }
    for (Placed_rule &placed : fresh) {
        placed.mark = mark_of(placed.name);
        if (marks_.contains(placed.mark)) {
            return false;
        }
        add(std::move(placed));
    }
    return true;
}

// What nft(8) would have as sets without a name.
void
Translator::add_constants()
{
    for (const auto protocol :
         {Protocol::tcp, Protocol::udp, Protocol::sctp}) {
        set({"with_ports", std::to_string(number_of(protocol)), ""});
    }
    for (const char *type : {"3", "11", "12"}) { // RFC 792.
        set({"icmp_errors4", type, ""});
    }
    for (const char *type : {"1", "2", "3", "4"}) { // RFC 4443.
        set({"icmp_errors6", type, ""});
    }
    for (const char *type : {"133", "134", "135", "136", "137"}) { // RFC 4861.
        set({"discovery6", type, ""});
    }
}

// Whoever calls a host inside by its external address is seen there with the
// address of a gateway port, if he has none of his own.
void
Translator::add_callers(const Router &router)
{
    for (const auto family : {Family::ipv4, Family::ipv6}) {
        std::optional<Ip> first;
        for (const auto &[name, port] : router.ports) {
            const auto own = port.role == Role::gateway
                                 ? first_address(port, family)
                                 : std::nullopt;
            first = first ? first : own;
        }
        for (const auto &[name, port] : router.ports) {
            const auto seen = port.role == Role::gateway
                                  ? first_address(port, family)
                                  : first;
            if (seen) {
                set({nat_table("callers", family), name, to_string(*seen)});
            }
        }
    }
}

std::vector<Placed_rule>
Translator::defaults(const Router &router) const
{
    std::vector<Placed_rule> rules;
    for (const auto &[name, port] : router.ports) {
        if (port.snat_ip) {
            rules.push_back({default_words(name, *port.snat_ip),
                             default_rule(name, *port.snat_ip),
                             {name},
                             true,
                             0});
        }
    }
    return rules;
}

// Of two that would have the same mark the later one gets another.
void
Translator::number(std::vector<Placed_rule> &rules)
{
    std::ranges::sort(rules, {}, &Placed_rule::name);
    std::set<uint32_t> taken;
    for (Placed_rule &placed : rules) {
        placed.mark = mark_of(placed.name);
        while (!taken.insert(placed.mark).second) {
            contested_.insert(placed.mark);
            placed.mark = (placed.mark + 1) | rule_bit;
            contested_.insert(placed.mark);
        }
    }
}

void
Translator::add(Placed_rule fresh)
{
    const std::string name = fresh.name;
    const Placed_rule &placed = placed_[name] = std::move(fresh);
    marks_[placed.mark] = name;
    for (const Nat_entry &entry : entries_of(placed)) {
        put(entry, name);
    }
    for (const std::string &group : groups_of(placed)) {
        groups_[group].rules[name] = &placed;
        stale_.insert(group);
    }
    if (brings_address(placed)) {
        external_.add(placed.ports, *placed.rule.external);
    }
}

void
Translator::remove(Placed_rules::iterator found)
{
    const auto &[name, placed] = *found;
    for (const Nat_entry &entry : entries_of(placed)) {
        take(entry, name);
    }
    for (const std::string &group : groups_of(placed)) {
        groups_[group].rules.erase(name);
        stale_.insert(group);
    }
    if (brings_address(placed)) {
        external_.remove(placed.ports, *placed.rule.external);
    }
    marks_.erase(placed.mark);
    placed_.erase(found);
}

std::set<std::string>
Translator::groups_of(const Placed_rule &placed) const
{
    const Nat_rule &rule = placed.rule;
    std::set<std::string> groups;
    if (placed.is_default) {
        return groups;
    }
    if (rule.external) {
        groups.insert(here + to_string(*rule.external));
    }
    if (rule.translates_destination() && rule.no_nat) {
        groups.insert(kept + to_string(*rule.external));
    }
    const bool is_floating = rule.type == Nat_type::dnat_and_snat;
    if (rule.translates_source() && (!is_floating || rule.has_peers())) {
        groups.insert(nat_table(rule.no_nat || is_floating ? narrow_sources
                                                           : wide_sources,
                                rule.family()));
    }
    return groups;
}

std::vector<Nat_entry>
Translator::entries_of_group(const std::string &name) const
{
    const Group &group = groups_.at(name);
    if (name.starts_with(here)) {
        return here_entries(group);
    }
    std::vector<const Placed_rule *> rules;
    for (const auto &[rule, placed] : group.rules) {
        rules.push_back(placed);
    }
    return name.starts_with(kept)
               ? kept_entries(std::move(rules))
               : source_entries(name.starts_with(wide_sources)
                                    ? wide_sources
                                    : narrow_sources,
                                std::move(rules));
}

// Whichever port a rule is for, it takes what is sent to its address by any
// that has it.
std::vector<Nat_entry>
Translator::here_entries(const Group &group) const
{
    std::set<std::string> ports;
    bool is_asked = false;
    for (const auto &[name, placed] : group.rules) {
        is_asked |= placed->rule.translates_destination();
        if (!placed->rule.no_nat) {
            ports.insert(placed->ports.begin(), placed->ports.end());
        }
    }
    if (!is_asked) {
        return {};
    }
    const Ip &address = *group.rules.begin()->second->rule.external;
    for (const auto &[name, port] : last_->ports) {
        if (port.role == Role::gateway
            && std::ranges::count(port.networks, address, &Network::ip)) {
            ports.insert(name);
        }
    }
    std::vector<Nat_entry> entries;
    for (const std::string &port : ports) {
        entries.push_back({nat_table("here", address.family),
                           entry_key({port, to_string(address)}), ""});
    }
    return entries;
}

void
Translator::renew_groups()
{
    for (const std::string &name : std::exchange(stale_, {})) {
        Group &group = groups_.at(name);
        std::ranges::for_each(group.entries,
                              [&](const Nat_entry &entry) { erase(entry); });
        if (group.rules.empty()) {
            groups_.erase(name);
            continue;
        }
        group.entries = entries_of_group(name);
        std::ranges::for_each(group.entries,
                              [&](const Nat_entry &entry) { set(entry); });
    }
}

void
Translator::put(const Nat_entry &entry, const std::string &rule)
{
    if (!is_shared(entry.table)) {
        set(entry);
        return;
    }
    auto &claims = claims_[{entry.table, entry.key}];
    claims[rule] = entry.value;
    set({entry.table, entry.key, claims.begin()->second});
}

void
Translator::take(const Nat_entry &entry, const std::string &rule)
{
    const auto found = claims_.find({entry.table, entry.key});
    if (found == claims_.end()) {
        erase(entry);
        return;
    }
    auto &claims = found->second;
    claims.erase(rule);
    if (!claims.empty()) {
        set({entry.table, entry.key, claims.begin()->second});
        return;
    }
    erase(entry);
    claims_.erase(found);
}

void
Translator::set(const Nat_entry &entry)
{
    nat_.tables[entry.table].set(entry.key, entry.value);
}

void
Translator::erase(const Nat_entry &entry)
{
    const auto table = nat_.tables.find(entry.table);
    if (table != nat_.tables.end()) {
        table->second.erase(entry.key);
        if (table->second.empty()) {
            nat_.tables.erase(table);
        }
    }
}

Nat
translate(const Router &router)
{
    return Translator{}.translate(router);
}

} // namespace snat
