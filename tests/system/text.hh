// Text of commands and of what they print.
#pragma once

#include <string>
#include <vector>

namespace test {

std::vector<std::string> split(const std::string &text, char separator);

bool holds(const std::string &text, const std::string &part);

// As one word of a shell.
std::string quoted(const std::string &word);

// What differs, line by line, "-" before and "+" after.
std::string difference(const std::string &before, const std::string &after);

} // namespace test
