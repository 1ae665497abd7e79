#include "names.hh"

#include <algorithm>
#include <iterator>

namespace snat {
namespace {

constexpr size_t max_router_name = 64;
constexpr size_t max_link_name = 15; // IFNAMSIZ without its NUL.

bool
is_alnum(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
           || (c >= '0' && c <= '9');
}

bool
is_router_char(char c)
{
    return is_alnum(c) || c == '.' || c == '_' || c == '-';
}

bool
is_link_char(char c)
{
    return is_alnum(c)
           || std::string_view{"._-+@=,%"}.find(c) != std::string_view::npos;
}

} // namespace

std::string
plain(std::string_view text, size_t longest)
{
    std::string out;
    for (char c : text.substr(0, longest)) {
        out += c >= ' ' && c < 0x7f && c != '"' ? c : '?';
    }
    return out + (text.size() > longest ? "..." : "");
}

std::string
quoted(std::string_view text)
{
    return '"' + plain(text) + '"';
}

std::string
joined(const std::vector<std::string> &words, std::string_view separator)
{
    std::string out;
    for (const std::string &word : words) {
        if (&word != &words.front()) {
            out += separator;
        }
        out += word;
    }
    return out;
}

std::string
one_of(const std::vector<std::string> &words)
{
    const auto last = std::prev(words.end());
    return words.size() < 2
               ? *last
               : joined({words.begin(), last}, ", ") + " or " + *last;
}

Outcome
check_router_name(std::string_view name)
{
    if (name.empty() || name.size() > max_router_name || !is_alnum(name[0])
        || !std::ranges::all_of(name, is_router_char)) {
        return Error{0, quoted(name)
                            + " is not a router name: expected 1 to 64 of "
                              "A-Z a-z 0-9 . _ - beginning with a letter or "
                              "digit"};
    }
    return Done{};
}

Outcome
check_link_name(std::string_view name)
{
    if (name.empty() || name.size() > max_link_name || name == "."
        || name == ".." || !std::ranges::all_of(name, is_link_char)) {
        return Error{0, quoted(name)
                            + " is not an interface name: expected 1 to 15 of "
                              "A-Z a-z 0-9 . _ - + @ = , %"};
    }
    return Done{};
}

std::vector<std::string>
words_of(std::string_view list)
{
    std::vector<std::string> words;
    while (true) {
        const size_t start = list.find_first_not_of(" ,");
        if (start == list.npos) {
            return words;
        }
        list.remove_prefix(start);
        const size_t end = std::min(list.find_first_of(" ,"), list.size());
        words.emplace_back(list.substr(0, end));
        list.remove_prefix(end);
    }
}

} // namespace snat
