#include "translate.hh"

#include "entries.hh"
#include "rules.hh"

#include <algorithm>
#include <map>
#include <optional>

namespace snat {
namespace {

// The highest bit tells marks of rules from those of other flows.
constexpr uint32_t rule_bit = 0x80000000;

std::string
rate_text(const Rate &rate)
{
    return std::to_string(rate.kbit) + " " + std::to_string(rate.burst);
}

// A rule with its place in the router, or the default SNAT of a port.
struct Placed {
    std::string name; // Its words: no two have the same.
    Nat_rule rule;
    std::vector<std::string> ports;
    bool is_default = false;
    uint32_t mark = 0;
};

// That which its own SNAT goes to, if there is any.
std::optional<Ip>
first_address(const Port &port, Family family)
{
    if (port.snat_ip && port.snat_ip->family == family) {
        return port.snat_ip;
    }
    const auto found = std::ranges::find_if(
        port.networks, [&](const Network &network) {
            return network.ip.family == family && !network.ip.is_link_local();
        });
    return found == port.networks.end() ? std::nullopt
                                        : std::optional{found->ip};
}

// What a no-nat rule leaves as it is of what comes to its address.
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

// The name of a table for one of the two families.
std::string
table(const char *name, Family family)
{
    return std::string{name} + (family == Family::ipv4 ? "4" : "6");
}

class Translator {
public:
    explicit Translator(const Router &router) : router_{router} {}

    Nat
    translate()
    {
        place();
        number();
        for (const auto &[name, port] : router_.ports) {
            if (port.role == Role::gateway) {
                put("gateways", name);
            }
            if (port.snat_ip) {
                limit(name, *port.snat_ip, port.in, port.out);
            }
        }
        add_constants();
        add_callers();
        add_here();
        for (const Placed &placed : placed_) {
            if (placed.ports.empty()) {
                continue; // No gateway port at present.
            }
            if (!placed.rule.no_nat) {
                for (const std::string &port : placed.ports) {
                    put(table("leaving", placed.rule.family()), port);
                }
            }
            put("rules", mark_text(placed.mark), placed.name);
            put("replies", mark_text(placed.mark));
            if (placed.rule.log) {
                put("logged", mark_text(placed.mark));
            }
            if (placed.is_default) {
                add_default(placed);
            } else {
                add(placed);
            }
        }
        add_kept_destinations();
        add_narrowed_sources();
        return std::move(nat_);
    }

private:
    void add_constants();
    void place();
    void number();
    void add_callers();
    void add_here();
    void add(const Placed &placed);
    void add_default(const Placed &placed);
    void add_destination(const Placed &placed);
    void add_kept_destinations();
    void add_forward(const Placed &placed);
    void add_source(const Placed &placed);
    void add_stateless(const Placed &placed);
    void add_action(const Placed &placed);
    void limit(const std::string &port, const Ip &ip, const Rate &in,
               const Rate &out);
    void add_narrowed_sources();
    void add_narrowed(const std::vector<const Placed *> &rules,
                      const char *name);

    void
    put(const std::string &table, const std::string &key,
        const std::string &value = "")
    {
        nat_.tables[table].insert(key, value);
    }

    const Router &router_;
    std::vector<Placed> placed_;
    // By whether they come before the sources of one host each.
    std::vector<const Placed *> early_, late_;
    std::vector<const Placed *> kept_; // Destinations.
    Nat nat_;
};

// What nft(8) would have as sets without a name.
void
Translator::add_constants()
{
    for (const auto protocol :
         {Protocol::tcp, Protocol::udp, Protocol::sctp}) {
        put("with_ports", std::to_string(number_of(protocol)));
    }
    for (const char *type : {"3", "11", "12"}) { // RFC 792.
        put("icmp_errors4", type);
    }
    for (const char *type : {"1", "2", "3", "4"}) { // RFC 4443.
        put("icmp_errors6", type);
    }
    for (const char *type : {"133", "134", "135", "136", "137"}) { // RFC 4861.
        put("discovery6", type);
    }
}

void
Translator::place()
{
    for (const Nat_rule &rule : rules_of(router_)) {
        placed_.push_back(
            {rule_words(rule), rule, gateway_ports_of(router_, rule)});
    }
    for (const auto &[name, port] : router_.ports) {
        if (port.snat_ip) {
            Nat_rule rule;
            rule.external = port.snat_ip;
            rule.random_ports = true;
            rule.gateway_port = name;
            placed_.push_back(
                {"default " + rule_words(rule), rule, {name}, true});
        }
    }
    std::ranges::sort(placed_, {}, &Placed::name);
}

// Of two that would have the same mark the later one gets another.
void
Translator::number()
{
    std::set<uint32_t> taken;
    for (Placed &placed : placed_) {
        placed.mark = hash_of(placed.name) | rule_bit;
        while (!taken.insert(placed.mark).second) {
            placed.mark = (placed.mark + 1) | rule_bit;
        }
    }
}

// Whoever calls a host inside by its external address is seen there with the
// address of a gateway port, if he has none of his own.
void
Translator::add_callers()
{
    for (const auto family : {Family::ipv4, Family::ipv6}) {
        std::optional<Ip> first;
        for (const auto &[name, port] : router_.ports) {
            const auto own = port.role == Role::gateway
                                 ? first_address(port, family)
                                 : std::nullopt;
            first = first ? first : own;
        }
        for (const auto &[name, port] : router_.ports) {
            const auto seen = port.role == Role::gateway
                                  ? first_address(port, family)
                                  : first;
            if (seen) {
                put(table("callers", family), name, to_string(*seen));
            }
        }
    }
}

// Whichever port a rule is for, it takes what is sent to its address by any
// that has it.
void
Translator::add_here()
{
    std::set<Ip> asked;
    for (const Placed &placed : placed_) {
        if (placed.rule.translates_destination()) {
            asked.insert(*placed.rule.external);
        }
    }
    for (const auto &[name, port] : router_.ports) {
        if (port.role != Role::gateway) {
            continue;
        }
        auto addresses = external_addresses(router_, name);
        std::ranges::copy(port.networks, std::back_inserter(addresses));
        for (const Network &address : addresses) {
            if (asked.contains(address.ip)) {
                put(table("here", address.ip.family),
                    entry_key({name, to_string(address.ip)}));
            }
        }
    }
}

void
Translator::add(const Placed &placed)
{
    const Nat_rule &rule = placed.rule;
    if (rule.translates_destination()) {
        if (rule.no_nat) {
            kept_.push_back(&placed);
        } else if (rule.is_forward()) {
            add_forward(placed);
        } else {
            add_destination(placed);
        }
    }
    if (rule.translates_source()) {
        add_source(placed);
    }
}

void
Translator::add_default(const Placed &placed)
{
    const Family family = placed.rule.external->family;
    put(table("default", family), placed.ports.front(),
        mark_text(placed.mark));
    add_action(placed);
}

// All of them leave flows as they are, so it only matters that none overlap;
// whoever says the least comes first.
void
Translator::add_kept_destinations()
{
    std::ranges::sort(kept_, {}, [](const Placed *placed) {
        const Nat_rule &rule = placed->rule;
        return std::tuple{!rule.protocol, !rule.has_peers(), placed->name};
    });
    std::map<Ip, std::vector<Arrivals>> taken;
    for (const Placed *placed : kept_) {
        const Nat_rule &rule = placed->rule;
        std::vector<Arrivals> &others = taken[*rule.external];
        const std::vector<Arrivals> wanted = arrivals_of(rule);
        for (const Arrivals &one : left_of(wanted, others)) {
            put(table("kept", rule.external->family),
                entry_key({to_string(*rule.external), to_string(one.protocols),
                           to_string(one.ports), to_string(one.peers)}),
                mark_text(placed->mark));
        }
        std::ranges::copy(wanted, std::back_inserter(others));
    }
}

// Ports that stay as they are need no entry for each to say so.
void
Translator::add_forward(const Placed &placed)
{
    const Nat_rule &rule = placed.rule;
    const Family family = rule.external->family;
    const std::string address = to_string(*rule.external),
                      protocol = std::to_string(number_of(*rule.protocol)),
                      mark = mark_text(placed.mark);
    for (uint32_t i = 0; i < rule.external_ports->size(); i++) {
        const std::string port
            = std::to_string(rule.external_ports->first + i);
        if (!rule.has_peers()) {
            put(table("forwards", family),
                entry_key({address, protocol, port}), mark);
        }
        if (rule.internal_ports != rule.external_ports) {
            put(table("inside_ports", family), entry_key({mark, port}),
                entry_key({to_string(rule.logical->ip),
                           std::to_string(rule.internal_ports->first + i)}));
        }
    }
    if (rule.has_peers()) {
        for (const Ip_range &peers : peers_of(rule)) {
            put(table("forwards_by_peer", family),
                entry_key({address, protocol, to_string(*rule.external_ports),
                           to_string(peers)}),
                mark);
        }
    }
    put(table("inside", family), mark, to_string(rule.logical->ip));
}

void
Translator::add_destination(const Placed &placed)
{
    const Nat_rule &rule = placed.rule;
    const Family family = rule.external->family;
    const std::string address = to_string(*rule.external);
    if (!rule.has_peers()) {
        put(table("floating", family), address, mark_text(placed.mark));
    } else {
        for (const Ip_range &peers : peers_of(rule)) {
            put(table("floating_by_peer", family),
                entry_key({address, to_string(peers)}),
                mark_text(placed.mark));
        }
    }
    put(table("inside", family), mark_text(placed.mark),
        to_string(rule.logical->ip));
}

void
Translator::add_source(const Placed &placed)
{
    const Nat_rule &rule = placed.rule;
    const Family family = rule.logical->ip.family;
    const bool is_floating = rule.type == Nat_type::dnat_and_snat;
    for (const std::string &port : placed.ports) {
        if (is_floating) {
            // Without connection tracking it comes as its host's at once.
            limit(port, rule.stateless ? rule.logical->ip : *rule.external,
                  rule.in, {});
            limit(port, *rule.external, {}, rule.out);
        }
        if (is_floating && !rule.has_peers()) {
            put(table("hosts", family),
                entry_key({port, to_string(rule.logical->ip)}),
                mark_text(placed.mark));
        }
    }
    if (rule.stateless) {
        add_stateless(placed);
    }
    if (is_floating && !rule.has_peers()) {
        put(table("hairpin", family), to_string(rule.logical->ip),
            to_string(*rule.external));
    } else {
        (rule.no_nat || is_floating ? early_ : late_).push_back(&placed);
    }
    if (!rule.no_nat) {
        add_action(placed);
    }
}

// Beside what it has of a floating IP that hosts inside call.
void
Translator::add_stateless(const Placed &placed)
{
    const Nat_rule &rule = placed.rule;
    const Family family = rule.external->family;
    const std::string external = to_string(*rule.external),
                      inside = to_string(rule.logical->ip);
    for (const std::string &port : placed.ports) {
        put(table("stateless_in", family), entry_key({port, external}),
            inside);
        put(table("stateless_out", family), entry_key({port, inside}),
            external);
    }
    put(table("stateless", family), inside);
    put(table("stateless_marks", family), external, mark_text(placed.mark));
    put(table("stateless_marks", family), inside, mark_text(placed.mark));
}

void
Translator::add_action(const Placed &placed)
{
    const Nat_rule &rule = placed.rule;
    const Family family = rule.external->family;
    const std::string mark = mark_text(placed.mark);
    put(table(rule.random_ports ? "random" : "to", family), mark,
        to_string(*rule.external));
    if (rule.port_block) {
        for (const Block &block : all_blocks(rule)) {
            const std::string host = entry_key({mark, to_string(block.host)});
            put(table("block_first", family), host,
                std::to_string(block.ports.first));
            put(table("block_last", family), host,
                std::to_string(block.ports.last));
        }
    } else if (rule.external_ports) {
        put(table("first_port", family), mark,
            std::to_string(rule.external_ports->first));
        put(table("last_port", family), mark,
            std::to_string(rule.external_ports->last));
    }
}

void
Translator::limit(const std::string &port, const Ip &ip, const Rate &in,
                  const Rate &out)
{
    if (in.kbit) {
        put(table("limits_in", ip.family), entry_key({port, to_string(ip)}),
            rate_text(in));
    }
    if (out.kbit) {
        put(table("limits_out", ip.family), entry_key({port, to_string(ip)}),
            rate_text(out));
    }
}

void
Translator::add_narrowed_sources()
{
    // The longest prefix first, and of equal ones that with peers.
    const auto order = [](const Placed *placed) {
        const Nat_rule &rule = placed->rule;
        return std::tuple{!rule.no_nat, -int{rule.logical->length},
                          !rule.has_peers(), placed->name};
    };
    for (auto *rules : {&early_, &late_}) {
        std::ranges::sort(*rules, {}, order);
    }
    add_narrowed(early_, "hosts_by_peer");
    add_narrowed(late_, "networks");
}

// The kernel's tables with ranges may not overlap.
void
Translator::add_narrowed(const std::vector<const Placed *> &rules,
                         const char *name)
{
    std::map<std::string, std::vector<Flows>> taken; // By port.
    for (const Placed *placed : rules) {
        const Nat_rule &rule = placed->rule;
        const Family family = rule.logical->ip.family;
        std::vector<Flows> wanted;
        for (const Ip_range &peers : peers_of(rule)) {
            wanted.push_back({range_of(*rule.logical), peers});
        }
        for (const std::string &port : placed->ports) {
            for (const Flows &flows : left_of(wanted, taken[port])) {
                put(table(name, family),
                    entry_key({port, to_string(flows.inside),
                               to_string(flows.outside)}),
                    mark_text(placed->mark));
            }
            std::ranges::copy(wanted, std::back_inserter(taken[port]));
        }
    }
}

} // namespace

Nat
translate(const Router &router)
{
    return Translator{router}.translate();
}

} // namespace snat
