// The way back: what happens once something has failed.

#include "change/transaction.hh"

#include "plan/plan.hh"

#include <algorithm>

namespace snat {

using std::chrono::milliseconds;

// After its namespace is gone a router cannot be brought back as it was: the
// flows it knew went with it.  Dropping it is the last step of all.
bool
Transaction::is_past_return() const
{
    const bool is_gone = namespace_is_gone_ && !job_.backwards;
    return is_gone
           || std::any_of(steps_.begin(),
                          steps_.begin() + static_cast<ptrdiff_t>(applied_),
                          [](const Step &step) {
                              const auto *drop
                                  = std::get_if<Set_namespace>(&step);
                              return drop && !drop->becomes;
                          });
}

void
Transaction::fail(const Error &error)
{
    if (job_.change.error.empty()) {
        job_.change.error = error.what; // The first cause stays.
    }
    if (phase_ == Phase::observing || phase_ == Phase::recording) {
        // Nothing was touched, and of a new change there is no record.
        if (job_.backwards) {
            job_.change.state = Change_state::undo_failed;
        }
        finish(job_.resumed ? End::undo_failed : End::undone);
        return;
    }
    if (phase_ == Phase::undoing || job_.backwards || is_past_return()) {
        // There is no way but on, and somebody has to try again.
        note_outstanding({}, error);
        close();
        return;
    }
    enter(Phase::undoing);
    undo_ = inverse(std::vector<Step>{
        steps_.begin(), steps_.begin() + static_cast<ptrdiff_t>(applied_)});
    undo_next();
}

void
Transaction::undo_next()
{
    if (undo_.empty()) {
        let_go();
    } else if (is_kernel_step(undo_.front())) {
        undo_on_kernel();
    } else {
        undo_on_switch();
    }
}

void
Transaction::note_outstanding(const std::vector<Step> &steps,
                              const std::optional<Error> &error)
{
    for (const Step &step : steps) {
        outstanding_.push_back(words(step));
    }
    if (error) {
        outstanding_.push_back("because " + error->what);
    }
}

void
Transaction::undo_on_kernel()
{
    Apply apply{job_.change.router, kernel_run(undo_, 0), true, {}};
    apply.incomplete = !outstanding_.empty();
    const size_t count = apply.steps.size();
    apply.strike = fault_.strike_undo(apply.router, count, undone_);
    ask(kernel_process);
    world_.kernel.apply(apply, [self = shared_from_this(), count,
                                strike = apply.strike](Applied applied) {
        self->fault_.spend(strike, count);
        self->undone_ += count;
        self->effort_.inverse_steps += applied.done;
        self->undo_.erase(self->undo_.begin(),
                          self->undo_.begin() + static_cast<ptrdiff_t>(count));
        self->note_outstanding(applied.outstanding, applied.undo_error);
        self->undo_next();
    });
}

void
Transaction::undo_on_switch()
{
    const Step step = undo_.front();
    const Strike strike = fault_.strike_undo(job_.change.router, 1, undone_);
    fault_.spend(strike, 1);
    undone_++;
    undo_.erase(undo_.begin());
    const auto then
        = [self = shared_from_this(), step, strike](Outcome outcome) {
              if (outcome) {
                  self->effort_.inverse_steps++;
              } else {
                  self->note_outstanding({step}, outcome.error());
              }
              if (strike.crash_undo_at) {
                  self->world_.crash(strike.victim);
              }
              self->undo_next();
          };
    if (strike.fail_undo_at) {
        then(Error{5, "failed on purpose"});
    } else {
        send_to_switch(step, then);
    }
}

// A device that ovs-vswitchd made outlives it; another one lets go only of
// what has a row.
void
Transaction::let_go()
{
    const auto adds = [](const Set_switch::Item &item) {
        return !item.was && item.becomes->wiring == Wiring::internal;
    };
    const bool has_added = std::any_of(
        steps_.begin(), steps_.begin() + static_cast<ptrdiff_t>(applied_),
        [&](const Step &step) {
            const auto *rows = std::get_if<Set_switch>(&step);
            return rows && std::ranges::any_of(rows->ports, adds);
        });
    if (has_added) {
        looking_since_.reset();
        observe(&Transaction::remove_left);
    } else {
        close();
    }
}

void
Transaction::remove_left(Wired wired)
{
    const Picture seen = complete(std::move(wired));
    if (find_leftover(seen)
        && look_later(milliseconds{job_.limits.check_timeout},
                      &Transaction::remove_left)) {
        return;
    }
    Apply apply{job_.change.router, {}, true, {}};
    for (const std::string &name : seen.left) {
        apply.steps.emplace_back(Remove_abandoned{name});
    }
    if (apply.steps.empty()) {
        close();
        return;
    }
    ask(kernel_process);
    world_.kernel.apply(apply, [self = shared_from_this()](Applied applied) {
        self->note_outstanding(applied.outstanding, applied.undo_error);
        self->close();
    });
}

// Says in 'error' what is outstanding, instead of what was so last time.
void
Transaction::note_undo(std::string &error) const
{
    constexpr const char *words = "; not complete, outstanding:";
    error.erase(std::min(error.find(words), error.size()));
    for (size_t i = 0; i < outstanding_.size(); i++) {
        error += (i ? "; " : std::string{words} + " ") + outstanding_[i];
    }
}

void
Transaction::close()
{
    enter(Phase::closing);
    Change &change = job_.change;
    // A resumed change that failed is back where it was found, half done.
    const bool whole = outstanding_.empty() && !job_.resumed;
    note_undo(change.error);
    // What is past return goes on forwards: it is not over.
    change.state = whole              ? Change_state::undone
                   : is_past_return() ? Change_state::applying
                                      : Change_state::undo_failed;
    change.finished_at = whole ? world_.clock.wall_ms() : 0;
    const End end = whole ? End::undone : End::undo_failed;
    write_record(false,
                 [self = shared_from_this(), end](const Outcome &recorded) {
                     self->finish(recorded ? end : End::undo_failed);
                 });
}

} // namespace snat
