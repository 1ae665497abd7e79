#include "address.hh"

#include "names.hh"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstdio>
#include <optional>

namespace snat {
namespace {

Error
not_an(const char *what, std::string_view text, const char *expected)
{
    return {0, quoted(text) + " is not " + what + ": expected " + expected};
}

// Digits only, no sign, no leading zero, at most 'most'.
std::optional<unsigned>
parse_number(std::string_view text, unsigned most)
{
    unsigned value = 0;
    const char *end = text.data() + text.size();
    auto [stop, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc{} || stop != end || value > most
        || (text.size() > 1 && text[0] == '0')) {
        return std::nullopt;
    }
    return value;
}

unsigned
bits_of(Family family)
{
    return family == Family::ipv4 ? 32 : 128;
}

} // namespace

bool
Ip::is_unspecified() const
{
    return std::ranges::all_of(bytes, [](uint8_t b) { return b == 0; });
}

bool
Ip::is_loopback() const
{
    if (is_v4()) {
        return bytes[0] == 127;
    }
    return std::all_of(bytes.begin(), bytes.end() - 1,
                       [](uint8_t b) { return b == 0; })
           && bytes[15] == 1;
}

bool
Ip::is_multicast() const
{
    return is_v4() ? bytes[0] >= 224 : bytes[0] == 0xff;
}

bool
Ip::is_link_local() const
{
    return is_v4() ? bytes[0] == 169 && bytes[1] == 254
                   : bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
}

Result<Ip>
parse_ip(std::string_view text)
{
    // inet_pton() refuses leading zeros and short forms by itself, and takes
    // no zone; it needs a terminated string, and none of its forms is longer.
    char copy[INET6_ADDRSTRLEN] = {};
    Ip ip;
    if (!text.empty() && text.size() < sizeof copy
        && text.find('\0') == text.npos) {
        std::ranges::copy(text, copy);
        ip.family = text.find(':') == text.npos ? Family::ipv4 : Family::ipv6;
        const int af = ip.is_v4() ? AF_INET : AF_INET6;
        if (inet_pton(af, copy, ip.bytes.data()) == 1) {
            return ip;
        }
    }
    return not_an("an IP address", text,
                  "one like 198.51.100.1 or 2001:db8::1");
}

Digest
digest_of(const Ip &ip)
{
    return digest_of(std::string_view{
        reinterpret_cast<const char *>(ip.bytes.data()), ip.size()});
}

std::string
to_string(const Ip &ip)
{
    char text[INET6_ADDRSTRLEN];
    inet_ntop(ip.is_v4() ? AF_INET : AF_INET6, ip.bytes.data(), text,
              sizeof text);
    return text;
}

Network
Network::base() const
{
    Network base = *this;
    for (unsigned bit = length; bit < bits_of(ip.family); bit++) {
        base.ip.bytes[bit / 8] &= static_cast<uint8_t>(~(0x80 >> bit % 8));
    }
    return base;
}

bool
Network::contains(const Ip &other) const
{
    return other.family == ip.family
           && Network{other, length}.base().ip == base().ip;
}

bool
Network::is_base() const
{
    return ip.is_v4() && length < 31 && ip == base().ip;
}

bool
Network::is_broadcast() const
{
    if (!ip.is_v4() || length >= 31) {
        return false;
    }
    Ip last = base().ip;
    for (unsigned bit = length; bit < 32; bit++) {
        last.bytes[bit / 8] |= static_cast<uint8_t>(0x80 >> bit % 8);
    }
    return ip == last;
}

Network
host_network(const Ip &ip)
{
    return {ip, static_cast<uint8_t>(bits_of(ip.family))};
}

Result<Network>
parse_network(std::string_view text)
{
    constexpr auto expected = "an address with its prefix length, like "
                              "198.51.100.10/24 or 2001:db8::1/64";
    const size_t slash = text.find('/');
    if (slash == text.npos) {
        return not_an("an address with a prefix length", text, expected);
    }
    auto ip = parse_ip(text.substr(0, slash));
    if (!ip) {
        return not_an("an address with a prefix length", text, expected);
    }
    const unsigned most = bits_of(ip->family);
    const auto length = parse_number(text.substr(slash + 1), most);
    if (!length) {
        return not_an("an address with a prefix length", text,
                      ip->is_v4() ? "a prefix length of 0 to 32"
                                  : "a prefix length of 0 to 128");
    }
    return Network{*ip, static_cast<uint8_t>(*length)};
}

std::string
to_string(const Network &network)
{
    return to_string(network.ip) + "/" + std::to_string(network.length);
}

Result<Mac>
parse_mac(std::string_view text)
{
    Mac mac;
    bool fine = text.size() == 17;
    for (size_t i = 0; fine && i < 6; i++) {
        const char *digits = text.data() + 3 * i;
        auto [stop, error]
            = std::from_chars(digits, digits + 2, mac.bytes[i], 16);
        fine = error == std::errc{} && stop == digits + 2
               && (i == 5 || *stop == ':');
    }
    if (!fine) {
        return not_an("a MAC address", text, "one like 02:00:00:00:00:01");
    }
    return mac;
}

std::string
to_string(const Mac &mac)
{
    char text[18];
    const auto &b = mac.bytes;
    snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1],
             b[2], b[3], b[4], b[5]);
    return text;
}

std::string
without_addresses(std::string_view text)
{
    constexpr std::string_view between_words = " ,;()\"";
    std::string out;
    while (!text.empty()) {
        const size_t end
            = std::min(text.find_first_of(between_words), text.size());
        std::string_view word = text.substr(0, end);
        if (word.ends_with(':') && !word.ends_with("::")) {
            word.remove_suffix(1); // The sentence's.
        }
        const bool is_address
            = parse_ip(word) || parse_network(word) || parse_mac(word);
        out += is_address ? "(not shown)" : word;
        text.remove_prefix(word.size());
        // What stands after it: a colon, or what is between words.
        out += text.substr(0, 1);
        text.remove_prefix(std::min<size_t>(1, text.size()));
    }
    return out;
}

} // namespace snat
