// Address resolution for IPv4 (RFC 826): Ethernet frames from values and back.
#pragma once

#include "router/address.hh"

#include <linux/filter.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace snat {

// A broadcast request.  From 0.0.0.0 it is a probe, and from 'target' itself
// an announcement (RFC 5227, section 1.1).
std::string arp_request(const Mac &mac, const Ip &sender, const Ip &target);

// What a request or reply says.
struct Arp {
    Mac mac; // The sender's.
    Ip sender, target;
};

// Nothing if the frame is none of Ethernet and IPv4.
std::optional<Arp> parse_arp(std::string_view frame);

// A socket filter that lets through what comes from one of these addresses,
// or asks for one from 0.0.0.0.  Empty if they are too many for one.
std::vector<sock_filter> arp_filter(const std::vector<Ip> &ips);

} // namespace snat
