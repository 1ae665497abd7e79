// The words of nf_tables: messages for table "inet ovs_snat" and the
// expressions of its rules, in the form that nft(8) makes and shows.
#pragma once

#include "kernel/message.hh"

#include <cstdint>
#include <functional>
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

// Everything between these happens at once, or not at all.
Message nft_batch_begin();
Message nft_batch_end();

// Comments are kept in the kernel's "user data", where nft shows them.
// NFTA_TABLE_USERDATA and NFTA_RULE_USERDATA alike are a list of type,
// length, value; type 0 is the comment.
void put_nft_comment(Message &message, int attribute,
                     std::string_view comment);
std::string nft_comment(std::string_view userdata);

// nft's numbers for what keys and values are (its enum datatypes).
enum class Nft_type : uint32_t {
    none = 0,
    ipv4_addr = 7,
    ifname = 41,
};
uint32_t nft_size(Nft_type type);

// A set, or a map if it has values.
struct Nft_set {
    std::string name;
    Nft_type key = Nft_type::none;
    Nft_type value = Nft_type::none;
};
Message nft_new_set(const Nft_set &set, uint32_t id);

struct Nft_element {
    std::string key, value; // Bytes; see nft_ifname() and nft_ip().

    auto operator<=>(const Nft_element &) const = default;
};
std::string nft_ifname(std::string_view name);
std::string nft_ip(const Ip &ip);

// Elements added to or deleted from 'set', as many messages as it takes.
void append_nft_elements(std::vector<Message> &batch, uint16_t type,
                         const Nft_set &set,
                         std::span<const Nft_element> elements);

struct Nft_chain {
    std::string name;
    std::string type; // "nat", "filter".
    uint32_t hook = 0;
    int32_t priority = 0;

    bool operator==(const Nft_chain &) const = default;
};
Message nft_new_chain(const Nft_chain &chain);

// The expressions of a rule, one after the other, inside NFTA_RULE_EXPRESSIONS
// of 'message'.  They all work on register 1.
class Nft_expressions {
public:
    explicit Nft_expressions(Message &message) : message_{message} {}

    Nft_expressions &meta(uint32_t key); // NFT_META_*
    Nft_expressions &equal(std::span<const uint8_t> value);
    Nft_expressions &is_ipv4();
    Nft_expressions &is_tcp();
    Nft_expressions &conntrack_state(uint32_t any_of_bits);
    Nft_expressions &in_set(const std::string &set);
    Nft_expressions &map_by(const std::string &map);
    Nft_expressions &snat(uint32_t range_flags); // To what a map gave.
    Nft_expressions &drop();

private:
    Nft_expressions &add(const char *name, const std::function<void()> &data);
    void value(int attribute, std::span<const uint8_t> bytes);
    Nft_expressions &compare(uint32_t op, std::span<const uint8_t> bytes);

    Message &message_;
};

} // namespace snat
