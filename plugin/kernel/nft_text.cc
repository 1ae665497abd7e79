#include "kernel/nft_text.hh"

#include "router/helpers.hh"
#include "router/names.hh"

#include <arpa/inet.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>

namespace snat {
namespace {

constexpr std::string_view between_fields = " . ";
constexpr size_t longest_name = 200; // A comment's length is one byte.
constexpr uint32_t bytes_of_kbit = 125;

using Bytes = std::optional<std::string>; // Empty: not of the type.

template <typename T>
std::string
raw(T value)
{
    return {reinterpret_cast<const char *>(&value), sizeof value};
}

template <typename T>
T
value_of(std::string_view bytes)
{
    T value{};
    memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof value));
    return value;
}

std::optional<uint32_t>
parse_number(std::string_view text, uint32_t most, int base = 10)
{
    uint32_t value = 0;
    const char *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value, base);
    return error == std::errc{} && stop == end && value <= most
               ? std::optional{value}
               : std::nullopt;
}

Bytes
parse_address(std::string_view text, Family family)
{
    const auto ip = parse_ip(text);
    if (!ip || ip->family != family) {
        return std::nullopt;
    }
    return std::string{reinterpret_cast<const char *>(ip->bytes.data()),
                       ip->size()};
}

Bytes
parse_name(std::string_view text)
{
    if (!check_link_name(text)) {
        return std::nullopt;
    }
    std::string name{text};
    name.resize(IFNAMSIZ);
    return name;
}

Bytes
parse_field(Nft_type type, std::string_view text)
{
    switch (type) {
    case Nft_type::ipv4_addr:
        return parse_address(text, Family::ipv4);
    case Nft_type::ipv6_addr:
        return parse_address(text, Family::ipv6);
    case Nft_type::ifname:
        return parse_name(text);
    case Nft_type::inet_proto:
    case Nft_type::icmp_type:
    case Nft_type::icmpv6_type: {
        const auto number = parse_number(text, UINT8_MAX);
        return number ? Bytes{raw(uint8_t(*number))} : std::nullopt;
    }
    case Nft_type::inet_service: {
        const auto number = parse_number(text, UINT16_MAX);
        return number ? Bytes{raw(htons(uint16_t(*number)))} : std::nullopt;
    }
    case Nft_type::mark: {
        const auto number = text.starts_with("0x")
                                ? parse_number(text.substr(2), UINT32_MAX, 16)
                                : std::nullopt;
        return number ? Bytes{raw(*number)} : std::nullopt;
    }
    }
    return std::nullopt;
}

std::string
show_address(std::string_view bytes, Family family)
{
    Ip ip;
    ip.family = family;
    std::copy_n(bytes.begin(), std::min(bytes.size(), ip.size()),
                ip.bytes.begin());
    return to_string(ip);
}

std::string
show_field(Nft_type type, std::string_view bytes)
{
    switch (type) {
    case Nft_type::ipv4_addr:
        return show_address(bytes, Family::ipv4);
    case Nft_type::ipv6_addr:
        return show_address(bytes, Family::ipv6);
    case Nft_type::ifname:
        return std::string{bytes.substr(0, bytes.find('\0'))};
    case Nft_type::inet_proto:
    case Nft_type::icmp_type:
    case Nft_type::icmpv6_type:
        return std::to_string(value_of<uint8_t>(bytes));
    case Nft_type::inet_service:
        return std::to_string(ntohs(value_of<uint16_t>(bytes)));
    case Nft_type::mark: {
        char text[16];
        snprintf(text, sizeof text, "0x%08x", value_of<uint32_t>(bytes));
        return text;
    }
    }
    return {};
}

void
pad(std::string &bytes, size_t n_fields)
{
    if (n_fields > 1) {
        bytes.resize((bytes.size() + 3) & ~size_t{3});
    }
}

// Both ends of a range; a name may have a dash in it, and is never one.
bool
parse_ends(Nft_type type, bool is_ranged, std::string_view text, Bytes &first,
           Bytes &last)
{
    const size_t dash
        = is_ranged && type != Nft_type::ifname ? text.find('-') : text.npos;
    first = parse_field(type, text.substr(0, dash));
    last
        = dash == text.npos ? first : parse_field(type, text.substr(dash + 1));
    return first && last && *first <= *last; // In the network's byte order.
}

// Whether 'text' has a field of each of 'types'.
bool
parse_fields(const std::vector<Nft_type> &types, bool is_ranged,
             std::string_view text, std::string &first, std::string &last)
{
    for (size_t i = 0; i < types.size(); i++) {
        const bool is_last = i + 1 == types.size();
        const size_t end = is_last ? text.npos : text.find(between_fields);
        if (!is_last && end == text.npos) {
            return false;
        }
        Bytes from, to;
        if (!parse_ends(types[i], is_ranged, text.substr(0, end), from, to)) {
            return false;
        }
        first += *from;
        last += *to;
        pad(first, types.size());
        pad(last, types.size());
        text.remove_prefix(is_last ? text.size()
                                   : end + between_fields.size());
    }
    return text.empty();
}

std::string
show_fields(const std::vector<Nft_type> &types, std::string_view first,
            std::string_view last)
{
    std::string out;
    for (const Nft_type type : types) {
        const size_t size = nft_size(type);
        const std::string from = show_field(type, first.substr(0, size));
        out += (out.empty() ? "" : std::string{between_fields}) + from;
        if (!last.empty()) {
            const std::string to = show_field(type, last.substr(0, size));
            out += from == to ? "" : "-" + to;
            last.remove_prefix(std::min(last.size(), (size + 3) & ~size_t{3}));
        }
        first.remove_prefix(std::min(first.size(), (size + 3) & ~size_t{3}));
    }
    return out;
}

// "8000 1000": kilobits a second, and kilobits more.
bool
parse_rate(std::string_view text, Nft_element &element)
{
    const size_t space = text.find(' ');
    const auto kbit = parse_number(text.substr(0, space), UINT32_MAX);
    const auto burst = space == text.npos
                           ? std::nullopt
                           : parse_number(text.substr(space + 1),
                                          UINT32_MAX / bytes_of_kbit);
    element.rate = uint64_t{kbit.value_or(0)} * bytes_of_kbit;
    element.burst = burst.value_or(0) * bytes_of_kbit;
    return kbit && *kbit && burst;
}

std::string
show_rate(const Nft_element &element)
{
    return std::to_string(element.rate / bytes_of_kbit) + " "
           + std::to_string(element.burst / bytes_of_kbit);
}

// An object has the name of its helper and the key that leads to it: none is
// for two elements, so each goes with its own.
std::string
end_of_object(const std::string &key)
{
    std::string end = "-" + key;
    if (const size_t at = end.find(between_fields); at != end.npos) {
        end.replace(at, between_fields.size(), "-");
    }
    return end;
}

std::string
show_object(const std::string &object, const std::string &key)
{
    const std::string end = end_of_object(key);
    return object.ends_with(end) ? object.substr(0, object.size() - end.size())
                                 : object;
}

Error
wrong(const Nft_set &set)
{
    return {EINVAL, "not an entry of the table " + set.name};
}

} // namespace

Result<Nft_element>
nft_element(const Nft_set &set, const std::string &key,
            const std::string &value)
{
    Nft_element element;
    std::string end;
    if (!parse_fields(set.key, set.is_ranged, key, element.key, end)) {
        return wrong(set);
    }
    if (set.is_ranged) {
        element.key_end = std::move(end);
    }
    if (set.is_named) {
        element.comment = value;
        const bool is_fit = !value.empty() && value.size() <= longest_name
                            && std::ranges::all_of(value, [](char c) {
                                   return c >= ' ' && c < 127;
                               });
        return is_fit ? Result{element} : wrong(set);
    }
    if (set.is_limited) {
        return parse_rate(value, element) ? Result{element} : wrong(set);
    }
    if (set.is_numbered) {
        element.flows = parse_number(value, UINT32_MAX).value_or(0);
        return element.flows ? Result{element} : wrong(set);
    }
    if (set.is_of_helpers) {
        element.object = value + end_of_object(key);
        return find_helper(value) ? Result{element} : wrong(set);
    }
    std::string same;
    const bool is_fit
        = set.value.empty()
              ? value.empty()
              : parse_fields(set.value, false, value, element.value, same);
    return is_fit ? Result{element} : wrong(set);
}

std::pair<std::string, std::string>
nft_entry(const Nft_set &set, const Nft_element &element)
{
    const std::string key = show_fields(set.key, element.key, element.key_end);
    return {key, set.is_named      ? element.comment
                 : set.is_limited  ? show_rate(element)
                 : set.is_numbered ? std::to_string(element.flows)
                 : set.is_of_helpers
                     ? show_object(element.object, key)
                     : show_fields(set.value, element.value, "")};
}

} // namespace snat
