// The words of nf_tables: messages for table "inet ovs_snat" and the
// expressions of its rules, in the form that nft(8) makes and shows.
#pragma once

#include "kernel/message.hh"

#include <cstdint>
#include <functional>
#include <optional>
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
    bool is_ranged = false;  // Each field of a key is a range.
    bool is_counted = false; // Each element counts packets and bytes.
    bool is_named = false;   // Each element has a comment.
    bool is_limited = false; // Each element matches what is over its rate.
};
Message nft_new_set(const Nft_set &set, uint32_t id);

// Bytes, as the kernel has them; see kernel/nft_text.hh.
struct Nft_element {
    std::string key, key_end, value;
    std::string comment;
    uint64_t rate = 0;  // Bytes a second.
    uint32_t burst = 0; // Bytes.
};

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

// The expressions of a rule, one after the other, inside NFTA_RULE_EXPRESSIONS
// of 'message'.  They work on registers of 32 bits, numbered from 0; what is
// longer takes as many as it needs.
class Nft_expressions {
public:
    explicit Nft_expressions(Message &message) : message_{message} {}

    // What is loaded into a register.
    Nft_expressions &meta(uint32_t key, uint32_t reg = 0); // NFT_META_*
    Nft_expressions &ct(uint32_t key, uint32_t reg = 0);   // NFT_CT_*
    Nft_expressions &saddr(Family family, uint32_t reg = 0);
    Nft_expressions &daddr(Family family, uint32_t reg = 0);
    Nft_expressions &dport(uint32_t reg);
    Nft_expressions &icmp_type(Family family); // Of no other packet.
    Nft_expressions &address_type(); // Of the destination (RTN_LOCAL ..).
    // Of the packet that an ICMP error is about.
    Nft_expressions &inner_address(Family family, bool is_source,
                                   uint32_t reg);
    Nft_expressions &number(uint32_t value);

    // What must hold, or the rule ends here.
    Nft_expressions &equal(std::span<const uint8_t> value);
    Nft_expressions &equal(uint32_t value); // Of the host's byte order.
    Nft_expressions &unequal(uint32_t value);
    Nft_expressions &has_any_of(uint32_t bits);
    Nft_expressions &has_none_of(uint32_t bits);
    Nft_expressions &is_of(Family family);
    Nft_expressions &is_tcp();
    Nft_expressions &is_untracked();
    Nft_expressions &is_icmp_error(Family family);
    Nft_expressions &in_set(const std::string &set);
    Nft_expressions &not_in_set(const std::string &set);
    Nft_expressions &has_ports(); // TCP, UDP, SCTP.
    // From a register, into the same one.
    Nft_expressions &map_by(const std::string &map, uint32_t reg = 0);

    // What is done.
    Nft_expressions &set_mark(); // Of the packet.
    Nft_expressions &set_ct_mark();
    Nft_expressions &do_not_track();
    // All checksums are kept right.
    Nft_expressions &set_saddr(Family family);
    Nft_expressions &set_daddr(Family family);
    Nft_expressions &set_inner_address(Family family, bool is_source);
    // To an address in register 'address', and to ports in these two.
    struct Nat_registers {
        uint32_t address = 0;
        std::optional<uint32_t> first_port, last_port;
    };
    Nft_expressions &nat(uint32_t type, Family family, Nat_registers registers,
                         uint32_t flags = 0);
    Nft_expressions &log(uint16_t group, const std::string &prefix);
    Nft_expressions &accept();
    Nft_expressions &drop();
    Nft_expressions &jump(const std::string &chain);
    Nft_expressions &go_to(const std::string &chain);

private:
    Nft_expressions &add(const char *name, const std::function<void()> &data);
    void value(int attribute, std::span<const uint8_t> bytes);
    Nft_expressions &payload(uint32_t base, uint32_t offset, uint32_t length,
                             uint32_t reg);
    Nft_expressions &mask(uint32_t bits);
    // Where a field is, and the checksum that has to follow it.
    struct Field {
        uint32_t base, offset, length;
        std::optional<uint32_t> checksum;
        bool in_pseudo_header = false; // Of the transport protocol.
    };
    static Field address_field(Family family, bool is_source);
    static Field inner_field(Family family, bool is_source);
    Nft_expressions &load(const Field &field, uint32_t reg);
    Nft_expressions &store(const Field &field);
    Nft_expressions &compare(uint32_t op, std::span<const uint8_t> bytes);
    Nft_expressions &look_up(const std::string &set, uint32_t reg,
                             uint32_t flags, bool is_map);
    Nft_expressions &verdict(int32_t code, const std::string &chain = "");

    Message &message_;
};

} // namespace snat
