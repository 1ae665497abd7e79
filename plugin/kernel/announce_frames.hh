// The Ethernet frames that announce an address: bytes from values.
#pragma once

#include "router/address.hh"

#include <string>

namespace snat {

// For IPv4 a broadcast ARP request for 'ip' from itself; for IPv6 a neighbour
// advertisement to all nodes that overrides what they know.
std::string announcement(const Mac &mac, const Ip &ip);

} // namespace snat
