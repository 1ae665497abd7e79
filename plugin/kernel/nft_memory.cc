#include "kernel/nft_memory.hh"

#include "kernel/failure.hh"
#include "kernel/nft_message.hh"

#include <linux/netfilter/nf_tables.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace snat {

Result<uint32_t>
see_generation(Netlink &netfilter)
{
    constexpr const char *what = "look at the generation of nf_tables";
    const auto replies = netfilter.ask(nft_get_generation(), what);
    if (!replies) {
        return replies.error();
    }
    for (const Reply &reply : *replies) {
        const auto told = reply.attributes(sizeof(nfgenmsg)).be32(NFTA_GEN_ID);
        if (told) {
            return *told;
        }
    }
    return failure(what, {ENODATA, "the kernel does not tell it"});
}

uint32_t
next_generation(uint32_t generation)
{
    return std::max(generation + 1, uint32_t{1});
}

// A batch has to wait for the lock, even if there is nothing in it; then it is
// no commit.
Outcome
wait_for_commit(Netlink &netfilter)
{
    std::vector<Message> batch;
    batch.push_back(nft_batch_begin());
    batch.push_back(nft_batch_end());
    return netfilter.send(batch, "wait for a commit of nf_tables");
}

} // namespace snat
