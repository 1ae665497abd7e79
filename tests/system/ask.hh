// Questions to utilities/whoami.py.
#pragma once

#include "system/node.hh"

#include <string>

namespace test {

// Asks over UDP, from within a host.
inline std::string
ask_udp(Node &node, const std::string &host, const std::string &address)
{
    return node.must_in(host, "exec 3<>/dev/udp/" + address
                                  + "/80; echo >&3; timeout 5 dd bs=2048 "
                                    "count=1 status=none <&3");
}

inline std::string
ask_tcp(Node &node, const std::string &host, const std::string &address)
{
    return node.must_in(host, "curl -g -s -m 5 http://" + address + "/");
}

} // namespace test
