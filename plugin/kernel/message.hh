// Netlink messages, built and read attribute by attribute.
#pragma once

#include "router/address.hh"

#include <netlink/attr.h>
#include <netlink/msg.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace snat {

// A message that is being built.  Its room is fixed: a message that outgrows
// it is a mistake of ours and throws.
class Message {
public:
    static constexpr size_t usual_size = 4096;

    // NLM_F_REQUEST is always set, and NLM_F_ACK unless it is a dump.
    Message(uint16_t type, uint16_t flags, size_t size = usual_size);

    // The fixed part that comes before the attributes.
    template <typename T>
    Message &
    header(const T &value)
    {
        append(&value, sizeof value);
        return *this;
    }

    Message &put(int attribute, const void *data, size_t size);
    Message &put_text(int attribute, std::string_view text); // With a NUL.
    Message &put_u8(int attribute, uint8_t value);
    Message &put_u16(int attribute, uint16_t value);
    Message &put_u32(int attribute, uint32_t value);
    Message &put_be32(int attribute, uint32_t value); // nf_tables' way.
    Message &put_be16(int attribute, uint16_t value);
    Message &put_be64(int attribute, uint64_t value);
    Message &put_ip(int attribute, const Ip &ip);
    Message &put_mac(int attribute, const Mac &mac);

    // What 'fill' puts stands inside the attribute.
    template <typename Fill>
    Message &
    nest(int attribute, Fill fill)
    {
        nlattr *start = open(attribute);
        fill();
        close(start);
        return *this;
    }

    // Puts bytes at the end, for structures that are no attributes, and
    // returns where they stand.
    void *append(const void *data, size_t size);
    void *
    end() const
    {
        return nlmsg_tail(get());
    }

    // False if something was nested that is too large for one attribute, as
    // too many next hops are.  Such a message is not sent.
    bool
    is_whole() const
    {
        return is_whole_;
    }

    nlmsghdr *
    get() const
    {
        return nlmsg_hdr(message_.get());
    }

private:
    struct Free {
        void
        operator()(nl_msg *message) const
        {
            nlmsg_free(message);
        }
    };
    nlattr *open(int attribute);
    void close(nlattr *start);

    std::unique_ptr<nl_msg, Free> message_;
    bool is_whole_ = true;
};

// The attributes of a message that was received, or inside one of them.  What
// is missing or too short reads as empty.
class Attributes {
public:
    Attributes() = default;
    Attributes(const void *head, int size)
        : head_{static_cast<const nlattr *>(head)}, size_{size}
    {
    }

    const nlattr *find(int attribute) const;
    bool
    has(int attribute) const
    {
        return find(attribute) != nullptr;
    }
    Attributes nested(int attribute) const;
    std::string_view bytes(int attribute) const;
    std::string text(int attribute) const; // Up to the first NUL.
    std::optional<uint8_t> u8(int attribute) const;
    std::optional<uint32_t> u32(int attribute) const;
    std::optional<uint32_t> be32(int attribute) const;
    std::optional<uint64_t> be64(int attribute) const;
    std::optional<Ip> ip(int attribute) const;
    std::optional<Mac> mac(int attribute) const;

    // Calls 'each' with every attribute, as Attributes of its content.
    template <typename Each>
    void
    for_each(Each each) const
    {
        int rest = size_;
        for (const nlattr *a = head_; a && nla_ok(a, rest);
             a = nla_next(a, &rest)) {
            each(Attributes{nla_data(a), nla_len(a)});
        }
    }

private:
    const nlattr *head_ = nullptr;
    int size_ = 0;
};

// A message that was received.
class Reply {
public:
    explicit Reply(const nlmsghdr *message);

    // The fixed part, zeros if the message is too short for it.
    template <typename T>
    T
    header() const
    {
        T out{};
        copy_header(&out, sizeof out);
        return out;
    }
    Attributes attributes(size_t header_size) const;

private:
    void copy_header(void *out, size_t size) const;

    std::vector<char> payload_;
};

} // namespace snat
