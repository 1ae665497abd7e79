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

#include "router/router.hh"
#include "router/rows.hh"

#include <cstdint>
#include <optional>
#include <string>

namespace snat {

enum class Change_state { applying, committed, undone, undo_failed };
const char *to_string(Change_state state);

// A router before or after a change, as the history tells it.
struct Told {
    std::optional<Router> router; // Empty: there was none, or it is lost.
    std::string lost = {};        // The text that cannot be read; else empty.

    bool operator==(const Told &) const = default;
    bool
    is_lost() const
    {
        return !lost.empty();
    }
    Nat_set
    nat() const
    {
        return router ? router->nat : Nat_set{};
    }
};

struct Change {
    uint64_t number = 0;
    std::string router;
    // "edit", "start", "retry", "drift", "resync", "undo", "unconfirmed".
    std::string cause;
    Change_state state = Change_state::applying;
    std::string error; // Empty: none.
    std::string steps; // JSON array, see step/json.hh.
    Told before;
    Idle rows_before = Idle::no_rows; // Where there was none before.
    Told after;
    int64_t started_at = 0;  // Milliseconds since the epoch.
    int64_t finished_at = 0; // 0: not yet.

    bool operator==(const Change &) const = default;
    // What the router is by it, as far as a router is good only once it has
    // been checked.
    const Told &
    good() const
    {
        return state == Change_state::committed ? after : before;
    }
};

} // namespace snat
