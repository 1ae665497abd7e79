#include "kernel/nft_rules.hh"

#include "kernel/nft_layout.hh"
#include "kernel/nft_message.hh"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <string>
#include <utility>
#include <vector>

namespace snat {
namespace {

Result<std::vector<Nft_chain>>
see_chains(Netlink &netfilter)
{
    const Message message
        = nft_message(NFT_MSG_GETCHAIN, NLM_F_DUMP, NFTA_CHAIN_TABLE);
    const auto replies = netfilter.ask(message, "look at the NAT chains");
    if (!replies) {
        return replies.error();
    }
    std::vector<Nft_chain> chains;
    for (const Reply &reply : *replies) {
        const Attributes chain = reply.attributes(sizeof(nfgenmsg));
        if (chain.text(NFTA_CHAIN_TABLE) != nft_table) {
            continue;
        }
        const Attributes hook = chain.nested(NFTA_CHAIN_HOOK);
        const bool accepts
            = chain.be32(NFTA_CHAIN_POLICY).value_or(NF_ACCEPT) == NF_ACCEPT;
        const auto priority = hook.be32(NFTA_HOOK_PRIORITY).value_or(0);
        chains.push_back({chain.text(NFTA_CHAIN_NAME),
                          accepts ? chain.text(NFTA_CHAIN_TYPE) : "drop",
                          hook.be32(NFTA_HOOK_HOOKNUM).value_or(0),
                          static_cast<int32_t>(priority)});
    }
    return chains;
}

// Chain and comment of each rule.  The kernel lists a chain's rules in their
// order.
using Rule_names = std::vector<std::pair<std::string, std::string>>;

Result<Rule_names>
see_rules(Netlink &netfilter)
{
    const Message message
        = nft_message(NFT_MSG_GETRULE, NLM_F_DUMP, NFTA_RULE_TABLE);
    const auto replies = netfilter.ask(message, "look at the NAT rules");
    if (!replies) {
        return replies.error();
    }
    Rule_names names;
    for (const Reply &reply : *replies) {
        const Attributes rule = reply.attributes(sizeof(nfgenmsg));
        names.emplace_back(rule.text(NFTA_RULE_CHAIN),
                           nft_comment(rule.bytes(NFTA_RULE_USERDATA)));
    }
    return names;
}

Rule_names
right_rules()
{
    Rule_names names;
    for (const Nft_chain &chain : nft_chains()) {
        for (const Nft_rule &rule : nft_rules()) {
            if (rule.chain == chain.name) {
                names.emplace_back(rule.chain, rule.comment);
            }
        }
    }
    return names;
}

} // namespace

Result<bool>
has_right_rules(Netlink &netfilter)
{
    const auto chains = see_chains(netfilter);
    if (!chains) {
        return chains.error();
    }
    const auto rules = see_rules(netfilter);
    if (!rules) {
        return rules.error();
    }
    return *chains == nft_chains() && *rules == right_rules();
}

} // namespace snat
