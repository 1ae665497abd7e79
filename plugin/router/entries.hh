// The text of an entry of a Nat_table: fields with " . " between them, each a
// value or a range of two with "-" between.
#pragma once

#include "ranges.hh"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace snat {

std::string entry_key(std::initializer_list<std::string> fields);
std::vector<std::string_view> fields_of(std::string_view text);

// "6", or a mark as "0x80000001"; 0 if it is none.
uint32_t entry_number(std::string_view text);
std::string mark_text(uint32_t mark);

// "10.0.0.5" is a range, too; nothing if it is none of addresses.
std::optional<Ip_range> entry_range(std::string_view text);

} // namespace snat
