// The kernel process: the only one with privileges.  It takes requests from
// the main process, checks them again by itself, does them one after the
// other, and answers.  It parses nothing else but what neighbours say when
// they are asked, logs nothing, and ends with the main process.
#pragma once

#include <string>

namespace snat {

// Becomes the kernel process: gives up all privileges but CAP_SYS_ADMIN,
// CAP_NET_ADMIN and CAP_NET_RAW, all descriptors but 0 to 2 and 'fd', and
// serves the requests that come over 'fd' until its other end is closed (0 is
// returned) or sends what is no request at all (1: a last answer with id 0
// says why).  A request for what cannot be is answered so, and no more.
// 'netns_dir' is where named namespaces are.  'lock_file' is locked meanwhile:
// a kernel process whose main process was killed may still be busy with a
// step, and the next one must not work beside it.
int serve(int fd, const std::string &netns_dir, const std::string &lock_file);

} // namespace snat
