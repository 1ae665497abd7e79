#include "kernel/nft_expressions.hh"

#include <arpa/inet.h>
#include <linux/ip.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <netinet/icmp6.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>

#include <array>
#include <bit>
#include <cstddef>
#include <vector>

namespace snat {
namespace {

constexpr uint32_t mss_size = 2; // Bytes.

std::array<uint8_t, 4>
bytes_of(uint32_t number)
{
    return std::bit_cast<std::array<uint8_t, 4>>(number);
}

} // namespace

Nft_expressions &
Nft_expressions::add(const char *name, const std::function<void()> &data)
{
    message_.nest(NFTA_LIST_ELEM, [&] {
        message_.put_text(NFTA_EXPR_NAME, name);
        message_.nest(NFTA_EXPR_DATA, data);
    });
    return *this;
}

void
Nft_expressions::value(int attribute, std::span<const uint8_t> bytes)
{
    message_.nest(attribute, [&] {
        message_.put(NFTA_DATA_VALUE, bytes.data(), bytes.size());
    });
}

Nft_expressions &
Nft_expressions::meta(uint32_t key, uint32_t reg)
{
    return add("meta", [&] {
        message_.put_be32(NFTA_META_KEY, key);
        message_.put_be32(NFTA_META_DREG, NFT_REG32_00 + reg);
    });
}

Nft_expressions &
Nft_expressions::ct(uint32_t key, uint32_t reg)
{
    return add("ct", [&] {
        message_.put_be32(NFTA_CT_KEY, key);
        message_.put_be32(NFTA_CT_DREG, NFT_REG32_00 + reg);
    });
}

Nft_expressions &
Nft_expressions::payload(uint32_t base, uint32_t offset, uint32_t length,
                         uint32_t reg)
{
    return add("payload", [&] {
        message_.put_be32(NFTA_PAYLOAD_DREG, NFT_REG32_00 + reg);
        message_.put_be32(NFTA_PAYLOAD_BASE, base);
        message_.put_be32(NFTA_PAYLOAD_OFFSET, offset);
        message_.put_be32(NFTA_PAYLOAD_LEN, length);
    });
}

Nft_expressions &
Nft_expressions::load(const Field &field, uint32_t reg)
{
    return payload(field.base, field.offset, field.length, reg);
}

Nft_expressions &
Nft_expressions::store(const Field &field)
{
    return add("payload", [&] {
        message_.put_be32(NFTA_PAYLOAD_SREG, NFT_REG32_00);
        message_.put_be32(NFTA_PAYLOAD_BASE, field.base);
        message_.put_be32(NFTA_PAYLOAD_OFFSET, field.offset);
        message_.put_be32(NFTA_PAYLOAD_LEN, field.length);
        message_.put_be32(NFTA_PAYLOAD_CSUM_TYPE, field.checksum
                                                      ? NFT_PAYLOAD_CSUM_INET
                                                      : NFT_PAYLOAD_CSUM_NONE);
        message_.put_be32(NFTA_PAYLOAD_CSUM_OFFSET,
                          field.checksum.value_or(0));
        message_.put_be32(NFTA_PAYLOAD_CSUM_FLAGS,
                          field.in_pseudo_header ? NFT_PAYLOAD_L4CSUM_PSEUDOHDR
                                                 : 0);
    });
}

Nft_expressions::Field
Nft_expressions::address_field(Family family, bool is_source)
{
    if (family == Family::ipv4) {
        return {NFT_PAYLOAD_NETWORK_HEADER,
                uint32_t(is_source ? offsetof(iphdr, saddr)
                                   : offsetof(iphdr, daddr)),
                4, uint32_t(offsetof(iphdr, check)), true};
    }
    return {NFT_PAYLOAD_NETWORK_HEADER,
            uint32_t(is_source ? offsetof(ip6_hdr, ip6_src)
                               : offsetof(ip6_hdr, ip6_dst)),
            16, std::nullopt, true};
}

// Behind the header of ICMP.  For IPv4 the checksum is that of the inner
// header, whose change makes up for that of the address in ICMP's own; IPv6
// has only the latter.
Nft_expressions::Field
Nft_expressions::inner_field(Family family, bool is_source)
{
    constexpr uint32_t icmp_header = 8;
    Field field = address_field(family, is_source);
    field.base = NFT_PAYLOAD_TRANSPORT_HEADER;
    field.offset += icmp_header;
    field.checksum = family == Family::ipv4
                         ? icmp_header + uint32_t(offsetof(iphdr, check))
                         : uint32_t(offsetof(icmp6_hdr, icmp6_cksum));
    field.in_pseudo_header = false;
    return field;
}

Nft_expressions &
Nft_expressions::saddr(Family family, uint32_t reg)
{
    return load(address_field(family, true), reg);
}

Nft_expressions &
Nft_expressions::daddr(Family family, uint32_t reg)
{
    return load(address_field(family, false), reg);
}

Nft_expressions &
Nft_expressions::inner_address(Family family, bool is_source, uint32_t reg)
{
    return load(inner_field(family, is_source), reg);
}

Nft_expressions &
Nft_expressions::set_saddr(Family family)
{
    return store(address_field(family, true));
}

Nft_expressions &
Nft_expressions::set_daddr(Family family)
{
    return store(address_field(family, false));
}

Nft_expressions &
Nft_expressions::set_inner_address(Family family, bool is_source)
{
    return store(inner_field(family, is_source));
}

// TCP, UDP and SCTP have it at the same place.
Nft_expressions &
Nft_expressions::dport(uint32_t reg)
{
    return payload(NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, reg);
}

Nft_expressions &
Nft_expressions::both_ports(uint32_t reg)
{
    return payload(NFT_PAYLOAD_TRANSPORT_HEADER, 0, 4, reg);
}

Nft_expressions &
Nft_expressions::hash(uint32_t registers, uint32_t reg)
{
    return add("hash", [&] {
        message_.put_be32(NFTA_HASH_SREG, NFT_REG32_00);
        message_.put_be32(NFTA_HASH_LEN, registers * sizeof(uint32_t));
        message_.put_be32(NFTA_HASH_DREG, NFT_REG32_00 + reg);
        message_.put_be32(NFTA_HASH_MODULUS, UINT32_MAX);
        message_.put_be32(NFTA_HASH_TYPE, NFT_HASH_JENKINS);
    });
}

Nft_expressions &
Nft_expressions::address_type()
{
    return add("fib", [&] {
        message_.put_be32(NFTA_FIB_DREG, NFT_REG32_00);
        message_.put_be32(NFTA_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
        message_.put_be32(NFTA_FIB_FLAGS, NFTA_FIB_F_DADDR);
    });
}

Nft_expressions &
Nft_expressions::number(uint32_t number)
{
    return add("immediate", [&] {
        message_.put_be32(NFTA_IMMEDIATE_DREG, NFT_REG32_00);
        value(NFTA_IMMEDIATE_DATA, bytes_of(number));
    });
}

// The kernel has it in the host's byte order.
Nft_expressions &
Nft_expressions::path_mss()
{
    add("rt", [&] {
        message_.put_be32(NFTA_RT_DREG, NFT_REG32_00);
        message_.put_be32(NFTA_RT_KEY, NFT_RT_TCPMSS);
    });
    return add("byteorder", [&] {
        message_.put_be32(NFTA_BYTEORDER_SREG, NFT_REG32_00);
        message_.put_be32(NFTA_BYTEORDER_DREG, NFT_REG32_00);
        message_.put_be32(NFTA_BYTEORDER_OP, NFT_BYTEORDER_HTON);
        message_.put_be32(NFTA_BYTEORDER_LEN, mss_size);
        message_.put_be32(NFTA_BYTEORDER_SIZE, mss_size);
    });
}

Nft_expressions &
Nft_expressions::compare(uint32_t op, std::span<const uint8_t> bytes)
{
    return add("cmp", [&] {
        message_.put_be32(NFTA_CMP_SREG, NFT_REG32_00);
        message_.put_be32(NFTA_CMP_OP, op);
        value(NFTA_CMP_DATA, bytes);
    });
}

Nft_expressions &
Nft_expressions::equal(std::span<const uint8_t> bytes)
{
    return compare(NFT_CMP_EQ, bytes);
}

Nft_expressions &
Nft_expressions::equal(uint32_t number)
{
    return compare(NFT_CMP_EQ, bytes_of(number));
}

Nft_expressions &
Nft_expressions::unequal(uint32_t number)
{
    return compare(NFT_CMP_NEQ, bytes_of(number));
}

Nft_expressions &
Nft_expressions::mask(std::span<const uint8_t> bits)
{
    const std::vector<uint8_t> none(bits.size());
    return add("bitwise", [&] {
        message_.put_be32(NFTA_BITWISE_SREG, NFT_REG32_00);
        message_.put_be32(NFTA_BITWISE_DREG, NFT_REG32_00);
        message_.put_be32(NFTA_BITWISE_LEN, uint32_t(bits.size()));
        value(NFTA_BITWISE_MASK, bits);
        value(NFTA_BITWISE_XOR, none);
    });
}

Nft_expressions &
Nft_expressions::has_any_of(uint32_t bits)
{
    return mask(bytes_of(bits)).unequal(0);
}

Nft_expressions &
Nft_expressions::has_none_of(uint32_t bits)
{
    return mask(bytes_of(bits)).equal(uint32_t{0});
}

Nft_expressions &
Nft_expressions::is_of(Family family)
{
    const uint8_t number
        = family == Family::ipv4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
    return meta(NFT_META_NFPROTO).equal(std::array{number});
}

Nft_expressions &
Nft_expressions::is_tcp()
{
    return meta(NFT_META_L4PROTO).equal(std::array<uint8_t, 1>{IPPROTO_TCP});
}

Nft_expressions &
Nft_expressions::is_syn()
{
    constexpr uint32_t flags_at = 13;
    constexpr std::array<uint8_t, 1> syn{0x02}, none{0};
    is_tcp().payload(NFT_PAYLOAD_TRANSPORT_HEADER, flags_at, 1, 0);
    return mask(syn).compare(NFT_CMP_NEQ, none);
}

Nft_expressions &
Nft_expressions::is_untracked()
{
    return ct(NFT_CT_STATE).has_any_of(NF_CT_STATE_UNTRACKED_BIT);
}

Nft_expressions &
Nft_expressions::begins_a_flow()
{
    return ct(NFT_CT_STATUS).has_none_of(IPS_CONFIRMED);
}

Nft_expressions &
Nft_expressions::icmp_type(Family family)
{
    const bool is_v4 = family == Family::ipv4;
    is_of(family).meta(NFT_META_L4PROTO);
    equal(std::array{is_v4 ? uint8_t{IPPROTO_ICMP} : uint8_t{IPPROTO_ICMPV6}});
    return payload(NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1, 0);
}

Nft_expressions &
Nft_expressions::is_icmp_error(Family family)
{
    return icmp_type(family).in_set(family == Family::ipv4 ? "icmp_errors4"
                                                           : "icmp_errors6");
}

Nft_expressions &
Nft_expressions::do_not_track()
{
    return add("notrack", [] {});
}

Nft_expressions &
Nft_expressions::use_object_of(const std::string &set)
{
    return add("objref", [&] {
        message_.put_be32(NFTA_OBJREF_SET_SREG, NFT_REG32_00);
        message_.put_text(NFTA_OBJREF_SET_NAME, set);
    });
}

Nft_expressions &
Nft_expressions::set_mss()
{
    constexpr uint32_t after_kind_and_length = 2;
    return add("exthdr", [&] {
        message_.put_be32(NFTA_EXTHDR_SREG, NFT_REG32_00);
        const uint8_t option = TCPOPT_MAXSEG;
        message_.put(NFTA_EXTHDR_TYPE, &option, sizeof option);
        message_.put_be32(NFTA_EXTHDR_OFFSET, after_kind_and_length);
        message_.put_be32(NFTA_EXTHDR_LEN, mss_size);
        message_.put_be32(NFTA_EXTHDR_OP, NFT_EXTHDR_OP_TCPOPT);
    });
}

// By a set of its own, as nft has it.
Nft_expressions &
Nft_expressions::has_ports()
{
    return meta(NFT_META_L4PROTO).in_set("with_ports");
}

Nft_expressions &
Nft_expressions::look_up(const std::string &set, uint32_t reg, uint32_t flags,
                         bool is_map)
{
    return add("lookup", [&] {
        message_.put_text(NFTA_LOOKUP_SET, set);
        message_.put_be32(NFTA_LOOKUP_SREG, NFT_REG32_00 + reg);
        if (is_map) {
            message_.put_be32(NFTA_LOOKUP_DREG, NFT_REG32_00 + reg);
        }
        message_.put_be32(NFTA_LOOKUP_FLAGS, flags);
    });
}

Nft_expressions &
Nft_expressions::in_set(const std::string &set)
{
    return look_up(set, 0, 0, false);
}

Nft_expressions &
Nft_expressions::not_in_set(const std::string &set)
{
    return look_up(set, 0, NFT_LOOKUP_F_INV, false);
}

Nft_expressions &
Nft_expressions::map_by(const std::string &map, uint32_t reg)
{
    return look_up(map, reg, 0, true);
}

Nft_expressions &
Nft_expressions::set_mark()
{
    return add("meta", [&] {
        message_.put_be32(NFTA_META_KEY, NFT_META_MARK);
        message_.put_be32(NFTA_META_SREG, NFT_REG32_00);
    });
}

Nft_expressions &
Nft_expressions::set_ct_mark()
{
    return add("ct", [&] {
        message_.put_be32(NFTA_CT_KEY, NFT_CT_MARK);
        message_.put_be32(NFTA_CT_SREG, NFT_REG32_00);
    });
}

Nft_expressions &
Nft_expressions::nat(uint32_t type, Family family, Nat_registers registers,
                     uint32_t flags)
{
    return add("nat", [&] {
        message_.put_be32(NFTA_NAT_TYPE, type);
        message_.put_be32(NFTA_NAT_FAMILY, family == Family::ipv4
                                               ? NFPROTO_IPV4
                                               : NFPROTO_IPV6);
        message_.put_be32(NFTA_NAT_REG_ADDR_MIN,
                          NFT_REG32_00 + registers.address);
        if (registers.first_port) {
            message_.put_be32(NFTA_NAT_REG_PROTO_MIN,
                              NFT_REG32_00 + *registers.first_port);
        }
        if (registers.last_port) {
            message_.put_be32(NFTA_NAT_REG_PROTO_MAX,
                              NFT_REG32_00 + *registers.last_port);
        }
        message_.put_be32(NFTA_NAT_FLAGS, flags);
    });
}

Nft_expressions &
Nft_expressions::log(uint16_t group, const std::string &prefix)
{
    return add("log", [&] {
        message_.put_be16(NFTA_LOG_GROUP, group);
        message_.put_text(NFTA_LOG_PREFIX, prefix);
    });
}

Nft_expressions &
Nft_expressions::verdict(int32_t code, const std::string &chain)
{
    return add("immediate", [&] {
        message_.put_be32(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
        message_.nest(NFTA_IMMEDIATE_DATA, [&] {
            message_.nest(NFTA_DATA_VERDICT, [&] {
                message_.put_be32(NFTA_VERDICT_CODE, uint32_t(code));
                if (!chain.empty()) {
                    message_.put_text(NFTA_VERDICT_CHAIN, chain);
                }
            });
        });
    });
}

Nft_expressions &
Nft_expressions::accept()
{
    return verdict(NF_ACCEPT);
}

Nft_expressions &
Nft_expressions::drop()
{
    return verdict(NF_DROP);
}

Nft_expressions &
Nft_expressions::jump(const std::string &chain)
{
    return verdict(NFT_JUMP, chain);
}

Nft_expressions &
Nft_expressions::go_to(const std::string &chain)
{
    return verdict(NFT_GOTO, chain);
}

Nft_expressions &
Nft_expressions::leave()
{
    return verdict(NFT_RETURN);
}

} // namespace snat
