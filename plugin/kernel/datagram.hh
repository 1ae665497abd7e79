// One message from a socket, with the control messages that came with it.
#pragma once

#include "kernel/fd.hh"

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>

namespace snat {

// What is longer than 'longest' bytes is cut.
template <size_t longest> class Datagram {
public:
    // Does not wait.  False, with errno, if there was nothing.
    bool
    receive(const Fd &socket)
    {
        iovec part{bytes_.data(), bytes_.size()};
        header_.msg_iov = &part;
        header_.msg_iovlen = 1;
        header_.msg_control = control_.data();
        header_.msg_controllen = control_.size();
        const auto size = recvmsg(socket.get(), &header_, MSG_DONTWAIT);
        size_ = size < 0 ? 0 : static_cast<size_t>(size);
        return size >= 0;
    }

    std::span<const char>
    bytes() const
    {
        return {bytes_.data(), size_};
    }

    template <typename T>
    std::optional<T>
    control(int level, int type)
    {
        for (cmsghdr *c = CMSG_FIRSTHDR(&header_); c;
             c = CMSG_NXTHDR(&header_, c)) {
            if (c->cmsg_level == level && c->cmsg_type == type
                && c->cmsg_len >= CMSG_LEN(sizeof(T))) {
                T value;
                memcpy(&value, CMSG_DATA(c), sizeof value);
                return value;
            }
        }
        return std::nullopt;
    }

private:
    alignas(std::max_align_t) std::array<char, longest> bytes_;
    alignas(cmsghdr) std::array<char, 256> control_;
    msghdr header_{};
    size_t size_ = 0;
};

} // namespace snat
