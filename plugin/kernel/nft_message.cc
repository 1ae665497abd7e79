#include "kernel/nft_message.hh"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/if.h>

#include <algorithm>

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

constexpr uint16_t
nft_type(uint16_t type)
{
    return NFNL_SUBSYS_NFTABLES << 8 | type;
}

uint32_t
byteorder(Nft_type type)
{
    return type == Nft_type::ifname || type == Nft_type::mark ? host_endian
                                                              : big_endian;
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

// What is over so many flows (nft's "ct count over").
void
put_most_flows(Message &message, uint32_t flows)
{
    message.put_text(NFTA_EXPR_NAME, "connlimit");
    message.nest(NFTA_EXPR_DATA, [&] {
        message.put_be32(NFTA_CONNLIMIT_COUNT, flows);
        message.put_be32(NFTA_CONNLIMIT_FLAGS, NFT_CONNLIMIT_F_INV);
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
        if (is_new && element.flows) {
            message.nest(NFTA_SET_ELEM_EXPR,
                         [&] { put_most_flows(message, element.flows); });
        }
        if (is_new && !element.object.empty()) {
            message.put_text(NFTA_SET_ELEM_OBJREF, element.object);
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
    Message message{nft_type(type), flags, size};
    message.header(family_header(NFPROTO_INET, 0));
    message.put_text(table_attribute, nft_table);
    return message;
}

Message
nft_get_generation()
{
    Message message{nft_type(NFT_MSG_GETGEN), 0};
    message.header(family_header(AF_UNSPEC, 0));
    return message;
}

Message
nft_batch_begin(uint32_t generation)
{
    Message message = batch_edge(NFNL_MSG_BATCH_BEGIN);
    if (generation) {
        message.put_be32(NFNL_BATCH_GENID, generation);
    }
    return message;
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
        (is_map ? NFT_SET_MAP : 0) | (set.is_of_helpers ? NFT_SET_OBJECT : 0)
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
    if (set.is_of_helpers) {
        message.put_be32(NFTA_SET_OBJ_TYPE, NFT_OBJECT_CT_HELPER);
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
    if (set.is_numbered) {
        message.nest(NFTA_SET_EXPR, [&] { put_most_flows(message, 1); });
    }
    return message;
}

Message
nft_new_helper(const Nft_helper &helper)
{
    Message message
        = nft_message(NFT_MSG_NEWOBJ, NLM_F_CREATE, NFTA_OBJ_TABLE);
    message.put_text(NFTA_OBJ_NAME, helper.object);
    message.put_be32(NFTA_OBJ_TYPE, NFT_OBJECT_CT_HELPER);
    message.nest(NFTA_OBJ_DATA, [&] {
        message.put_text(NFTA_CT_HELPER_NAME, helper.name);
        message.put_u8(NFTA_CT_HELPER_L4PROTO, helper.protocol);
    });
    return message;
}

Message
nft_delete_helper(const std::string &object)
{
    Message message = nft_message(NFT_MSG_DELOBJ, 0, NFTA_OBJ_TABLE);
    message.put_text(NFTA_OBJ_NAME, object);
    message.put_be32(NFTA_OBJ_TYPE, NFT_OBJECT_CT_HELPER);
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

} // namespace snat
