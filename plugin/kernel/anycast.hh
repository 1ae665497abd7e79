// The Subnet-Router anycast address of a router's networks (RFC 4291, section
// 2.6.1), which the kernel joins by itself, and loses by mistake: an IPv6
// address that goes before its duplicate address detection is over leaves
// what it never joined (net/ipv6/addrconf.c, __ipv6_ifa_notify()), and takes
// it from the other addresses of the same network.
#pragma once

#include "kernel/netlink.hh"
#include "kernel/sysctls.hh"
#include "router/result.hh"
#include "step/step.hh"

namespace snat {

// Whether doing 'step' now would lose it.
Result<bool> loses_anycast(Netlink &route, const Set_addresses &step);

// Makes the link join it again for every address that is left, and forgets
// the default routes that others have advertised, unless it still listens to
// them (accept_ra is 2).  Packets are forwarded all the while, for that is up
// to net/ipv6/conf/all/forwarding.
Outcome become_router_again(Namespace &inside, Sysctls &sysctls,
                            const std::string &link);

} // namespace snat
