// Neighbour discovery for IPv6 (RFC 4861): ICMPv6 messages from values and
// back.  Their checksum is the kernel's business.
#pragma once

#include "router/address.hh"

#include <optional>
#include <string>
#include <string_view>

namespace snat {

// Asks for 'target', and where it is sent to.
std::string neighbour_solicitation(const Mac &mac, const Ip &target);
Ip solicited_node(const Ip &target);

// Whom a neighbour advertisement is about; nothing if it is none, or cannot
// be valid (RFC 4861, section 7.1.2).
std::optional<Ip> parse_advertisement(std::string_view message, int hop_limit);

} // namespace snat
