#include "kernel/arp.hh"

#include "kernel/bytes.hh"

#include <algorithm>
#include <cstddef>
#include <cstdint>

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

Ip
ip_at(std::string_view frame, size_t at)
{
    Ip ip;
    std::ranges::copy(frame.substr(at, ip.size()), ip.bytes.begin());
    return ip;
}

uint32_t
number(const Ip &ip)
{
    uint32_t out = 0;
    for (size_t i = 0; i < ip.size(); i++) {
        out = out << 8 | ip.bytes[i];
    }
    return out;
}

void
load(std::vector<sock_filter> &filter, size_t at)
{
    filter.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, uint32_t(at)));
}

void
take_if_equal(std::vector<sock_filter> &filter, uint32_t value)
{
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, UINT32_MAX));
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

std::vector<sock_filter>
arp_filter(const std::vector<Ip> &ips)
{
    std::vector<sock_filter> filter;
    load(filter, sender_at);
    for (const Ip &ip : ips) {
        take_if_equal(filter, number(ip));
    }
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0));
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, 0));
    load(filter, target_at);
    for (const Ip &ip : ips) {
        take_if_equal(filter, number(ip));
    }
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, 0));
    return filter.size() <= BPF_MAXINSNS ? filter : decltype(filter){};
}

} // namespace snat
