// Keys of a map that are none of those which mean something there: a typo
// must not look like a key of somebody else, and silently do nothing.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace snat {

// Nothing if 'key' is one of these.  Else what is wrong, "unknown option
// "mss_clamp" (did you mean mss-clamp?)", where 'kind' is "option"; and where
// nothing is alike, what would be right.
std::optional<std::string> find_unknown(const char *kind, std::string_view key,
                                        std::span<const char *const> known);

// That of 'known' which is so near to 'word' that it may be meant, or null.
const char *nearest(std::string_view word, std::span<const char *const> known);

} // namespace snat
