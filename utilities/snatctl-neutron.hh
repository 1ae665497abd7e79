// The command neutron-sync.  It makes a transaction for each router, so it is
// no part of the one transaction that other commands share.
#pragma once

#include "snatctl-options.hh"
#include "snatctl-wait.hh"
#include "tables/ovs.hh"

#include <span>
#include <string>

namespace snat::ctl {

// Whether it is among the commands; ends the program if it has company.
bool is_neutron_sync(std::span<const ctl_command> commands);

// Reads and judges the whole payload before it writes anything, prints what
// became of how many routers, and leaves the rest to be waited for.
Committed sync_neutron(ovsdb_idl *idl, const ctl_command &command,
                       const Options &options, const std::string &comment,
                       Patience &patience);

} // namespace snat::ctl
