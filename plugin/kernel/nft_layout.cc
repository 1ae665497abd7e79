#include "kernel/nft_layout.hh"

#include "kernel/nft_arrive.hh"
#include "kernel/nft_forwarding.hh"
#include "kernel/nft_stateless.hh"
#include "router/rule_entries.hh"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>

#include <algorithm>

namespace snat {
namespace {

using Types = std::vector<Nft_type>;
using Rules = std::vector<Nft_rule>;

constexpr Nft_type ifname = Nft_type::ifname, mark = Nft_type::mark,
                   protocol = Nft_type::inet_proto,
                   service = Nft_type::inet_service;

// Before destinations are translated, and after sources are.
constexpr int before_destination = NF_IP_PRI_NAT_DST - 50;
constexpr int before_source = NF_IP_PRI_NAT_SRC - 50;
constexpr int after_source = NF_IP_PRI_NAT_SRC + 50;

constexpr auto families = {Family::ipv4, Family::ipv6};
constexpr auto of = nat_table;

// How many registers an address takes.
uint32_t
width(Family family)
{
    return family == Family::ipv4 ? 1 : 4;
}

void
append_sets_of(Family family, std::vector<Nft_set> &sets)
{
    const Nft_type address
        = family == Family::ipv4 ? Nft_type::ipv4_addr : Nft_type::ipv6_addr;
    const auto add = [&](const char *name, Types key, Types value = {},
                         bool is_ranged = false) {
        sets.push_back(
            {of(name, family), std::move(key), std::move(value), is_ranged});
    };
    add("here", {ifname, address});
    add("kept", {address, protocol, service, address}, {mark}, true);
    add("forwards_by_peer", {address, protocol, service, address}, {mark},
        true);
    add("forwards", {address, protocol, service}, {mark});
    add("floating_by_peer", {address, address}, {mark}, true);
    add("floating", {address}, {mark});
    add("inside", {mark}, {address});
    add("inside_ports", {mark, service}, {address, service});
    add("hosts_by_peer", {ifname, address, address}, {mark}, true);
    add("hosts", {ifname, address}, {mark});
    add("networks", {ifname, address, address}, {mark}, true);
    add("default", {ifname}, {mark});
    add("to", {mark}, {address});
    add("random", {mark}, {address});
    add("first_port", {mark}, {service});
    add("last_port", {mark}, {service});
    add("block_first", {mark, address}, {service});
    add("block_last", {mark, address}, {service});
    add("most_flows", {mark, address});
    sets.back().is_numbered = true;
    add("hairpin", {address}, {address});
    add("callers", {ifname}, {address});
    add("leaving", {ifname});
    add("stateless_in", {ifname, address}, {address});
    add("stateless_out", {ifname, address}, {address});
    add("stateless", {address});
    add("stateless_marks", {address}, {mark});
    for (const char *name : {"limits_in", "limits_out"}) {
        add(name, {ifname, address});
        sets.back().is_limited = true;
    }
}

// Which rule takes a flow by where it goes.
void
append_destinations(Family family, Rules &rules)
{
    const auto add = [&](const char *map, bool has_port, bool has_peer) {
        rules.push_back(
            {"destination", of(map, family), [=](Nft_expressions &rule) {
                 uint32_t reg = width(family);
                 rule.is_of(family).daddr(family);
                 if (has_port) {
                     rule.meta(NFT_META_L4PROTO, reg).dport(reg + 1);
                     reg += 2;
                 }
                 if (has_peer) {
                     rule.saddr(family, reg);
                 }
                 rule.map_by(of(map, family)).set_ct_mark();
                 rule.go_to("inside");
             }});
    };
    add("kept", true, true);
    add("forwards_by_peer", true, true);
    add("forwards", true, false);
    add("floating_by_peer", false, true);
    add("floating", false, false);
}

// And where to.
void
append_insides(Family family, Rules &rules)
{
    const std::string ports = of("inside_ports", family),
                      address = of("inside", family);
    rules.push_back(
        {"inside", ports, [=](Nft_expressions &rule) {
             rule.is_of(family).has_ports();
             rule.ct(NFT_CT_MARK).dport(1).map_by(ports);
             rule.nat(NFT_NAT_DNAT, family, {0, width(family), {}});
         }});
    rules.push_back({"inside", address, [=](Nft_expressions &rule) {
                         rule.is_of(family).ct(NFT_CT_MARK).map_by(address);
                         rule.nat(NFT_NAT_DNAT, family, {});
                     }});
}

Nft_expressions &
sent_to_external_address(Nft_expressions &rule, Family family)
{
    rule.is_of(family).ct(NFT_CT_STATUS).has_any_of(IPS_DST_NAT);
    return rule;
}

// Flows whose destination was translated go on to a host inside, and are given
// a source only if they come from inside as well: the answers must come back
// this way.  So must those of a host outside.
void
append_callers(Family family, Rules &rules)
{
    const auto add = [&](const char *name, auto write) {
        rules.push_back({"postrouting", of(name, family), write});
    };
    add("forwarded to the outside", [=](Nft_expressions &rule) {
        sent_to_external_address(rule, family).meta(NFT_META_OIFNAME);
        rule.in_set("gateways").map_by(of("callers", family));
        rule.nat(NFT_NAT_SNAT, family, {}, NF_NAT_RANGE_PROTO_RANDOM_FULLY);
    });
    add("hairpin", [=](Nft_expressions &rule) {
        sent_to_external_address(rule, family).meta(NFT_META_IIFNAME);
        rule.not_in_set("gateways").saddr(family);
        rule.map_by(of("hairpin", family)).nat(NFT_NAT_SNAT, family, {});
    });
    add("callers", [=](Nft_expressions &rule) {
        sent_to_external_address(rule, family).meta(NFT_META_IIFNAME);
        rule.not_in_set("gateways").map_by(of("callers", family));
        rule.nat(NFT_NAT_SNAT, family, {}, NF_NAT_RANGE_PROTO_RANDOM_FULLY);
    });
}

void
append_sources(Family family, Rules &rules)
{
    const auto add = [&](const char *map, bool has_host, bool has_peer) {
        rules.push_back(
            {"postrouting", of(map, family), [=](Nft_expressions &rule) {
                 rule.is_of(family).meta(NFT_META_OIFNAME);
                 if (has_host) {
                     rule.saddr(family, name_width);
                 }
                 if (has_peer) {
                     rule.daddr(family, name_width + width(family));
                 }
                 rule.map_by(of(map, family)).set_ct_mark();
                 rule.go_to("source");
             }});
    };
    add("hosts_by_peer", true, true);
    add("hosts", true, false);
    add("networks", true, true);
    append_spared(family, rules);
    add("default", false, false);
}

// More than that many of a host go nowhere; this counts them.
void
append_most_flows(Family family, Rules &rules)
{
    rules.push_back(
        {"source", of("most_flows", family), [=](Nft_expressions &rule) {
             rule.is_of(family).ct(NFT_CT_MARK).saddr(family, 1);
             rule.in_set(of("most_flows", family)).drop();
         }});
}

// What a rule makes of the sources of its flows.
void
append_actions(Family family, Rules &rules)
{
    struct Ports {
        const char *words, *first, *last;
        bool by_host;
    };
    const auto add = [&](const char *map, const Ports &ports, uint32_t flags) {
        rules.push_back({"source", of(map, family) + ports.words,
                         [=](Nft_expressions &rule) {
                             Nft_expressions::Nat_registers to;
                             rule.is_of(family);
                             if (ports.first) {
                                 rule.has_ports();
                                 to.first_port = width(family);
                                 to.last_port = width(family) + 1;
                                 for (const auto &[name, reg] :
                                      {std::pair{ports.first, *to.first_port},
                                       std::pair{ports.last, *to.last_port}}) {
                                     rule.ct(NFT_CT_MARK, reg);
                                     if (ports.by_host) {
                                         rule.saddr(family, reg + 1);
                                     }
                                     rule.map_by(of(name, family), reg);
                                 }
                             }
                             rule.ct(NFT_CT_MARK).map_by(of(map, family));
                             rule.nat(NFT_NAT_SNAT, family, to, flags);
                         }});
    };
    for (const Ports &ports :
         {Ports{" and a block", "block_first", "block_last", true},
          Ports{" and ports", "first_port", "last_port", false},
          Ports{"", nullptr, nullptr, false}}) {
        add("to", ports, 0);
        add("random", ports, NF_NAT_RANGE_PROTO_RANDOM_FULLY);
    }
}

// What conntrack cannot place is not translated, so it must not leave.
void
append_invalid(Family family, Rules &rules)
{
    rules.push_back(
        {"forward", of("invalid tcp", family), [=](Nft_expressions &rule) {
             rule.is_of(family).is_tcp();
             rule.ct(NFT_CT_STATE).has_any_of(NF_CT_STATE_INVALID_BIT);
             rule.meta(NFT_META_OIFNAME).in_set(of("leaving", family)).drop();
         }});
}

// By a port that does not have it an external address is not asked for.  The
// kernel's own table does not tell: it knows an address of several ports by
// one of them.
void
append_elsewhere(Family family, Rules &rules)
{
    rules.push_back(
        {"prerouting", of("here", family), [=](Nft_expressions &rule) {
             rule.is_of(family).meta(NFT_META_IIFNAME).in_set("gateways");
             rule.daddr(family, name_width);
             rule.not_in_set(of("here", family)).accept();
         }});
}

// Before a rule takes the flow, so what is left with this mark has none.
void
append_untranslated(Rules &rules)
{
    for (const auto &[name, way] :
         {std::pair{"untranslated in", NFT_META_IIFNAME},
          std::pair{"untranslated out", NFT_META_OIFNAME}}) {
        rules.push_back({"forward", name, [way](Nft_expressions &rule) {
                             rule.ct(NFT_CT_MARK).equal(no_mark);
                             rule.meta(way).in_set("gateways");
                             rule.number(mark_untranslated).set_ct_mark();
                         }});
    }
}

void
append_counters(Rules &rules)
{
    for (const auto &[set, direction] :
         {std::pair{"rules", IP_CT_DIR_ORIGINAL},
          std::pair{"replies", IP_CT_DIR_REPLY}}) {
        rules.push_back({"account", set, [=](Nft_expressions &rule) {
                             rule.ct(NFT_CT_DIRECTION)
                                 .equal(std::array{uint8_t(direction)});
                             rule.ct(NFT_CT_MARK).in_set(set);
                         }});
    }
}

// What is on the wire: before destinations are translated, after sources are.
void
append_limits(Family family, Rules &rules)
{
    rules.push_back(
        {"arrive", of("limits_in", family), [=](Nft_expressions &rule) {
             rule.is_of(family).meta(NFT_META_IIFNAME);
             rule.daddr(family, name_width);
             rule.in_set(of("limits_in", family)).drop();
         }});
    rules.push_back(
        {"account", of("limits_out", family), [=](Nft_expressions &rule) {
             rule.is_of(family).meta(NFT_META_OIFNAME);
             rule.saddr(family, name_width);
             rule.in_set(of("limits_out", family)).drop();
         }});
}

// With a flow's first packet, which alone is not confirmed yet.
void
write_log(Nft_expressions &rule)
{
    rule.ct(NFT_CT_MARK).in_set("logged");
    rule.begins_a_flow().log(nat_log_group, "ovs-snat ");
}

std::vector<Nft_set>
make_sets()
{
    std::vector<Nft_set> sets = {
        {"gateways", {ifname}, {}},
        {"with_ports", {protocol}, {}},
        {"icmp_errors4", {Nft_type::icmp_type}, {}},
        {"icmp_errors6", {Nft_type::icmpv6_type}, {}},
        {"discovery6", {Nft_type::icmpv6_type}, {}},
        {"rules", {mark}, {}, false, true, true},
        {"replies", {mark}, {}, false, true},
        {"logged", {mark}, {}},
    };
    for (const Family family : families) {
        append_sets_of(family, sets);
    }
    append_forwarding_sets(sets);
    append_sets_of_arrivals(sets);
    return sets;
}

Rules
make_rules()
{
    const auto to_destinations
        = [](Nft_expressions &rule) { rule.jump("destination"); };
    Rules rules;
    append_forwarding(rules);
    for (const Family family : families) {
        append_elsewhere(family, rules);
    }
    append_arrivals(rules);
    rules.push_back({"prerouting", "destinations", to_destinations});
    rules.push_back({"output", "destinations", to_destinations});
    for (const Family family : families) {
        append_destinations(family, rules);
        append_insides(family, rules);
        append_callers(family, rules);
        append_sources(family, rules);
        append_most_flows(family, rules);
        append_actions(family, rules);
        append_invalid(family, rules);
        append_limits(family, rules);
        append_stateless(family, rules);
    }
    append_untranslated(rules);
    append_counters(rules);
    rules.push_back({"account", "log", write_log});
    return rules;
}

} // namespace

const std::vector<Nft_set> &
nft_sets()
{
    static const std::vector<Nft_set> sets = make_sets();
    return sets;
}

const Nft_set *
find_nft_set(const std::string &name)
{
    const auto found = std::ranges::find(nft_sets(), name, &Nft_set::name);
    return found == nft_sets().end() ? nullptr : &*found;
}

const std::vector<Nft_chain> &
nft_chains()
{
    static const std::vector<Nft_chain> chains = {
        {"destination", "", 0, 0},
        {"inside", "", 0, 0},
        {"source", "", 0, 0},
        {"scopes", "", 0, 0},
        {"translated", "", 0, 0},
        {"untracked", "filter", NF_INET_PRE_ROUTING, NF_IP_PRI_RAW},
        {"restore", "filter", NF_INET_POST_ROUTING, before_source},
        {"arrive", "filter", NF_INET_PRE_ROUTING, before_destination},
        {"prerouting", "nat", NF_INET_PRE_ROUTING, NF_IP_PRI_NAT_DST},
        {"output", "nat", NF_INET_LOCAL_OUT, NF_IP_PRI_NAT_DST},
        {"postrouting", "nat", NF_INET_POST_ROUTING, NF_IP_PRI_NAT_SRC},
        {"forward", "filter", NF_INET_FORWARD, NF_IP_PRI_FILTER},
        {"account", "filter", NF_INET_POST_ROUTING, after_source},
    };
    return chains;
}

const std::vector<Nft_rule> &
nft_rules()
{
    static const std::vector<Nft_rule> rules = make_rules();
    return rules;
}

} // namespace snat
