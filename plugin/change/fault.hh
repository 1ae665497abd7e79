// Failures made on purpose, with the daemon option --enable-faults only.  A
// fault strikes once and is armed no more; one on a step and one on an undo
// may be armed together.  Steps are counted from 1 over a whole change, those
// on the switch included; inverse steps likewise, in the order of the undo.
#pragma once

#include "change/world.hh"

#include <cstddef>
#include <string>

namespace snat {

class Fault {
public:
    void fail_step(size_t step, int error);
    void crash_at_step(size_t step);
    void fail_undo(size_t step);
    void
    clear()
    {
        *this = {};
    }
    // "none", or "armed: fail-step 3" and the like.
    std::string show() const;

    // What strikes a list of 'count' steps after 'done' steps and 'undone'
    // inverse steps of the same change.
    Strike strike(size_t done, size_t count, size_t undone) const;
    // 'strike' was delivered, and 'undone' inverse steps were tried with it.
    void spend(const Strike &strike, size_t undone);

private:
    size_t fail_step_ = 0; // 0: not armed.
    int error_ = 0;
    size_t crash_step_ = 0;
    size_t fail_undo_ = 0;
};

} // namespace snat
