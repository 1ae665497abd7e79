// What is asked for fails, or has to wait: the router is kept as it last was
// good.  A change that failed was undone, but only to what it had found, which
// is nothing after a reboot of the machine; and what is spoilt meanwhile is
// repaired as at all times.

#include "change/engine.hh"

#include <algorithm>

namespace snat {

using std::chrono::milliseconds;

bool
Engine::can_keep_good(const Life &life) const
{
    return life.good && !life.orphaned && !life.interrupted
           && (life.suspect || !life.looked)
           && world_.clock.now() >= life.next_look
           && target(life) != life.good;
}

void
Engine::keep_good(Life &life)
{
    Job job = new_job(life, "drift", without_deleted(life.good));
    // What was not looked at since the start is repaired all the same.
    life.observes
        = life.limits.observe_drift && (life.looked || life.observes);
    job.repairs = !life.observes;
    life.keeps = true;
    start(life, std::move(job));
}

// Nothing of what the rows ask for has ended, nor does it wait for longer.
void
Engine::note_kept(Life &life, const Change &change,
                  const Transaction::Ending &ending,
                  const std::optional<Router> &after)
{
    using End = Transaction::End;
    life.unsettled_since
        = life.unsettled_since ? life.unsettled_since : life.edited_since;
    life.edited_since.reset();
    const bool lost_before = !life.lost.empty();
    life.lost = ending.error;
    milliseconds pause{life.limits.retry_initial};
    switch (ending.end) {
    case End::unchanged:
    case End::committed:
        reach(life, change, ending, after);
        life.keeping.reset();
        if (life.looked) {
            pause = rest_after_look(life, ending);
        }
        break;
    case End::undone:
        life.suspect = true;
        if (lost_before) { // The history has the first failure and the last.
            life.retried = change;
        }
        // Not before what is asked for has been tried once more.
        pause = std::max(
            life.keeping.next(pause, milliseconds{life.limits.retry_max}),
            life.not_before - world_.clock.now());
        break;
    case End::undo_failed:
        interrupt(life, change);
        break;
    }
    life.next_look = world_.clock.now() + pause;
    world_.clock.after(pause,
                       [this, name = life.name] { consider_later(name); });
}

} // namespace snat
