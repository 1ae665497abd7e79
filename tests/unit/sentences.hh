// What every sentence for a person must be, whatever text it is about.
#pragma once

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

namespace sentences {

using namespace std::string_literals;

inline bool
has(const std::string &text, const std::string &part)
{
    return text.find(part) != std::string::npos;
}

// One sentence for a terminal, that says all of 'parts'.
inline void
check_sentence(const std::string &what, const std::vector<std::string> &parts)
{
    BOOST_TEST(what.size() > 0u);
    BOOST_TEST(what.size() < 300u);
    BOOST_TEST(
        std::ranges::all_of(what, [](char c) { return c >= ' ' && c < 0x7f; }),
        what);
    for (const std::string &part : parts) {
        BOOST_TEST(has(what, part), "\"" << what << "\" has no " << part);
    }
}

// An expected failure, told in such a sentence.
inline void
check_error(const auto &result, const std::vector<std::string> &parts = {})
{
    BOOST_REQUIRE(!result);
    check_sentence(result.error().what, parts);
}

// Texts that nothing takes, and that no sentence may repeat as they are.
inline const std::string hostile[] = {
    " ",
    "a b",
    "demo\0"s,
    "demo\n",
    "../../etc/passwd",
    "a/b",
    "$(reboot)",
    "`id`;",
    "; rm -rf /",
    "\x1b[2J",
    "\xff\xfe",
    "\xc3\xa4",
    std::string(100000, '/'),
    std::string(100000, '\xff'),
};

} // namespace sentences
