// Messages over a byte stream: four bytes of length in network order, then
// so many bytes.  Both ends of the kernel process's socket use it.
#pragma once

#include "router/result.hh"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace snat {

constexpr size_t max_frame = 64u << 20;

// Bytes that wait: appended at the end, taken from the front.
class Byte_queue {
public:
    std::string_view
    view() const
    {
        return std::string_view{bytes_}.substr(taken_);
    }
    bool
    empty() const
    {
        return taken_ == bytes_.size();
    }
    void
    append(std::string_view more)
    {
        bytes_ += more;
    }
    void take(size_t n);

private:
    std::string bytes_;
    size_t taken_ = 0;
};

// Error if 'message' is larger than a frame may be.
Outcome put_frame(Byte_queue &queue, std::string_view message);

// The first whole message of 'queue', or nothing if there is none yet.
Result<std::optional<std::string>> take_frame(Byte_queue &queue);

} // namespace snat
