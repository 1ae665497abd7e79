// What a router is in the kernel, read and never assumed.
#pragma once

#include "change/world.hh"
#include "kernel/namespaces.hh"
#include "kernel/sysctls.hh"
#include "router/result.hh"
#include "router/wired.hh"

namespace snat {

Result<Wired> observe(Namespaces &namespaces, Sysctls &sysctls,
                      const Observe &what);

} // namespace snat
