// What the daemon was started with and could never work with: told at once,
// rather than tried for ever.
#pragma once

#include <string>

namespace snat {

// Each ends the program with a sentence of what is wrong and what would be
// right.  The 'option' is one like "--ovs-db".
void require_remote(const char *option, const std::string &remote);
void require_netns_dir(const std::string &dir);
void require_root();

} // namespace snat
