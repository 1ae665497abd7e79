#include "kernel/nft_layout.hh"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>

#include <algorithm>
#include <cerrno>

namespace snat {
namespace {

constexpr const char *default_snat = "default_snat";
constexpr const char *snat_ports = "snat_ports";
constexpr const char *postrouting = "postrouting";
constexpr const char *forward = "forward";

void
write_default_snat(Nft_expressions &rule)
{
    rule.is_ipv4().meta(NFT_META_OIFNAME).map_by(default_snat);
    rule.snat(NF_NAT_RANGE_PROTO_RANDOM_FULLY);
}

// What conntrack cannot place is not translated, so it must not leave.
void
write_invalid_tcp(Nft_expressions &rule)
{
    rule.is_ipv4().is_tcp().conntrack_state(NF_CT_STATE_INVALID_BIT);
    rule.meta(NFT_META_OIFNAME).in_set(snat_ports).drop();
}

} // namespace

const std::vector<Nft_set> &
nft_sets()
{
    static const std::vector<Nft_set> sets = {
        {default_snat, Nft_type::ifname, Nft_type::ipv4_addr},
        {snat_ports, Nft_type::ifname, Nft_type::none},
    };
    return sets;
}

const std::vector<Nft_chain> &
nft_chains()
{
    static const std::vector<Nft_chain> chains = {
        {postrouting, "nat", NF_INET_POST_ROUTING, NF_IP_PRI_NAT_SRC},
        {forward, "filter", NF_INET_FORWARD, NF_IP_PRI_FILTER},
    };
    return chains;
}

const std::vector<Nft_rule> &
nft_rules()
{
    static const std::vector<Nft_rule> rules = {
        {postrouting, "default snat", write_default_snat},
        {forward, "invalid tcp", write_invalid_tcp},
    };
    return rules;
}

Nft_elements
elements_of(const Nat &nat)
{
    Nft_elements elements;
    for (const auto &[port, ip] : nat.default_snat) {
        elements[default_snat].insert({nft_ifname(port), nft_ip(ip)});
        elements[snat_ports].insert({nft_ifname(port), ""});
    }
    return elements;
}

Result<Nat>
nat_of(const Nft_elements &elements)
{
    Nat nat;
    const auto snats = elements.find(default_snat);
    if (snats != elements.end()) {
        for (const auto &[key, value] : snats->second) {
            Ip ip;
            std::copy_n(value.begin(), std::min(value.size(), ip.size()),
                        ip.bytes.begin());
            nat.default_snat[key.substr(0, key.find('\0'))] = ip;
        }
    }
    if (elements_of(nat) != elements) {
        return Error{EINVAL, "the sets of the table disagree"};
    }
    return nat;
}

} // namespace snat
