// Addresses as they stand in a frame.
#pragma once

#include "router/address.hh"

#include <string>

namespace snat {

inline std::string
bytes(const Mac &mac)
{
    return {mac.bytes.begin(), mac.bytes.end()};
}

inline std::string
bytes(const Ip &ip)
{
    return {ip.bytes.begin(), ip.bytes.begin() + ptrdiff_t(ip.size())};
}

} // namespace snat
