// A router port's device inside its namespace: made, changed, deleted.
#pragma once

#include "kernel/links.hh"
#include "kernel/namespaces.hh"
#include "router/result.hh"
#include "router/wired.hh"
#include "step/step.hh"

#include <optional>
#include <string>

namespace snat {

// The device that 'link', seen inside, is.  Nothing if it is of a kind that
// no port has.
Result<std::optional<Device>> see_device(Namespace &inside,
                                         const Seen_link &link);

// The same for a link on the node.
std::optional<Device> see_device_on_node(const Seen_link &link);

// The same for a pair whose node's end, if it still has one, is known, and its
// checksum offload.
Device pair_of(const Seen_link &link, const Seen_link *node_end,
               bool checksum_offload);
// Whether a link on the node, of the same name, is the other end.
bool is_other_end(const Seen_link &on_node, const Seen_link &link);

// Makes MAC, MTU and checksum offload of a device inside like 'wanted', as
// far as they differ from 'seen'.  If that fails, they are 'seen' again.
Outcome settle(Namespace &inside, const Seen_link &link, const Device &seen,
               const Device &wanted);

Outcome set_device(Namespace &inside, const std::string &router,
                   const Set_device &step);

} // namespace snat
