#include "kernel/nft_forwarding.hh"

#include "router/port_entries.hh"

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>

namespace snat {
namespace {

using Rules = std::vector<Nft_rule>;

constexpr auto families = {Family::ipv4, Family::ipv6};

// The scope that a packet comes from; what the router itself sends comes from
// none.  It stands in the packet's mark, since nft(8) cannot show a key of
// which a map gives a part.
Nft_expressions &
mark_scope(Nft_expressions &rule, Family family)
{
    rule.is_of(family).meta(NFT_META_IIFNAME);
    return rule.map_by(nat_table("scopes", family)).set_mark();
}

// Whether the port that it leaves by is in that scope.
Nft_expressions &
stays_within(Nft_expressions &rule, Family family)
{
    rule.meta(NFT_META_MARK).meta(NFT_META_OIFNAME, 1);
    return rule.in_set(nat_table("within", family));
}

// Nobody else shall see it.
Nft_expressions &
unmark(Nft_expressions &rule)
{
    return rule.number(no_mark).set_mark();
}

// Here it is known whether the flow is translated: a flow's first packet has
// been given its source.  Each packet is asked, also of flows that go on.
void
append_scopes(Rules &rules)
{
    for (const Family family : families) {
        rules.push_back({"account", nat_table("scopes", family),
                         [=](Nft_expressions &rule) {
                             mark_scope(rule, family).jump("scopes");
                         }});
        rules.push_back({"scopes", nat_table("within", family),
                         [=](Nft_expressions &rule) {
                             stays_within(rule.is_of(family), family);
                             unmark(rule).leave();
                         }});
    }
    rules.push_back({"scopes", "across", [](Nft_expressions &rule) {
                         unmark(rule).go_to("translated");
                     }});
}

void
write_unlisted(Nft_expressions &rule)
{
    rule.is_of(Family::ipv6).meta(NFT_META_IIFNAME);
    rule.daddr(Family::ipv6, name_width).in_set("unlisted6");
    rule.jump("translated");
}

void
write_translated(Nft_expressions &rule)
{
    rule.ct(NFT_CT_STATUS).has_any_of(IPS_NAT_MASK).leave();
}

// Without connection tracking the addresses tell: what goes out has the
// external one by now, what comes in that of its host.
void
append_stateless(Family family, Rules &rules)
{
    rules.push_back(
        {"translated", nat_table("stateless_in", family),
         [=](Nft_expressions &rule) {
             rule.is_of(family).is_untracked().meta(NFT_META_OIFNAME);
             rule.saddr(family, name_width);
             rule.in_set(nat_table("stateless_in", family)).leave();
         }});
    rules.push_back(
        {"translated", nat_table("stateless_out", family),
         [=](Nft_expressions &rule) {
             rule.is_of(family).is_untracked().meta(NFT_META_IIFNAME);
             rule.daddr(family, name_width);
             rule.in_set(nat_table("stateless_out", family)).leave();
         }});
}

// Both ends of a connection hear of the port's size, whoever begins it.  The
// kernel only ever lowers it (nft_exthdr_tcp_set_eval()).
void
append_segment_sizes(Rules &rules)
{
    for (const auto &[words, way] : {std::pair{" in", NFT_META_IIFNAME},
                                     std::pair{" out", NFT_META_OIFNAME}}) {
        rules.push_back({"forward", std::string{"mss_of_path"} + words,
                         [way](Nft_expressions &rule) {
                             rule.is_syn().meta(way).in_set("mss_of_path");
                             rule.path_mss().set_mss();
                         }});
        rules.push_back({"forward", std::string{"most_mss"} + words,
                         [way](Nft_expressions &rule) {
                             rule.is_syn().meta(way).map_by("most_mss");
                             rule.set_mss();
                         }});
    }
}

} // namespace

void
append_forwarding_sets(std::vector<Nft_set> &sets)
{
    constexpr Nft_type ifname = Nft_type::ifname;
    sets.push_back({"unlisted6", {ifname, Nft_type::ipv6_addr}, {}, true});
    sets.push_back({"mss_of_path", {ifname}, {}});
    sets.push_back({"most_mss", {ifname}, {Nft_type::inet_service}});
    for (const Family family : families) {
        sets.push_back(
            {nat_table("scopes", family), {ifname}, {Nft_type::mark}});
        sets.push_back(
            {nat_table("within", family), {Nft_type::mark, ifname}, {}});
    }
}

// Neutron does so, too, unless the ports have no scope.
void
append_spared(Family family, Rules &rules)
{
    rules.push_back({"postrouting", nat_table("within", family),
                     [=](Nft_expressions &rule) {
                         mark_scope(rule, family).meta(NFT_META_MARK);
                         rule.unequal(no_scope);
                         stays_within(rule, family).accept();
                     }});
}

void
append_forwarding(Rules &rules)
{
    append_scopes(rules);
    rules.push_back({"account", "unlisted6", write_unlisted});
    rules.push_back({"translated", "tracked", write_translated});
    for (const Family family : families) {
        append_stateless(family, rules);
    }
    rules.push_back(
        {"translated", "none", [](Nft_expressions &rule) { rule.drop(); }});
    append_segment_sizes(rules);
}

} // namespace snat
