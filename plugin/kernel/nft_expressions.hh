// The expressions of nf_tables' rules, in the form that nft(8) makes and
// shows.
#pragma once

#include "kernel/message.hh"
#include "router/address.hh"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace snat {

constexpr uint32_t name_width = 4; // How many registers a name takes.

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
    Nft_expressions &both_ports(uint32_t reg); // Or what others have there.
    Nft_expressions &icmp_type(Family family); // Of no other packet.
    Nft_expressions &address_type(); // Of the destination (RTN_LOCAL ..).
    // Of the packet that an ICMP error is about.
    Nft_expressions &inner_address(Family family, bool is_source,
                                   uint32_t reg);
    Nft_expressions &number(uint32_t value);
    // What TCP's segments may be by the MTU of the path, either way.
    Nft_expressions &path_mss();
    // Of so many registers, the first of which is the first one, into 'reg':
    // any number, another one for each time that the rule is loaded.
    Nft_expressions &hash(uint32_t registers, uint32_t reg);

    // What must hold, or the rule ends here.
    Nft_expressions &equal(std::span<const uint8_t> value);
    Nft_expressions &equal(uint32_t value); // Of the host's byte order.
    Nft_expressions &unequal(uint32_t value);
    Nft_expressions &has_any_of(uint32_t bits);
    Nft_expressions &has_none_of(uint32_t bits);
    Nft_expressions &is_of(Family family);
    Nft_expressions &is_tcp();
    Nft_expressions &is_syn(); // Of TCP, with or without ACK.
    Nft_expressions &is_untracked();
    Nft_expressions &begins_a_flow(); // Its first packet, not yet confirmed.
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
    Nft_expressions &set_mss(); // Unless it is less already.
    Nft_expressions &use_object_of(const std::string &set);
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
    Nft_expressions &leave(); // Back to the chain that jumped here.

private:
    Nft_expressions &add(const char *name, const std::function<void()> &data);
    void value(int attribute, std::span<const uint8_t> bytes);
    Nft_expressions &payload(uint32_t base, uint32_t offset, uint32_t length,
                             uint32_t reg);
    Nft_expressions &mask(std::span<const uint8_t> bits);
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
