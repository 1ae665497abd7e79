#include "known_keys.hh"

#include "names.hh"

#include <algorithm>
#include <utility>
#include <vector>

namespace snat {
namespace {

// How many characters must be changed, put in or left out to make the one of
// the other (Levenshtein's distance), row by row of the usual table.
size_t
distance(std::string_view a, std::string_view b)
{
    std::vector<size_t> row(b.size() + 1);
    for (size_t j = 0; j <= b.size(); j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a.size(); i++) {
        size_t diagonal = std::exchange(row[0], i);
        for (size_t j = 1; j <= b.size(); j++) {
            const size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

std::string
expected(std::span<const char *const> known)
{
    constexpr size_t most = 160; // Characters that a sentence has room for.
    const std::string all = one_of({known.begin(), known.end()});
    return all.size() <= most ? all : "one of those in ovs-snat(5)";
}

} // namespace

const char *
nearest(std::string_view word, std::span<const char *const> known)
{
    constexpr size_t longest = 64; // Of no key of ours.
    if (word.size() > longest) {
        return nullptr;
    }
    const auto found = std::ranges::min_element(
        known, {}, [&](const char *one) { return distance(word, one); });
    return distance(word, *found) <= std::string_view{*found}.size() / 3
               ? *found
               : nullptr;
}

std::optional<std::string>
find_unknown(const char *kind, std::string_view key,
             std::span<const char *const> known)
{
    if (std::ranges::find(known, key) != known.end()) {
        return std::nullopt;
    }
    const std::string unknown
        = "unknown " + std::string{kind} + " " + quoted(key);
    const char *meant = nearest(key, known);
    return meant ? unknown + " (did you mean " + meant + "?)"
                 : unknown + ": expected " + expected(known);
}

} // namespace snat
