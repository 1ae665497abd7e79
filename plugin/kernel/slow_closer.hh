// Closes descriptors elsewhere.  Closing a packet socket makes the caller
// wait until the kernel knows that nobody uses it any more, 12 ms as a rule;
// three rounds of announcements for a thousand routers would stop all else
// for half a minute.
#pragma once

#include "kernel/fd.hh"

namespace snat {

class Slow_closer {
public:
    // Starts the thread that closes: the only one besides the main thread,
    // and all that it ever does.
    Slow_closer();

    // Without the thread, or with too many waiting, it is closed here.
    void close(Fd fd);

private:
    Fd queue_; // Writes descriptors for the thread; closing it ends it.
};

} // namespace snat
