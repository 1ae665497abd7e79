// The switch's own device, moved between the node and a namespace.
#pragma once

#include "kernel/namespaces.hh"
#include "router/result.hh"
#include "step/step.hh"

namespace snat {

Outcome move_device(Namespace &inside, const Move_device &step);

} // namespace snat
