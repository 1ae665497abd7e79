// Sorted sets of UUIDs, as the IDL has them: all it tells of a set is what it
// is now.
#pragma once

#include "tables/idl.hh"

#include <algorithm>
#include <iterator>
#include <ranges>
#include <span>
#include <vector>

namespace snat {

struct Uuid_less {
    bool
    operator()(const uuid &a, const uuid &b) const
    {
        return uuid_compare_3way(&a, &b) < 0;
    }
};

struct Uuid_difference {
    std::vector<uuid> gone, fresh;
};

// What differs is found between what both begin and end with.
inline Uuid_difference
difference(std::span<const uuid> was, auto becomes)
{
    const auto is_same
        = [](const uuid &a, const uuid &b) { return uuid_equals(&a, &b); };
    const auto [old_first, new_first]
        = std::ranges::mismatch(was, becomes, is_same);
    const auto [old_last, new_last] = std::ranges::mismatch(
        std::ranges::subrange{old_first, was.end()} | std::views::reverse,
        std::ranges::subrange{new_first, becomes.end()} | std::views::reverse,
        is_same);
    const std::ranges::subrange old{old_first, old_last.base()},
        now{new_first, new_last.base()};
    Uuid_difference out;
    std::ranges::set_difference(old, now, std::back_inserter(out.gone),
                                Uuid_less{});
    std::ranges::set_difference(now, old, std::back_inserter(out.fresh),
                                Uuid_less{});
    return out;
}

} // namespace snat
