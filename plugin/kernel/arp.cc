#include "kernel/arp.hh"

#include <algorithm>
#include <cstddef>

namespace snat {
namespace {

using std::operator""s;
using std::operator""sv;

constexpr Mac broadcast{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

// The frame's type, and that it is about Ethernet, IPv4, and their sizes;
// what it is, request or reply, comes next.
constexpr std::string_view type = "\x08\x06\x00\x01\x08\x00\x06\x04"sv;
constexpr std::string_view request = "\x00\x01"sv, reply = "\x00\x02"sv;

constexpr size_t type_at = 12, operation_at = 20, sender_mac_at = 22,
                 sender_at = 28, target_at = 38, size = 42;

std::string
bytes(const Mac &mac)
{
    return {mac.bytes.begin(), mac.bytes.end()};
}

std::string
bytes(const Ip &ip)
{
    return {ip.bytes.begin(), ip.bytes.begin() + ptrdiff_t(ip.size())};
}

Ip
ip_at(std::string_view frame, size_t at)
{
    Ip ip;
    std::ranges::copy(frame.substr(at, ip.size()), ip.bytes.begin());
    return ip;
}

} // namespace

std::string
arp_request(const Mac &mac, const Ip &sender, const Ip &target)
{
    return bytes(broadcast) + bytes(mac) + std::string{type}
           + std::string{request} + bytes(mac) + bytes(sender) + bytes(Mac{})
           + bytes(target);
}

std::optional<Arp>
parse_arp(std::string_view frame)
{
    if (frame.size() < size || frame.substr(type_at, type.size()) != type) {
        return std::nullopt;
    }
    const auto operation = frame.substr(operation_at, request.size());
    if (operation != request && operation != reply) {
        return std::nullopt;
    }
    Arp arp{{}, ip_at(frame, sender_at), ip_at(frame, target_at)};
    std::ranges::copy(frame.substr(sender_mac_at, arp.mac.bytes.size()),
                      arp.mac.bytes.begin());
    return arp;
}

} // namespace snat
