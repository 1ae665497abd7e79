// A change that is to be confirmed, or else undoes itself: a row of table
// Confirm, one for a router at most.
//
//              commit of a change             confirmed: the row goes
//     asked ----------------------> waiting -------------------------->
//       |    until = then + seconds    |
//       | nothing came of it           | the time is over: the router's
//       v                              v rows are put back, the row goes
//
// What waits can be asked for anew: the first change stays the one that all
// goes back behind, and the time begins again with the next commit.
//
// An undo that has rows of both databases to write waits as well meanwhile,
// and its time is over from the first: whatever ends the daemon between the
// two does not leave half of it.
#pragma once

#include <cstdint>
#include <string>

namespace snat {

struct Confirm {
    std::string router;
    int64_t asked_at = 0; // Tells one request from the next.
    uint32_t seconds = 0; // 0: nothing is asked for that has not come about.
    uint64_t change = 0;  // The first change that waits; 0: none yet.
    int64_t until = 0;    // Milliseconds since the epoch.

    bool operator==(const Confirm &) const = default;
    bool
    is_asked() const
    {
        return seconds != 0;
    }
    bool
    is_waiting() const
    {
        return change != 0;
    }
    bool
    is_undo() const // Under way; nobody has asked to confirm anything.
    {
        return is_waiting() && asked_at == 0;
    }
};

// The request once a change that does it is committed.
inline Confirm
committed(Confirm confirm, uint64_t change, int64_t committed_at)
{
    confirm.change = confirm.is_waiting() ? confirm.change : change;
    confirm.until = committed_at + int64_t{1000} * confirm.seconds;
    confirm.seconds = 0;
    return confirm;
}

} // namespace snat
