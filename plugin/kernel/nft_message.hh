// The words of nf_tables: messages for table "inet ovs_snat" and the
// expressions of its rules, in the form that nft(8) makes and shows.
#pragma once

#include "kernel/message.hh"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace snat {

constexpr const char *nft_table = "ovs_snat";

// Of the table itself, with an attribute for the name that each kind of
// message has at its own place.
Message nft_message(uint16_t type, uint16_t flags, int table_attribute,
                    size_t size = Message::usual_size);
Message nft_get_generation();

// Everything between these happens at once, or not at all; and if a generation
// is named, only as long as that lasts: else the error is ERESTART.
Message nft_batch_begin(uint32_t generation = 0);
Message nft_batch_end();

// Comments are kept in the kernel's "user data", where nft shows them.
// NFTA_TABLE_USERDATA and NFTA_RULE_USERDATA alike are a list of type,
// length, value; type 0 is the comment.
void put_nft_comment(Message &message, int attribute,
                     std::string_view comment);
std::string nft_comment(std::string_view userdata);

// nft's numbers for what keys and values are (its enum datatypes).
enum class Nft_type : uint32_t {
    ipv4_addr = 7,
    ipv6_addr = 8,
    inet_proto = 12,
    inet_service = 13,
    icmp_type = 14,
    mark = 19,
    icmpv6_type = 29,
    ifname = 41,
};
uint32_t nft_size(Nft_type type);

// A set, or a map if it has values.  Keys and values are of one field each or
// of several, which begin at multiples of four bytes.
struct Nft_set {
    std::string name;
    std::vector<Nft_type> key, value;
    bool is_ranged = false;     // Each field of a key is a range.
    bool is_counted = false;    // Each element counts packets and bytes.
    bool is_named = false;      // Each element has a comment.
    bool is_limited = false;    // Each element matches what is over its rate.
    bool is_numbered = false;   // And these the flows beyond so many.
    bool is_of_helpers = false; // Each leads to an object of its own.
};
Message nft_new_set(const Nft_set &set, uint32_t id);

// Bytes, as the kernel has them; see kernel/nft_text.hh.
struct Nft_element {
    std::string key, key_end, value;
    std::string comment;
    uint64_t rate = 0;  // Bytes a second.
    uint32_t burst = 0; // Bytes.
    uint32_t flows = 0;
    std::string object;
};

// A helper of connection tracking, for flows of that IP protocol.
struct Nft_helper {
    std::string object; // Its own name in the table.
    std::string name;   // What the kernel calls it.
    uint8_t protocol = 0;

    bool operator==(const Nft_helper &) const = default;
};
Message nft_new_helper(const Nft_helper &helper);
Message nft_delete_helper(const std::string &object);

// Elements added to or deleted from 'set', as many messages as it takes.
void append_nft_elements(std::vector<Message> &batch, uint16_t type,
                         const Nft_set &set,
                         std::span<const Nft_element> elements);

struct Nft_chain {
    std::string name;
    std::string type; // "nat", "filter"; "": other chains lead to it.
    uint32_t hook = 0;
    int32_t priority = 0;

    bool operator==(const Nft_chain &) const = default;
};
Message nft_new_chain(const Nft_chain &chain);

} // namespace snat
