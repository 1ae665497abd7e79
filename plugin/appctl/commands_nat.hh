// The commands about translation: nat/stats, nat/trace, nat/who.
#pragma once

#include "appctl/arguments.hh"

namespace snat {

Answer nat_trace(Commands_for &what, const Arguments &arguments);
Answer nat_who(Commands_for &what, const Arguments &arguments);
void nat_stats(unixctl_conn *conn, Commands_for &what,
               const Arguments &arguments);

} // namespace snat
