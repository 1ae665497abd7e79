// What the kernel process keeps of what it inherits.
#pragma once

#include "router/result.hh"

namespace snat {

// Gives up all descriptors but 0 to 2 and 'fd', and all signal handlers.
// SIGINT, SIGTERM, SIGHUP and SIGPIPE are ignored: the main process decides
// when to end.
Outcome become_kernel_process(int fd);

// Gives up, for good, all capabilities but those that wiring takes.
Outcome keep_capabilities();

} // namespace snat
