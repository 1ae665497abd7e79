// Which of the recorded changes an operator can have back, as a function of
// the history.
#pragma once

#include "change/change.hh"
#include "router/result.hh"
#include "router/rows_for.hh"

#include <cstdint>
#include <string>
#include <vector>

namespace snat {

struct Undoable {
    std::string router;
    Asked before; // What its rows asked for before the change.
};

// Or why not.  'history' is in the order of the numbers.  With 'force' also
// behind later changes of the same router.
Result<Undoable> find_undoable(const std::vector<Change> &history,
                               uint64_t number, bool force);

// What a router was before the change; an Error if that cannot be read.
Result<Asked> read_before(const Change &change);

} // namespace snat
