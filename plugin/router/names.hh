// What may be a name.  Router names become part of a path and of an nftables
// comment, interface names go to the kernel: nothing else may pass.
#pragma once

#include "result.hh"

#include <string>
#include <string_view>
#include <vector>

namespace snat {

// 1 to 64 of A-Z a-z 0-9 . _ - beginning with a letter or digit.
Outcome check_router_name(std::string_view name);

// 1 to 15 of A-Z a-z 0-9 . _ - + @ = , %, but not "." and "..": less than the
// kernel takes (dev_valid_name() in net/core/dev.c), since these names also
// reach logs, paths and other people's scripts.
Outcome check_link_name(std::string_view name);

// A foreign text, fit to stand inside a sentence: shortened, and without
// control characters; with quotation marks around it.
std::string plain(std::string_view text, size_t longest = 80);
std::string quoted(std::string_view text);

// All of them, with the separator between each two.
std::string joined(const std::vector<std::string> &words,
                   std::string_view separator);

// "a, b or c", of at least one.
std::string one_of(const std::vector<std::string> &words);

// The words of a list with spaces or commas between them.
std::vector<std::string> words_of(std::string_view list);

} // namespace snat
