// Digests of texts, which add up: that of a collection is the sum of those of
// its members, whatever their order, so who adds a member need not look at the
// others again.  They tell alike from different among values that were made
// honestly, and are no protection against forgery.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace snat {

struct Digest {
    uint64_t high = 0, low = 0;

    bool operator==(const Digest &) const = default;
    Digest &
    operator+=(const Digest &other)
    {
        high += other.high;
        low += other.low;
        return *this;
    }
};

Digest digest_of(std::string_view text);
// Of both; on one machine only the same.
Digest digest_of(std::string_view text, const Digest &more);

// 32 digits of hexadecimal.
std::string to_string(const Digest &digest);

} // namespace snat
