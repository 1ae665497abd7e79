#include "kernel/nft_arrive.hh"

#include <linux/netfilter/nf_tables.h>

namespace snat {
namespace {

constexpr const char *chain = "arrive";

// Beyond so many nothing new is let in; this counts them.
void
append_tracked(Family family, std::vector<Nft_rule> &rules)
{
    const bool is_v4 = family == Family::ipv4;
    const uint32_t width = is_v4 ? 1 : 4; // Registers of an address.
    rules.push_back(
        {chain, is_v4 ? "tracked4" : "tracked6", [=](Nft_expressions &rule) {
             rule.begins_a_flow().is_of(family).saddr(family);
             rule.daddr(family, width).both_ports(2 * width);
             rule.hash(2 * width + 1, 1).meta(NFT_META_L4PROTO);
             rule.in_set("tracked").drop();
         }});
}

void
write_helpers(Nft_expressions &rule)
{
    rule.begins_a_flow().meta(NFT_META_L4PROTO).dport(1);
    rule.use_object_of("helpers");
}

} // namespace

void
append_sets_of_arrivals(std::vector<Nft_set> &sets)
{
    Nft_set by_port{
        "helpers", {Nft_type::inet_proto, Nft_type::inet_service}, {}};
    Nft_set by_hash{"tracked", by_port.key, {}, true};
    by_port.is_of_helpers = true;
    by_hash.is_numbered = true;
    sets.push_back(by_port);
    sets.push_back(by_hash);
}

void
append_arrivals(std::vector<Nft_rule> &rules)
{
    for (const Family family : {Family::ipv4, Family::ipv6}) {
        append_tracked(family, rules);
    }
    rules.push_back({chain, "helpers", write_helpers});
}

} // namespace snat
