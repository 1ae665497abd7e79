#include "kernel/announce_frames.hh"

#include "kernel/arp.hh"
#include "kernel/bytes.hh"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace snat {
namespace {

using std::operator""s;

// 33:33 and the last four bytes of ff02::1 (RFC 2464, section 7).
constexpr Mac all_nodes_mac{{0x33, 0x33, 0, 0, 0, 1}};
constexpr Ip all_nodes{Family::ipv6,
                       {0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

constexpr uint16_t ethertype_ipv6 = 0x86dd;
constexpr uint8_t next_header_icmpv6 = 58;

// Router and override.  A router must say that it is one in every
// advertisement: hosts drop default routes by an address that does not
// (RFC 4861, section 7.2.5).
constexpr uint8_t advertisement_flags = 0xa0;

std::string
be16(uint16_t value)
{
    return {char(value >> 8), char(value)};
}

std::string
ethernet(const Mac &to, const Mac &from, uint16_t ethertype)
{
    return bytes(to) + bytes(from) + be16(ethertype);
}

// The internet checksum (RFC 1071) of an even number of bytes.
uint16_t
checksum(std::string_view data)
{
    uint32_t sum = 0;
    for (size_t i = 0; i + 1 < data.size(); i += 2) {
        sum += uint32_t{uint8_t(data[i])} << 8 | uint8_t(data[i + 1]);
    }
    while (sum >> 16) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<uint16_t>(~sum);
}

// Type 136 with the target, and its link-layer address as an option.
std::string
advertisement_body(const Mac &mac, const Ip &ip, uint16_t sum)
{
    return "\x88\x00"s + be16(sum) + char(advertisement_flags)
           + "\x00\x00\x00"s + bytes(ip) + "\x02\x01"s + bytes(mac);
}

std::string
neighbour_advertisement(const Mac &mac, const Ip &ip)
{
    const std::string unsummed = advertisement_body(mac, ip, 0);
    const std::string length = be16(uint16_t(unsummed.size()));
    const std::string ends = bytes(ip) + bytes(all_nodes);
    // RFC 8200, section 8.1.
    const std::string pseudo_header = ends + "\x00\x00"s + length
                                      + "\x00\x00\x00"s
                                      + char(next_header_icmpv6);
    const uint16_t sum = checksum(pseudo_header + unsummed);
    // Hop limit 255: nobody takes one that was forwarded.
    return ethernet(all_nodes_mac, mac, ethertype_ipv6) + "\x60\x00\x00\x00"s
           + length + char(next_header_icmpv6) + "\xff"s + ends
           + advertisement_body(mac, ip, sum);
}

} // namespace

std::string
announcement(const Mac &mac, const Ip &ip)
{
    return ip.is_v4() ? arp_request(mac, ip, ip)
                      : neighbour_advertisement(mac, ip);
}

} // namespace snat
