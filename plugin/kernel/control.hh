// Control messages that come with what recvmsg() receives.
#pragma once

#include <sys/socket.h>

#include <cstring>
#include <optional>

namespace snat {

template <typename T>
std::optional<T>
find_control(msghdr &message, int level, int type)
{
    for (cmsghdr *c = CMSG_FIRSTHDR(&message); c;
         c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level == level && c->cmsg_type == type
            && c->cmsg_len >= CMSG_LEN(sizeof(T))) {
            T value;
            memcpy(&value, CMSG_DATA(c), sizeof value);
            return value;
        }
    }
    return std::nullopt;
}

} // namespace snat
