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

// Whether whoami.py tells of the call: it does a moment after its answer.
inline bool
hears(const Job &who, const std::string &call)
{
    return wait_until(
        [&] { return who.output().find(call) != std::string::npos; });
}

} // namespace test
