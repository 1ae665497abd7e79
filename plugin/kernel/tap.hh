// Taps whose ovs-vswitchd is gone: they are persistent, without carrier.
#pragma once

#include "kernel/links.hh"
#include "kernel/namespaces.hh"
#include "router/result.hh"
#include "router/wired.hh"

#include <string>

namespace snat {

// Deleting the dead tap that a killed ovs-vswitchd leaves behind is part of a
// repair; when that repair is undone, the steps before it need the device
// again, with its attributes.  It is a persistent tap without carrier, as the
// dead one was.
Outcome make_dead_tap(Namespace &inside, const std::string &name,
                      const Device &device);

// Whether nobody holds the device, which may be any.
bool is_abandoned(const Seen_link &link);

} // namespace snat
