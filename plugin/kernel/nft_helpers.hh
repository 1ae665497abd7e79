// The helpers of connection tracking that elements lead to.  Each is an object
// of nf_tables, made right before its element and deleted right after it.
#pragma once

#include "kernel/netlink.hh"
#include "kernel/nft_message.hh"
#include "router/result.hh"
#include "router/wired.hh"

#include <span>
#include <vector>

namespace snat {

Nft_helper helper_of(const Nft_element &element);

// As append_nft_elements(), with the helpers of a set that is of them.
void append_with_helpers(std::vector<Message> &batch, uint16_t type,
                         const Nft_set &set,
                         std::span<const Nft_element> elements);

// Whether the objects are there that these entries lead to, and what they
// should be.
Result<bool> has_helpers(Netlink &netfilter, const Nft_set &set,
                         const Nat_table &entries);

// The error with which adding these has failed; it names the helper that this
// kernel does not have, if that is why.
Error explain_helpers(Netlink &netfilter, const Error &error,
                      const Nft_set &set, const Nat_table &entries);

} // namespace snat
