// What this process, be it the kernel process or the main one, takes of the
// machine.
#pragma once

#include "change/watched.hh"

namespace snat {

// Once, when the process begins to be what it is.
void note_start();

// Needs no privileges.  A number that cannot be had is 0.
Process_usage own_usage();

} // namespace snat
