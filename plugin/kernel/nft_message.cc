#include "kernel/nft_message.hh"

#include <arpa/inet.h>

#include <linux/ip.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/ip6.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

namespace snat {
namespace {

// libnftnl's NFTNL_UDATA_SET_*, and nft's enum byteorder.
constexpr uint8_t udata_key_byteorder = 0, udata_value_byteorder = 1;
constexpr uint32_t host_endian = 1, big_endian = 2;

// So that a message with the largest elements stays well below 64 KiB, which
// is what an attribute's length can say.
constexpr size_t elements_per_message = 160;
constexpr size_t element_room = 384;

nfgenmsg
family_header(uint8_t family, uint16_t resource)
{
    nfgenmsg header{};
    header.nfgen_family = family;
    header.version = NFNETLINK_V0;
    header.res_id = htons(resource);
    return header;
}

Message
batch_edge(uint16_t type)
{
    Message message{type, 0, 64};
    // Kernels before 6.10 do not acknowledge these.
    message.get()->nlmsg_flags &= ~NLM_F_ACK;
    message.header(family_header(AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
    return message;
}

uint32_t
byteorder(Nft_type type)
{
    return type == Nft_type::ifname || type == Nft_type::mark ? host_endian
                                                              : big_endian;
}

std::array<uint8_t, 4>
bytes_of(uint32_t number)
{
    return std::bit_cast<std::array<uint8_t, 4>>(number);
}

void
append_udata(std::string &udata, uint8_t type, uint32_t value)
{
    udata += char(type);
    udata += char(sizeof value);
    udata.append(reinterpret_cast<const char *>(&value), sizeof value);
}

void
put_bytes(Message &message, int attribute, const std::string &bytes)
{
    message.nest(attribute, [&] {
        message.put(NFTA_DATA_VALUE, bytes.data(), bytes.size());
    });
}

// What is over the rate (nft's "limit rate over").
void
put_limit(Message &message, uint64_t bytes, uint32_t burst)
{
    message.put_text(NFTA_EXPR_NAME, "limit");
    message.nest(NFTA_EXPR_DATA, [&] {
        message.put_be64(NFTA_LIMIT_RATE, bytes);
        message.put_be64(NFTA_LIMIT_UNIT, 1);
        message.put_be32(NFTA_LIMIT_BURST, burst);
        message.put_be32(NFTA_LIMIT_TYPE, NFT_LIMIT_PKT_BYTES);
        message.put_be32(NFTA_LIMIT_FLAGS, NFT_LIMIT_F_INV);
    });
}

void
put_element(Message &message, const Nft_element &element, bool is_new)
{
    message.nest(NFTA_LIST_ELEM, [&] {
        put_bytes(message, NFTA_SET_ELEM_KEY, element.key);
        if (!element.key_end.empty()) {
            put_bytes(message, NFTA_SET_ELEM_KEY_END, element.key_end);
        }
        if (is_new && !element.value.empty()) {
            put_bytes(message, NFTA_SET_ELEM_DATA, element.value);
        }
        if (is_new && element.rate) {
            message.nest(NFTA_SET_ELEM_EXPR, [&] {
                put_limit(message, element.rate, element.burst);
            });
        }
        if (is_new && !element.comment.empty()) {
            put_nft_comment(message, NFTA_SET_ELEM_USERDATA, element.comment);
        }
    });
}

// nft's number for several types one after the other.
uint32_t
concatenated(const std::vector<Nft_type> &types)
{
    constexpr int bits = 6;
    uint32_t number = 0;
    for (const Nft_type type : types) {
        number = number << bits | uint32_t(type);
    }
    return number;
}

uint32_t
padded(uint32_t size)
{
    return (size + 3) & ~3u;
}

uint32_t
size_of(const std::vector<Nft_type> &types)
{
    uint32_t size = 0;
    for (const Nft_type type : types) {
        size += types.size() == 1 ? nft_size(type) : padded(nft_size(type));
    }
    return size;
}

// nft would show a concatenation of its own as one of its fields.
uint32_t
byteorder(const std::vector<Nft_type> &types)
{
    return types.size() == 1 ? byteorder(types.front()) : 0;
}

// The fields of a key, which the kernel's table of ranges must know.
void
put_fields(Message &message, const std::vector<Nft_type> &key)
{
    message.nest(NFTA_SET_DESC, [&] {
        message.nest(NFTA_SET_DESC_CONCAT, [&] {
            for (const Nft_type type : key) {
                message.nest(NFTA_LIST_ELEM, [&] {
                    message.put_be32(NFTA_SET_FIELD_LEN, nft_size(type));
                });
            }
        });
    });
}

} // namespace

Message
nft_message(uint16_t type, uint16_t flags, int table_attribute, size_t size)
{
    Message message{static_cast<uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | type),
                    flags, size};
    message.header(family_header(NFPROTO_INET, 0));
    message.put_text(table_attribute, nft_table);
    return message;
}

Message
nft_batch_begin()
{
    return batch_edge(NFNL_MSG_BATCH_BEGIN);
}

Message
nft_batch_end()
{
    return batch_edge(NFNL_MSG_BATCH_END);
}

void
put_nft_comment(Message &message, int attribute, std::string_view comment)
{
    std::string udata;
    udata += char(0);
    udata += char(comment.size() + 1);
    udata += comment;
    udata += char(0);
    message.put(attribute, udata.data(), udata.size());
}

std::string
nft_comment(std::string_view userdata)
{
    while (userdata.size() >= 2) {
        const auto type = static_cast<uint8_t>(userdata[0]);
        const auto length = static_cast<uint8_t>(userdata[1]);
        const std::string_view value = userdata.substr(2, length);
        if (type == 0) {
            return std::string{value.substr(0, value.find('\0'))};
        }
        userdata.remove_prefix(std::min<size_t>(2u + length, userdata.size()));
    }
    return {};
}

uint32_t
nft_size(Nft_type type)
{
    switch (type) {
    case Nft_type::ipv4_addr:
    case Nft_type::mark:
        return 4;
    case Nft_type::ipv6_addr:
        return 16;
    case Nft_type::inet_proto:
    case Nft_type::icmp_type:
    case Nft_type::icmpv6_type:
        return 1;
    case Nft_type::inet_service:
        return 2;
    case Nft_type::ifname:
        return IFNAMSIZ;
    }
    return 0;
}

Message
nft_new_set(const Nft_set &set, uint32_t id)
{
    const bool is_map = !set.value.empty();
    Message message
        = nft_message(NFT_MSG_NEWSET, NLM_F_CREATE, NFTA_SET_TABLE);
    message.put_text(NFTA_SET_NAME, set.name);
    message.put_be32(
        NFTA_SET_FLAGS,
        (is_map ? NFT_SET_MAP : 0)
            | (set.is_ranged ? NFT_SET_INTERVAL | NFT_SET_CONCAT : 0));
    message.put_be32(NFTA_SET_KEY_TYPE, concatenated(set.key));
    message.put_be32(NFTA_SET_KEY_LEN, size_of(set.key));
    message.put_be32(NFTA_SET_ID, id);
    if (set.is_ranged) {
        put_fields(message, set.key);
    }
    // Without the byte orders nft would show the keys as numbers.
    std::string udata;
    append_udata(udata, udata_key_byteorder, byteorder(set.key));
    if (is_map) {
        message.put_be32(NFTA_SET_DATA_TYPE, concatenated(set.value));
        message.put_be32(NFTA_SET_DATA_LEN, size_of(set.value));
        append_udata(udata, udata_value_byteorder, byteorder(set.value));
    }
    message.put(NFTA_SET_USERDATA, udata.data(), udata.size());
    if (set.is_counted) {
        message.nest(NFTA_SET_EXPR, [&] {
            message.put_text(NFTA_EXPR_NAME, "counter");
            message.nest(NFTA_EXPR_DATA, [] {});
        });
    }
    if (set.is_limited) { // Each element has its own.
        message.nest(NFTA_SET_EXPR, [&] { put_limit(message, 1, 0); });
    }
    return message;
}

void
append_nft_elements(std::vector<Message> &batch, uint16_t type,
                    const Nft_set &set, std::span<const Nft_element> elements)
{
    const uint16_t flags = type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0;
    while (!elements.empty()) {
        const size_t n = std::min(elements.size(), elements_per_message);
        Message message = nft_message(type, flags, NFTA_SET_ELEM_LIST_TABLE,
                                      512 + n * element_room);
        message.put_text(NFTA_SET_ELEM_LIST_SET, set.name);
        message.nest(NFTA_SET_ELEM_LIST_ELEMENTS, [&] {
            for (const Nft_element &element : elements.first(n)) {
                put_element(message, element, type == NFT_MSG_NEWSETELEM);
            }
        });
        batch.push_back(std::move(message));
        elements = elements.subspan(n);
    }
}

Message
nft_new_chain(const Nft_chain &chain)
{
    Message message
        = nft_message(NFT_MSG_NEWCHAIN, NLM_F_CREATE, NFTA_CHAIN_TABLE);
    message.put_text(NFTA_CHAIN_NAME, chain.name);
    if (!chain.type.empty()) {
        message.put_text(NFTA_CHAIN_TYPE, chain.type);
        message.put_be32(NFTA_CHAIN_POLICY, NF_ACCEPT);
        message.nest(NFTA_CHAIN_HOOK, [&] {
            message.put_be32(NFTA_HOOK_HOOKNUM, chain.hook);
            message.put_be32(NFTA_HOOK_PRIORITY, uint32_t(chain.priority));
        });
    }
    return message;
}

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
Nft_expressions::mask(uint32_t bits)
{
    return add("bitwise", [&] {
        message_.put_be32(NFTA_BITWISE_SREG, NFT_REG32_00);
        message_.put_be32(NFTA_BITWISE_DREG, NFT_REG32_00);
        message_.put_be32(NFTA_BITWISE_LEN, sizeof bits);
        value(NFTA_BITWISE_MASK, bytes_of(bits));
        value(NFTA_BITWISE_XOR, bytes_of(0));
    });
}

Nft_expressions &
Nft_expressions::has_any_of(uint32_t bits)
{
    return mask(bits).unequal(0);
}

Nft_expressions &
Nft_expressions::has_none_of(uint32_t bits)
{
    return mask(bits).equal(uint32_t{0});
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
Nft_expressions::is_untracked()
{
    return ct(NFT_CT_STATE).has_any_of(NF_CT_STATE_UNTRACKED_BIT);
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

} // namespace snat
