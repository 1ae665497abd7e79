// Devices on the node that are ours and of no use to anybody any more.
#pragma once

#include "kernel/links.hh"
#include "kernel/namespaces.hh"
#include "router/result.hh"

#include <optional>
#include <string>

namespace snat {

// Whether 'link', seen on the node, is a tap that nobody holds (those of
// ovs-vswitchd are persistent, and outlive it if it is killed), or the end of
// a pair of the router's whose other end is not 'inside', the link of the
// same name in the router's namespace.
bool is_abandoned(const Seen_link &link, const std::string &router,
                  const std::optional<Seen_link> &inside);

// Deletes the device of that name on the node.  One that is not abandoned is
// an error; one that is not there is none.  'inside' is null for a router
// without a namespace.
Outcome remove_abandoned(Node &node, const std::string &name,
                         const std::string &router, Namespace *inside);

} // namespace snat
