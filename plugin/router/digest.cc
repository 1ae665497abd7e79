#include "digest.hh"

#include <cstring>

namespace snat {
namespace {

// FNV-1a, and the last step of MurmurHash3, without which sums of similar
// texts would be similar.
uint64_t
hash(std::string_view text, uint64_t value)
{
    for (const char c : text) {
        value = (value ^ static_cast<uint8_t>(c)) * 0x100000001b3;
    }
    value = (value ^ (value >> 33)) * 0xff51afd7ed558ccd;
    value = (value ^ (value >> 33)) * 0xc4ceb9fe1a85ec53;
    return value ^ (value >> 33);
}

} // namespace

Digest
digest_of(std::string_view text)
{
    return {hash(text, 0xcbf29ce484222325), hash(text, 0x9e3779b97f4a7c15)};
}

Digest
digest_of(std::string_view text, const Digest &more)
{
    char bytes[sizeof more];
    memcpy(bytes, &more, sizeof bytes);
    return digest_of(std::string{text}.append(bytes, sizeof bytes));
}

std::string
to_string(const Digest &digest)
{
    constexpr const char *digits = "0123456789abcdef";
    std::string text(32, '0');
    for (size_t i = 0; i < 16; i++) {
        text[15 - i] = digits[digest.high >> 4 * i & 15];
        text[31 - i] = digits[digest.low >> 4 * i & 15];
    }
    return text;
}

} // namespace snat
