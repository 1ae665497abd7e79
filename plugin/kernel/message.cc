#include "kernel/message.hh"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <endian.h>
#include <new>
#include <stdexcept>

namespace snat {
namespace {

void
require(bool fits)
{
    if (!fits) {
        throw std::length_error{"a netlink message outgrew its room"};
    }
}

} // namespace

Message::Message(uint16_t type, uint16_t flags, size_t size)
    : message_{nlmsg_alloc_size(size)}
{
    const bool is_dump = (flags & NLM_F_DUMP) == NLM_F_DUMP;
    flags |= NLM_F_REQUEST | (is_dump ? 0 : NLM_F_ACK);
    if (!message_ || !nlmsg_put(message_.get(), 0, 0, type, 0, flags)) {
        throw std::bad_alloc{};
    }
}

void *
Message::append(const void *data, size_t size)
{
    void *place = nlmsg_reserve(message_.get(), size, NLMSG_ALIGNTO);
    require(place != nullptr);
    return memcpy(place, data, size);
}

Message &
Message::put(int attribute, const void *data, size_t size)
{
    require(nla_put(message_.get(), attribute, static_cast<int>(size), data)
            == 0);
    return *this;
}

Message &
Message::put_text(int attribute, std::string_view text)
{
    return put(attribute, std::string{text}.c_str(), text.size() + 1);
}

Message &
Message::put_u8(int attribute, uint8_t value)
{
    return put(attribute, &value, sizeof value);
}

Message &
Message::put_u16(int attribute, uint16_t value)
{
    return put(attribute, &value, sizeof value);
}

Message &
Message::put_u32(int attribute, uint32_t value)
{
    return put(attribute, &value, sizeof value);
}

Message &
Message::put_be32(int attribute, uint32_t value)
{
    return put_u32(attribute, htonl(value));
}

Message &
Message::put_be16(int attribute, uint16_t value)
{
    return put_u16(attribute, htobe16(value));
}

Message &
Message::put_be64(int attribute, uint64_t value)
{
    value = htobe64(value);
    return put(attribute, &value, sizeof value);
}

Message &
Message::put_ip(int attribute, const Ip &ip)
{
    return put(attribute, ip.bytes.data(), ip.size());
}

Message &
Message::put_mac(int attribute, const Mac &mac)
{
    return put(attribute, mac.bytes.data(), mac.bytes.size());
}

nlattr *
Message::open(int attribute)
{
    nlattr *start = nla_nest_start(message_.get(), attribute);
    require(start != nullptr);
    return start;
}

void
Message::close(nlattr *start)
{
    // What has outgrown its attribute is not in the message any more.
    is_whole_ &= nla_nest_end_keep_empty(message_.get(), start) == 0;
}

const nlattr *
Attributes::find(int attribute) const
{
    return head_ ? nla_find(head_, size_, attribute) : nullptr;
}

Attributes
Attributes::nested(int attribute) const
{
    const nlattr *a = find(attribute);
    return a ? Attributes{nla_data(a), nla_len(a)} : Attributes{};
}

std::string_view
Attributes::bytes(int attribute) const
{
    const nlattr *a = find(attribute);
    return a ? std::string_view{static_cast<const char *>(nla_data(a)),
                                static_cast<size_t>(nla_len(a))}
             : std::string_view{};
}

std::string
Attributes::text(int attribute) const
{
    const std::string_view all = bytes(attribute);
    return std::string{all.substr(0, all.find('\0'))};
}

std::optional<uint8_t>
Attributes::u8(int attribute) const
{
    const std::string_view all = bytes(attribute);
    return all.size() == 1 ? std::optional<uint8_t>(all[0]) : std::nullopt;
}

std::optional<uint32_t>
Attributes::u32(int attribute) const
{
    uint32_t value;
    const std::string_view all = bytes(attribute);
    if (all.size() != sizeof value) {
        return std::nullopt;
    }
    memcpy(&value, all.data(), sizeof value);
    return value;
}

std::optional<uint32_t>
Attributes::be32(int attribute) const
{
    const auto value = u32(attribute);
    return value ? std::optional{ntohl(*value)} : std::nullopt;
}

std::optional<uint64_t>
Attributes::be64(int attribute) const
{
    uint64_t value;
    const std::string_view all = bytes(attribute);
    if (all.size() != sizeof value) {
        return std::nullopt;
    }
    memcpy(&value, all.data(), sizeof value);
    return be64toh(value);
}

std::optional<Ip>
Attributes::ip(int attribute) const
{
    const std::string_view all = bytes(attribute);
    if (all.size() != 4 && all.size() != 16) {
        return std::nullopt;
    }
    Ip ip;
    ip.family = all.size() == 4 ? Family::ipv4 : Family::ipv6;
    std::ranges::copy(all, ip.bytes.begin());
    return ip;
}

std::optional<Mac>
Attributes::mac(int attribute) const
{
    const std::string_view all = bytes(attribute);
    Mac mac;
    if (all.size() != mac.bytes.size()) {
        return std::nullopt;
    }
    std::ranges::copy(all, mac.bytes.begin());
    return mac;
}

Reply::Reply(const nlmsghdr *message)
{
    const auto *start = static_cast<const char *>(nlmsg_data(message));
    payload_.assign(start, start + nlmsg_datalen(message));
}

void
Reply::copy_header(void *out, size_t size) const
{
    if (payload_.size() >= size) {
        memcpy(out, payload_.data(), size);
    }
}

Attributes
Reply::attributes(size_t header_size) const
{
    header_size = NLMSG_ALIGN(header_size);
    if (payload_.size() < header_size) {
        return {};
    }
    return {payload_.data() + header_size,
            static_cast<int>(payload_.size() - header_size)};
}

} // namespace snat
