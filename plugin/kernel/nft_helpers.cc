#include "kernel/nft_helpers.hh"

#include "kernel/nft_text.hh"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

namespace snat {
namespace {

// Tried and forgotten, as any batch is that does not end.
bool
is_in_kernel(Netlink &netfilter, Nft_helper helper)
{
    helper.object = "tried";
    Message table
        = nft_message(NFT_MSG_NEWTABLE, NLM_F_CREATE, NFTA_TABLE_NAME);
    table.put_be32(NFTA_TABLE_FLAGS, 0);
    std::vector<Message> batch;
    batch.push_back(nft_batch_begin());
    batch.push_back(std::move(table));
    batch.push_back(nft_new_helper(helper));
    const Outcome outcome = netfilter.send(batch, "look for a helper");
    return outcome || outcome.error().code != ENOENT;
}

Nft_helper
parse_helper(const Reply &reply)
{
    const Attributes object = reply.attributes(sizeof(nfgenmsg));
    if (object.text(NFTA_OBJ_TABLE) != nft_table
        || object.be32(NFTA_OBJ_TYPE) != NFT_OBJECT_CT_HELPER) {
        return {};
    }
    const Attributes data = object.nested(NFTA_OBJ_DATA);
    return {object.text(NFTA_OBJ_NAME), data.text(NFTA_CT_HELPER_NAME),
            data.u8(NFTA_CT_HELPER_L4PROTO).value_or(0)};
}

} // namespace

// The object is "ftp-6-21", and a helper's name may have a dash in it; the key
// begins with the protocol.
Nft_helper
helper_of(const Nft_element &element)
{
    const std::string &object = element.object;
    const size_t port = object.rfind('-');
    const std::string name = object.substr(0, object.rfind('-', port - 1));
    return {object, name, static_cast<uint8_t>(element.key.at(0))};
}

void
append_with_helpers(std::vector<Message> &batch, uint16_t type,
                    const Nft_set &set, std::span<const Nft_element> elements)
{
    if (set.is_of_helpers && type == NFT_MSG_NEWSETELEM) {
        for (const Nft_element &element : elements) {
            batch.push_back(nft_new_helper(helper_of(element)));
        }
    }
    append_nft_elements(batch, type, set, elements);
    if (set.is_of_helpers && type == NFT_MSG_DELSETELEM) {
        for (const Nft_element &element : elements) {
            batch.push_back(nft_delete_helper(element.object));
        }
    }
}

Result<bool>
has_helpers(Netlink &netfilter, const Nft_set &set, const Nat_table &entries)
{
    if (entries.empty()) {
        return true;
    }
    const auto replies = netfilter.ask(
        nft_message(NFT_MSG_GETOBJ, NLM_F_DUMP, NFTA_OBJ_TABLE),
        "look at the helpers");
    if (!replies) {
        return replies.error();
    }
    std::vector<Nft_helper> seen;
    std::ranges::transform(*replies, std::back_inserter(seen), parse_helper);
    return std::ranges::all_of(entries, [&](const auto &entry) {
        const auto element = nft_element(set, entry.first, entry.second);
        return element && std::ranges::count(seen, helper_of(*element)) == 1;
    });
}

Error
explain_helpers(Netlink &netfilter, const Error &error, const Nft_set &set,
                const Nat_table &entries)
{
    for (const auto &[key, name] : entries) {
        const auto element = nft_element(set, key, name);
        if (error.code == ENOENT && element
            && !is_in_kernel(netfilter, helper_of(*element))) {
            return {ENOENT, "the kernel has no conntrack helper " + name
                                + " (option ct-helpers): expected it, or its "
                                  "module, to be there"};
        }
    }
    return error;
}

} // namespace snat
