// Address resolution for IPv4 (RFC 826): Ethernet frames from values and back.
#pragma once

#include "router/address.hh"

#include <optional>
#include <string>
#include <string_view>

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

} // namespace snat
