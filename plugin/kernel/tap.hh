// Taps as an ovs-vswitchd that is gone has left them: persistent, without
// carrier.
#pragma once

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
} // namespace snat
