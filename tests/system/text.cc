#include "system/text.hh"

#include <algorithm>
#include <sstream>

namespace test {

std::vector<std::string>
split(const std::string &text, char separator)
{
    std::vector<std::string> parts;
    std::istringstream in{text};
    for (std::string part; std::getline(in, part, separator);) {
        parts.push_back(part);
    }
    return parts;
}

bool
holds(const std::string &text, const std::string &part)
{
    return text.find(part) != text.npos;
}

std::string
quoted(const std::string &word)
{
    std::string out = "'";
    for (const char c : word) {
        out += c == '\'' ? std::string{"'\\''"} : std::string{c};
    }
    return out + "'";
}

std::string
difference(const std::string &before, const std::string &after)
{
    const auto a = split(before, '\n'), b = split(after, '\n');
    // common[i][j]: length of the longest common subsequence of the rests.
    std::vector<std::vector<size_t>> common(a.size() + 1,
                                            std::vector<size_t>(b.size() + 1));
    for (size_t i = a.size(); i-- > 0;) {
        for (size_t j = b.size(); j-- > 0;) {
            common[i][j] = a[i] == b[j]
                               ? common[i + 1][j + 1] + 1
                               : std::max(common[i + 1][j], common[i][j + 1]);
        }
    }
    std::string text;
    size_t i = 0, j = 0;
    while (i < a.size() || j < b.size()) {
        if (i < a.size() && j < b.size() && a[i] == b[j]) {
            ++i, ++j;
        } else if (j == b.size()
                   || (i < a.size() && common[i + 1][j] >= common[i][j + 1])) {
            text += "- " + a[i++] + "\n";
        } else {
            text += "+ " + b[j++] + "\n";
        }
    }
    return text;
}

} // namespace test
