// Failures made on purpose, with the daemon option --enable-faults only.  A
// fault strikes once and is armed no more; one on a step and one on an undo
// may be armed together.  Steps are counted from 1 over a whole change, those
// on the switch included; inverse steps likewise, in the order of the undo.
#pragma once

#include "change/world.hh"

#include <cstddef>
#include <functional>
#include <string>

namespace snat {

class Fault {
public:
    void fail_step(size_t step, int error);
    void crash_at_step(size_t step, Victim victim = Victim::both);
    void fail_undo(size_t step);
    void crash_at_undo(size_t step, Victim victim = Victim::both);
    // The next change that has so many steps waits before this one, or after
    // its last, until go().
    void stop_at_step(size_t step);
    void go();
    // Changes of other routers are left alone.
    void
    only(const std::string &router)
    {
        router_ = router;
    }
    void clear(); // What was stopped goes on.
    bool is_armed() const;
    // "none", or "armed: fail-step 3" and the like.
    std::string show() const;

    // What strikes a list of 'count' steps after 'done' steps and 'undone'
    // inverse steps of the same change of 'router'.
    Strike strike(const std::string &router, size_t done, size_t count,
                  size_t undone) const;
    // The same of a list of inverse steps.
    Strike strike_undo(const std::string &router, size_t count,
                       size_t undone) const;
    // 'strike' was delivered, and 'undone' inverse steps were tried with it.
    void spend(const Strike &strike, size_t undone);

    // How many of 'count' steps after 'done' may be done in one go.
    size_t until_stop(const std::string &router, size_t done,
                      size_t count) const;
    // Goes on now, or after go() if the change stops after 'done' steps.
    void pass(const std::string &router, size_t done,
              std::function<void()> on);

private:
    bool strikes(const std::string &router) const;

    std::string router_;   // Empty: any.
    size_t fail_step_ = 0; // 0: not armed.
    int error_ = 0;
    size_t crash_step_ = 0;
    size_t fail_undo_ = 0;
    size_t crash_undo_ = 0;
    Victim victim_ = Victim::both;
    size_t stop_step_ = 0;
    size_t stopped_at_ = 0;
    std::function<void()> stopped_; // What waits for go().
};

} // namespace snat
