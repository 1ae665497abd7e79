// The options of ovs-snatctl.
#pragma once

#include "snatctl-attempt.hh"
#include "tables/ovs.hh"

#include <string>

namespace snat::ctl {

struct Options {
    std::string db;
    unsigned int timeout = 0;
    int leader_only = true; // An int, as getopt_long() wants it.
    bool retry = false;
    Manner manner;
};

// Reads what stands before the first command and leaves 'optind' there.  The
// first command's own options may stand among the program's: they are put
// into 'local', for ctl_parse_commands().  Ends the program on a wrong option
// and after --help and the like.
Options parse_options(int argc, char *argv[], shash *local);

} // namespace snat::ctl
