#include "kernel/nft_message.hh"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/if.h>

#include <algorithm>
#include <array>

namespace snat {
namespace {

// libnftnl's NFTNL_UDATA_SET_*, and nft's enum byteorder.
constexpr uint8_t udata_key_byteorder = 0, udata_value_byteorder = 1;
constexpr uint32_t host_endian = 1, big_endian = 2;

// So that a message with the largest elements stays well below 64 KiB, which
// is what an attribute's length can say.
constexpr size_t elements_per_message = 400;
constexpr size_t element_room = 128;

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
    return type == Nft_type::ifname ? host_endian : big_endian;
}

void
append_udata(std::string &udata, uint8_t type, uint32_t value)
{
    udata += char(type);
    udata += char(sizeof value);
    udata.append(reinterpret_cast<const char *>(&value), sizeof value);
}

void
put_element(Message &message, const Nft_element &element, bool with_value)
{
    message.nest(NFTA_LIST_ELEM, [&] {
        message.nest(NFTA_SET_ELEM_KEY, [&] {
            message.put(NFTA_DATA_VALUE, element.key.data(),
                        element.key.size());
        });
        if (with_value && !element.value.empty()) {
            message.nest(NFTA_SET_ELEM_DATA, [&] {
                message.put(NFTA_DATA_VALUE, element.value.data(),
                            element.value.size());
            });
        }
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
    case Nft_type::none:
        return 0;
    case Nft_type::ipv4_addr:
        return 4;
    case Nft_type::ifname:
        return IFNAMSIZ;
    }
    return 0;
}

Message
nft_new_set(const Nft_set &set, uint32_t id)
{
    const bool is_map = set.value != Nft_type::none;
    Message message
        = nft_message(NFT_MSG_NEWSET, NLM_F_CREATE, NFTA_SET_TABLE);
    message.put_text(NFTA_SET_NAME, set.name);
    message.put_be32(NFTA_SET_FLAGS, is_map ? NFT_SET_MAP : 0);
    message.put_be32(NFTA_SET_KEY_TYPE, uint32_t(set.key));
    message.put_be32(NFTA_SET_KEY_LEN, nft_size(set.key));
    message.put_be32(NFTA_SET_ID, id);
    // Without the byte orders nft would show the keys as numbers.
    std::string udata;
    append_udata(udata, udata_key_byteorder, byteorder(set.key));
    if (is_map) {
        message.put_be32(NFTA_SET_DATA_TYPE, uint32_t(set.value));
        message.put_be32(NFTA_SET_DATA_LEN, nft_size(set.value));
        append_udata(udata, udata_value_byteorder, byteorder(set.value));
    }
    message.put(NFTA_SET_USERDATA, udata.data(), udata.size());
    return message;
}

std::string
nft_ifname(std::string_view name)
{
    std::string key{name};
    key.resize(IFNAMSIZ);
    return key;
}

std::string
nft_ip(const Ip &ip)
{
    return {reinterpret_cast<const char *>(ip.bytes.data()), ip.size()};
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
    message.put_text(NFTA_CHAIN_TYPE, chain.type);
    message.put_be32(NFTA_CHAIN_POLICY, NF_ACCEPT);
    message.nest(NFTA_CHAIN_HOOK, [&] {
        message.put_be32(NFTA_HOOK_HOOKNUM, chain.hook);
        message.put_be32(NFTA_HOOK_PRIORITY, uint32_t(chain.priority));
    });
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
Nft_expressions::meta(uint32_t key)
{
    return add("meta", [&] {
        message_.put_be32(NFTA_META_KEY, key);
        message_.put_be32(NFTA_META_DREG, NFT_REG_1);
    });
}

Nft_expressions &
Nft_expressions::compare(uint32_t op, std::span<const uint8_t> bytes)
{
    return add("cmp", [&] {
        message_.put_be32(NFTA_CMP_SREG, NFT_REG_1);
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
Nft_expressions::is_ipv4()
{
    return meta(NFT_META_NFPROTO).equal(std::array<uint8_t, 1>{NFPROTO_IPV4});
}

Nft_expressions &
Nft_expressions::is_tcp()
{
    return meta(NFT_META_L4PROTO).equal(std::array<uint8_t, 1>{IPPROTO_TCP});
}

Nft_expressions &
Nft_expressions::conntrack_state(uint32_t any_of_bits)
{
    std::array<uint8_t, 4> mask;
    const std::array<uint8_t, 4> zero{};
    std::copy_n(reinterpret_cast<const uint8_t *>(&any_of_bits), 4,
                mask.begin());
    add("ct", [&] {
        message_.put_be32(NFTA_CT_KEY, NFT_CT_STATE);
        message_.put_be32(NFTA_CT_DREG, NFT_REG_1);
    });
    add("bitwise", [&] {
        message_.put_be32(NFTA_BITWISE_SREG, NFT_REG_1);
        message_.put_be32(NFTA_BITWISE_DREG, NFT_REG_1);
        message_.put_be32(NFTA_BITWISE_LEN, sizeof any_of_bits);
        value(NFTA_BITWISE_MASK, mask);
        value(NFTA_BITWISE_XOR, zero);
    });
    return compare(NFT_CMP_NEQ, zero);
}

Nft_expressions &
Nft_expressions::in_set(const std::string &set)
{
    return add("lookup", [&] {
        message_.put_text(NFTA_LOOKUP_SET, set);
        message_.put_be32(NFTA_LOOKUP_SREG, NFT_REG_1);
    });
}

Nft_expressions &
Nft_expressions::map_by(const std::string &map)
{
    return add("lookup", [&] {
        message_.put_text(NFTA_LOOKUP_SET, map);
        message_.put_be32(NFTA_LOOKUP_SREG, NFT_REG_1);
        message_.put_be32(NFTA_LOOKUP_DREG, NFT_REG_1);
    });
}

Nft_expressions &
Nft_expressions::snat(uint32_t range_flags)
{
    return add("nat", [&] {
        message_.put_be32(NFTA_NAT_TYPE, NFT_NAT_SNAT);
        message_.put_be32(NFTA_NAT_FAMILY, NFPROTO_IPV4);
        message_.put_be32(NFTA_NAT_REG_ADDR_MIN, NFT_REG_1);
        message_.put_be32(NFTA_NAT_FLAGS, range_flags);
    });
}

Nft_expressions &
Nft_expressions::drop()
{
    return add("immediate", [&] {
        message_.put_be32(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
        message_.nest(NFTA_IMMEDIATE_DATA, [&] {
            message_.nest(NFTA_DATA_VERDICT, [&] {
                message_.put_be32(NFTA_VERDICT_CODE, NF_DROP);
            });
        });
    });
}

} // namespace snat
