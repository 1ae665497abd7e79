// The kernel process's own look at a request, as if the main process were in
// somebody else's hands: only names, keys, addresses and numbers that a
// router can have get any further.
#pragma once

#include "kernel/protocol.hh"
#include "router/result.hh"

namespace snat {

Outcome check(const Request &request);

} // namespace snat
