#include "floor_rules.hh"

#include "kernel/nft_expressions.hh"
#include "kernel/nft_message.hh"

#include <array>
#include <cstring>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>

namespace bench {
namespace {

using snat::Family, snat::Nft_expressions, snat::Nft_type;

const snat::Nft_set to_inside{
    "to_inside", {Nft_type::ipv4_addr}, {Nft_type::ipv4_addr}};
const snat::Nft_set to_outside{
    "to_outside", {Nft_type::ipv4_addr}, {Nft_type::ipv4_addr}};

std::string
bytes(const snat::Ip &ip)
{
    return {reinterpret_cast<const char *>(ip.bytes.data()), ip.size()};
}

void
append_floating_ips(std::vector<snat::Message> &batch,
                    const Floating_ips &floating_ips)
{
    std::vector<snat::Nft_element> inward, outward;
    for (const auto &[outside, inside] : floating_ips) {
        auto &in = inward.emplace_back(), &out = outward.emplace_back();
        in.key = out.value = bytes(outside);
        in.value = out.key = bytes(inside);
    }
    snat::append_nft_elements(batch, NFT_MSG_NEWSETELEM, to_inside, inward);
    snat::append_nft_elements(batch, NFT_MSG_NEWSETELEM, to_outside, outward);
}

template <typename Write>
void
append_rule(std::vector<snat::Message> &batch, const char *chain, Write write)
{
    auto message = snat::nft_message(
        NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, NFTA_RULE_TABLE);
    message.put_text(NFTA_RULE_CHAIN, chain);
    message.nest(NFTA_RULE_EXPRESSIONS, [&] {
        Nft_expressions rule{message};
        write(rule.is_of(Family::ipv4));
    });
    batch.push_back(std::move(message));
}

void
append_rules(std::vector<snat::Message> &batch, const Floor_rules &rules)
{
    append_rule(batch, "prerouting", [](Nft_expressions &rule) {
        rule.daddr(Family::ipv4)
            .map_by(to_inside.name)
            .nat(NFT_NAT_DNAT, Family::ipv4, {});
    });
    append_rule(batch, "postrouting", [](Nft_expressions &rule) {
        rule.saddr(Family::ipv4)
            .map_by(to_outside.name)
            .nat(NFT_NAT_SNAT, Family::ipv4, {});
    });
    append_rule(batch, "postrouting", [&](Nft_expressions &rule) {
        std::array<uint8_t, 4 * snat::name_width> name{};
        memcpy(name.data(), rules.gateway.data(), rules.gateway.size());
        uint32_t address = 0;
        memcpy(&address, rules.address.bytes.data(), sizeof address);
        rule.meta(NFT_META_OIFNAME)
            .equal(name)
            .number(address)
            .nat(NFT_NAT_SNAT, Family::ipv4, {});
    });
}

snat::Ip
ip_of(const std::string &text)
{
    const auto ip = snat::parse_ip(text);
    if (!ip) {
        give_up(ip.error().what.c_str());
    }
    return *ip;
}

} // namespace

Floor_rules
rules_of(const snat::Router_row &rows)
{
    const snat::Port_row &gateway = rows.ports[0];
    const std::string &network = gateway.networks[0];
    Floor_rules rules{
        gateway.name, ip_of(network.substr(0, network.find('/'))), {}};
    for (const auto &[id, row] : rows.nat) {
        rules.floating_ips.emplace_back(ip_of(row.external_ip),
                                        ip_of(row.logical_ip));
    }
    return rules;
}

snat::Outcome
load(snat::Netlink &netfilter, const Floor_rules &rules)
{
    std::vector<snat::Message> batch;
    batch.push_back(snat::nft_batch_begin());
    batch.push_back(
        snat::nft_message(NFT_MSG_NEWTABLE, NLM_F_CREATE, NFTA_TABLE_NAME));
    batch.push_back(snat::nft_new_set(to_inside, 1));
    batch.push_back(snat::nft_new_set(to_outside, 2));
    append_floating_ips(batch, rules.floating_ips);
    batch.push_back(snat::nft_new_chain(
        {"prerouting", "nat", NF_INET_PRE_ROUTING, NF_IP_PRI_NAT_DST}));
    batch.push_back(snat::nft_new_chain(
        {"postrouting", "nat", NF_INET_POST_ROUTING, NF_IP_PRI_NAT_SRC}));
    append_rules(batch, rules);
    batch.push_back(snat::nft_batch_end());
    return netfilter.send(batch, "load rules");
}

snat::Outcome
add(snat::Netlink &netfilter, const Floating_ips &more)
{
    std::vector<snat::Message> batch;
    batch.push_back(snat::nft_batch_begin());
    append_floating_ips(batch, more);
    batch.push_back(snat::nft_batch_end());
    return netfilter.send(batch, "add floating IPs");
}

} // namespace bench
