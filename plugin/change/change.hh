// The record of one change: what a row of table Change holds, as a value.
//
//                 record            check, commit
//     (planned) ----------> applying ----------> committed
//                              |
//                              | a step or the check failed
//                              v         all undone
//                           (undoing) ------------------> undone
//                              |                            ^
//                              | an inverse step failed     | later
//                              +------> undo_failed --------+
//
// A change found 'applying' at the start was interrupted: it is finished if
// its 'after' is still what the rows ask for, else its 'before' is restored.
#pragma once

#include "router/rows.hh"

#include <cstdint>
#include <string>

namespace snat {

enum class Change_state { applying, committed, undone, undo_failed };
const char *to_string(Change_state state);

struct Change {
    uint64_t number = 0;
    std::string router;
    // "edit", "start", "retry", "drift", "resync", "undo", "unconfirmed".
    std::string cause;
    Change_state state = Change_state::applying;
    std::string error;  // Empty: none.
    std::string steps;  // JSON array, see step/json.hh.
    std::string before; // JSON of a Router; empty: there was none.
    Idle rows_before = Idle::no_rows; // Where 'before' is empty.
    std::string after;       // JSON of a Router; empty: there is none.
    int64_t started_at = 0;  // Milliseconds since the epoch.
    int64_t finished_at = 0; // 0: not yet.

    bool operator==(const Change &) const = default;
};

} // namespace snat
