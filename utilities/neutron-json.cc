// See neutron-json.hh.
#include "neutron-json.hh"

#include "router/names.hh"

#include <algorithm>

namespace snat::neutron {
namespace {

constexpr const char *expected_ip = "an IPv4 or IPv6 address";

bool
is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

bool
is_uuid(std::string_view text)
{
    constexpr std::string_view pattern
        = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    return std::ranges::equal(text, pattern, [](char c, char wanted) {
        return wanted == 'x' ? is_hex(c) : c == wanted;
    });
}

} // namespace

Place
Place::operator[](const std::string &key) const
{
    if (!json_is_object(json_)) {
        refuse("an object");
    }
    return {json_object_get(json_, key.c_str()), path_ + "." + key, *wrong_};
}

std::vector<Place>
Place::elements() const
{
    std::vector<Place> all;
    if (is_there() && !json_is_array(json_)) {
        refuse("a list");
    }
    for (size_t i = 0; i < json_array_size(json_); i++) {
        all.emplace_back(json_array_get(json_, i),
                         path_ + "[" + std::to_string(i) + "]", *wrong_);
    }
    return all;
}

std::string
Place::text() const
{
    if (!json_is_string(json_)) {
        refuse("a string");
    }
    return string();
}

std::string
Place::uuid() const
{
    if (!is_uuid(string())) {
        refuse("a UUID in lower case");
    }
    return string();
}

bool
Place::boolean(bool otherwise) const
{
    if (is_there() && !json_is_boolean(json_)) {
        refuse("true or false");
    }
    return is_there() ? json_is_true(json_) : otherwise;
}

int64_t
Place::integer(int64_t least, int64_t most) const
{
    const json_int_t value = json_integer_value(json_);
    if (!json_is_integer(json_) || value < least || value > most) {
        refuse("a whole number from " + std::to_string(least) + " to "
               + std::to_string(most));
    }
    return std::clamp<int64_t>(value, least, most);
}

Ip
Place::ip() const
{
    const auto parsed = parse_ip(string());
    if (!parsed) {
        refuse(expected_ip);
        return {};
    }
    return *parsed;
}

Ip
Place::ip(Family family) const
{
    const Ip any = ip();
    if (any.family != family) {
        refuse(family == Family::ipv4 ? "an IPv4 address" : "an IPv6 address");
    }
    return any;
}

Network
Place::network() const
{
    const auto parsed = parse_network(string());
    if (!parsed || *parsed != parsed->base()) {
        refuse("a network without host bits, such as 198.51.100.0/24");
        return {};
    }
    return *parsed;
}

Mac
Place::mac() const
{
    const auto parsed = parse_mac(string());
    if (!parsed) {
        refuse("a MAC address");
        return {};
    }
    return *parsed;
}

std::string
Place::one_of(std::span<const std::string_view> words) const
{
    const std::string word = string();
    if (std::ranges::find(words, word) == words.end()) {
        refuse("one of " + joined({words.begin(), words.end()}, ", "));
        return std::string{words.front()};
    }
    return word;
}

void
Place::refuse(const std::string &expected) const
{
    if (!*wrong_) {
        *wrong_ = Error{0, path_ + ": " + shown() + ": expected " + expected};
    }
}

std::string
Place::string() const
{
    return json_is_string(json_) ? std::string{json_string_value(json_),
                                               json_string_length(json_)}
                                 : std::string{};
}

std::string
Place::shown() const
{
    if (!json_) {
        return "nothing there";
    }
    switch (json_typeof(json_)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "a list";
    case JSON_STRING:
        return quoted(string());
    case JSON_INTEGER:
        return std::to_string(json_integer_value(json_));
    case JSON_REAL:
        return "a number that is not whole";
    case JSON_TRUE:
        return "true";
    case JSON_FALSE:
        return "false";
    case JSON_NULL:
        break;
    }
    return "null";
}

} // namespace snat::neutron
