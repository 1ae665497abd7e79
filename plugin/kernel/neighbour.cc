#include "kernel/neighbour.hh"

#include <algorithm>

namespace snat {
namespace {

using std::operator""s;

constexpr char solicitation = char(135), advertisement = char(136);
constexpr int own_hop_limit = 255; // Of what was never forwarded.

constexpr size_t code_at = 1, target_at = 8, least_size = 24;

// Each option says its length in units of eight bytes, which is never 0.
bool
has_whole_options(std::string_view options)
{
    while (!options.empty()) {
        const size_t size
            = options.size() < 2 ? 0 : 8 * size_t{uint8_t(options[1])};
        if (size == 0 || size > options.size()) {
            return false;
        }
        options.remove_prefix(size);
    }
    return true;
}

} // namespace

std::string
neighbour_solicitation(const Mac &mac, const Ip &target)
{
    return solicitation + "\x00\x00\x00\x00\x00\x00\x00"s
           + std::string{target.bytes.begin(), target.bytes.end()}
           // The source link-layer address.
           + "\x01\x01"s + std::string{mac.bytes.begin(), mac.bytes.end()};
}

// ff02::1:ff and the last three bytes (RFC 4291, section 2.7.1).
Ip
solicited_node(const Ip &target)
{
    Ip ip{Family::ipv6, {0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0xff}};
    std::copy(target.bytes.end() - 3, target.bytes.end(), ip.bytes.end() - 3);
    return ip;
}

std::optional<Ip>
parse_advertisement(std::string_view message, int hop_limit)
{
    if (hop_limit != own_hop_limit || message.size() < least_size
        || message[0] != advertisement || message[code_at] != 0
        || !has_whole_options(message.substr(least_size))) {
        return std::nullopt;
    }
    Ip target{Family::ipv6, {}};
    std::ranges::copy(message.substr(target_at, target.size()),
                      target.bytes.begin());
    return target.is_multicast() ? std::nullopt : std::optional{target};
}

} // namespace snat
