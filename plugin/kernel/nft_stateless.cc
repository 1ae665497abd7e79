#include "kernel/nft_stateless.hh"

#include "router/rule_entries.hh"

#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>

namespace snat {
namespace {

using Rules = std::vector<Nft_rule>;

constexpr auto of = nat_table;

// An ICMP error holds the beginning of the packet that it is about, whose
// addresses are those of this side.
void
append_errors(Family family, Rules &rules)
{
    const auto add = [&](const char *chain, const char *map, uint32_t way,
                         bool is_source) {
        rules.push_back({chain, of(map, family) + " in errors",
                         [=](Nft_expressions &rule) {
                             rule.is_icmp_error(family);
                             rule.meta(way).inner_address(family, is_source,
                                                          name_width);
                             rule.map_by(of(map, family));
                             rule.set_inner_address(family, is_source);
                         }});
    };
    add("untracked", "stateless_in", NFT_META_IIFNAME, true);
    add("restore", "stateless_out", NFT_META_OIFNAME, false);
}

// Packets of a host that is translated so are not tracked, but those to an
// external address, which may be another's answer to a tracked call.
void
append_translation(Family family, Rules &rules)
{
    if (family == Family::ipv6) {
        // Neighbours answer the router's own questions, which it may ask from
        // any of its addresses.
        rules.push_back({"untracked", "discovery6", [](auto &rule) {
                             rule.icmp_type(Family::ipv6);
                             rule.in_set("discovery6").accept();
                         }});
    }
    rules.push_back(
        {"untracked", of("stateless_in", family), [=](Nft_expressions &rule) {
             rule.is_of(family).meta(NFT_META_IIFNAME);
             rule.daddr(family, name_width);
             rule.map_by(of("stateless_in", family));
             rule.set_daddr(family).do_not_track();
         }});
    rules.push_back(
        {"untracked", of("stateless", family), [=](Nft_expressions &rule) {
             rule.is_of(family).saddr(family);
             rule.in_set(of("stateless", family));
             rule.address_type().unequal(RTN_LOCAL).do_not_track();
         }});
    rules.push_back(
        {"restore", of("stateless_out", family), [=](Nft_expressions &rule) {
             rule.is_of(family).is_untracked().meta(NFT_META_OIFNAME);
             rule.saddr(family, name_width);
             rule.map_by(of("stateless_out", family)).set_saddr(family);
         }});
    append_errors(family, rules);
}

// There is no flow whose mark would tell the rule, so the packet has one.
void
append_counters(Family family, Rules &rules)
{
    const auto add = [&](const std::string &name, bool is_out, auto write) {
        rules.push_back(
            {"account", of(name.c_str(), family), [=](Nft_expressions &rule) {
                 rule.is_of(family).is_untracked();
                 rule.meta(is_out ? NFT_META_OIFNAME : NFT_META_IIFNAME);
                 write(rule.in_set("gateways"));
             }});
    };
    for (const bool is_out : {true, false}) {
        const std::string way = is_out ? "out" : "in";
        add("stateless rule " + way, is_out, [=](Nft_expressions &rule) {
            if (is_out) {
                rule.saddr(family);
            } else {
                rule.daddr(family);
            }
            rule.map_by(of("stateless_marks", family)).set_mark();
        });
        add("stateless " + way, is_out, [=](Nft_expressions &rule) {
            rule.meta(NFT_META_MARK).in_set(is_out ? "rules" : "replies");
        });
    }
}

} // namespace

void
append_stateless(Family family, std::vector<Nft_rule> &rules)
{
    append_translation(family, rules);
    append_counters(family, rules);
}

} // namespace snat
