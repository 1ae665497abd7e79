// Addresses of links, set and taken away.
#pragma once

#include "kernel/netlink.hh"
#include "router/result.hh"
#include "router/wired.hh"
#include "step/step.hh"

#include <string>
#include <vector>

namespace snat {

// Makes the addresses of 'link', but for its hosts, 'wanted', in the order in
// which the kernel has them if they are added in theirs.  Those that need not
// be moved stay untouched, and new ones are there before old ones go.  If it
// fails the addresses are as they were.  If nothing is to be changed, the
// routes that the kernel had made of the link's addresses are restored.  A
// link that is gone has no addresses.
Outcome set_addresses(Netlink &route, const std::string &link,
                      const std::vector<Network> &wanted);

// Does what the step says in one go; what is so already stays so.  If it fails
// it is undone.  A link that is gone has no addresses.
Outcome change_hosts(Netlink &route, const Change_hosts &step);

} // namespace snat
