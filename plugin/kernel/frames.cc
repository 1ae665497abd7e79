#include "kernel/frames.hh"

#include <arpa/inet.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace snat {

// Bytes that were taken are only moved over when they are the larger part, so
// a long queue is not copied for every piece.
void
Byte_queue::take(size_t n)
{
    taken_ += n;
    if (taken_ * 2 >= bytes_.size()) {
        bytes_.erase(0, taken_);
        taken_ = 0;
    }
}

Outcome
put_frame(Byte_queue &queue, std::string_view message)
{
    if (message.size() > max_frame) {
        return Error{EMSGSIZE, "a message of " + std::to_string(message.size())
                                   + " bytes is too large"};
    }
    const uint32_t length = htonl(static_cast<uint32_t>(message.size()));
    queue.append({reinterpret_cast<const char *>(&length), sizeof length});
    queue.append(message);
    return Done{};
}

Result<std::optional<std::string>>
take_frame(Byte_queue &queue)
{
    const std::string_view bytes = queue.view();
    uint32_t length;
    if (bytes.size() < sizeof length) {
        return std::optional<std::string>{};
    }
    memcpy(&length, bytes.data(), sizeof length);
    length = ntohl(length);
    if (length > max_frame) {
        return Error{EMSGSIZE, "a message of " + std::to_string(length)
                                   + " bytes is too large"};
    }
    if (bytes.size() < sizeof length + length) {
        return std::optional<std::string>{};
    }
    std::string message{bytes.substr(sizeof length, length)};
    queue.take(sizeof length + length);
    return std::optional{std::move(message)};
}

} // namespace snat
