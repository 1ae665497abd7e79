// Transmit checksum offload, which has no place in rtnetlink.
#pragma once

#include "kernel/namespaces.hh"
#include "router/result.hh"

#include <string>

namespace snat {

Result<bool> checksum_offload(const Namespace &inside,
                              const std::string &link);
Outcome set_checksum_offload(const Namespace &inside, const std::string &link,
                             bool on);

} // namespace snat
