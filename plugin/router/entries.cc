#include "entries.hh"

#include <charconv>
#include <cstdio>

namespace snat {
namespace {

constexpr std::string_view between_fields = " . ";

} // namespace

std::string
entry_key(std::initializer_list<std::string> fields)
{
    std::string out;
    for (const std::string &field : fields) {
        out += (out.empty() ? "" : std::string{between_fields}) + field;
    }
    return out;
}

std::vector<std::string_view>
fields_of(std::string_view text)
{
    std::vector<std::string_view> fields;
    while (true) {
        const size_t end = text.find(between_fields);
        fields.push_back(text.substr(0, end));
        if (end == text.npos) {
            return fields;
        }
        text.remove_prefix(end + between_fields.size());
    }
}

uint32_t
entry_number(std::string_view text)
{
    const int base = text.starts_with("0x") ? 16 : 10;
    text.remove_prefix(base == 16 ? 2 : 0);
    uint32_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value, base);
    return value;
}

std::string
mark_text(uint32_t mark)
{
    char text[16];
    snprintf(text, sizeof text, "0x%08x", mark);
    return text;
}

std::optional<Ip_range>
entry_range(std::string_view text)
{
    const size_t dash = text.find('-');
    const auto first = parse_ip(text.substr(0, dash));
    const auto last
        = dash == text.npos ? first : parse_ip(text.substr(dash + 1));
    return first && last ? std::optional{Ip_range{*first, *last}}
                         : std::nullopt;
}

} // namespace snat
