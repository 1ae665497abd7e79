// When each router is changed, and how its changes end.

#include "change/engine.hh"

#include "router/names.hh"

#include <algorithm>
#include <iterator>

namespace snat {

using std::chrono::milliseconds;

namespace {

// Then whoever has not answered is named.
constexpr milliseconds patience{3000};

// Nobody knows what it was wired as, nor what it shall be instead.
bool
is_left_unread(const Life &life)
{
    return life.good_is_lost && keeps_last_good(life);
}

bool
is_alike(const Change &one, const Change &other)
{
    return one.before == other.before && one.after == other.after;
}

} // namespace

bool
Engine::is_settled(const Life &life) const
{
    return life.looked && !life.interrupted && target(life) == life.good;
}

void
Engine::consider(Life &life)
{
    if (life.running || life.queued || !life.rewriting.empty()
        || is_left_alone(life)) {
        return;
    }
    const bool pauses = world_.clock.now() < life.not_before;
    const auto had_failed = std::exchange(life.had_failed, std::nullopt);
    const bool may_fail_again = had_failed && had_failed == target(life);
    const bool fails = may_fail_again || (pauses && !life.failure.empty());
    if (fails && can_keep_good(life)) {
        keep_good(life);
        return;
    }
    if (pauses) {
        return;
    }
    if (life.interrupted) {
        resume(life);
        return;
    }
    const bool settled = is_settled(life);
    if (settled || is_left_unread(life)) {
        const bool drifts = settled && life.suspect;
        life.unsettled_since.reset();
        if (!drifts) {
            life.failure.clear(); // Else it may fail again.
        }
        show(life);
        if (settled && !keeps_last_good(life)) {
            forget_request(life); // Nothing came of it.
        }
        if (drifts) {
            look_for_drift(life);
        }
        return;
    }
    if (waits_for_release(life)) {
        if (can_keep_good(life)) {
            keep_good(life);
        }
        return;
    }
    if (!life.tokens.take(world_.clock.now(), life.limits.change_rate)) {
        wait(life, life.tokens.wait(life.limits.change_rate));
        return;
    }
    start_in_turn(life);
}

// Who was ready first is first, however often others are edited.
void
Engine::start_in_turn(Life &life)
{
    life.queued = true;
    life.queued_at = world_.clock.moment();
    queue_.push_back(life.name);
    serve_queue();
}

void
Engine::serve_queue()
{
    while (!queue_.empty() && !queue_waits_) {
        const uint32_t rate = limits_.total_change_rate;
        if (!tokens_.take(world_.clock.now(), rate)) {
            queue_waits_ = true;
            world_.clock.after(tokens_.wait(rate), [this] {
                queue_waits_ = false;
                serve_queue();
            });
            return;
        }
        Life &next = routers_.at(queue_.front());
        queue_.pop_front();
        next.queued = false;
        // Else once its rows have come in, its time as an orphan, or what
        // its rows ask for is right again.
        if (next.rewriting.empty() && !is_left_alone(next)
            && !is_left_unread(next)) {
            metrics_.queued.add(world_.clock.moment() - next.queued_at);
            start(next, new_job(next));
        } else {
            consider_later(next.name);
        }
    }
}

Job
Engine::new_job(const Life &life) const
{
    return new_job(life, life.cause, without_held(life, target(life)));
}

Job
Engine::new_job(const Life &life, const std::string &cause,
                const std::optional<Router> &after) const
{
    Job job;
    job.change.router = life.name;
    job.change.cause = cause;
    job.before = life.good;
    job.after = after;
    job.change.before = {job.before};
    job.change.rows_before = job.before ? Idle::no_rows : life.idle;
    job.change.after = {job.after};
    // Trying the same again adds nothing to the history, as long as nothing
    // has come after it.
    if (life.retried && life.retried->number == life.change
        && is_alike(*life.retried, job.change)
        && world_.journal.remembers(life.name, life.change)) {
        job.change.number = life.change;
    }
    job.limits = life.limits;
    job.translator = life.translator;
    job.repairs = !life.observes || job.before != job.after;
    for (const auto &[port, row] : world_.vswitch.owned(life.name)) {
        job.links.push_back(port);
    }
    if (life.orphaned) {
        std::ranges::copy(life.orphaned->devices,
                          std::back_inserter(job.links));
    }
    return job;
}

void
Engine::start(Life &life, Job job)
{
    life.suspect = false;
    occupy(life, job.before, job.after);
    const auto after = job.backwards ? job.before : job.after;
    job.begins = [this, name = life.name] { begin(routers_.at(name)); };
    const auto asked = claim(life, job);
    life.tries_asked = asked.has_value();
    if (!life.keeps) { // Else it is not what is asked for, and no good news.
        job.superseded = [this, name = life.name, wanted = life.wanted] {
            return routers_.at(name).wanted != wanted;
        };
        job.news
            = [this, name = life.name, after, asked](const Change &change) {
                  News news = foresee(routers_.at(name), change, after);
                  if (asked) {
                      news.confirm = committed(*asked, change.number,
                                               change.finished_at);
                  }
                  return news;
              };
    }
    life.running = std::make_shared<Transaction>(
        world_, fault_, std::move(job),
        [this, name = life.name, after](const Transaction::Ending &ending) {
            ended(name, ending, after);
        });
    watch(life.name, life.running);
    life.running->start();
}

// Nobody shall wait in silence.  But the kernel process takes one request
// after the other: while others have their answers, it is not late.
void
Engine::watch(const std::string &name,
              const std::shared_ptr<Transaction> &running)
{
    world_.clock.after(patience / 3, [this, name,
                                      weak = std::weak_ptr{running}] {
        const auto now = weak.lock();
        const auto life = routers_.find(name);
        if (!now || life == routers_.end() || life->second.running != now) {
            return;
        }
        std::string late = now->find_late(patience);
        if (late == Transaction::kernel_process
            && world_.clock.now() - last_end_ < patience) {
            late.clear();
        }
        if (late != life->second.late) {
            life->second.late = late;
            show(life->second);
        }
        watch(name, now);
    });
}

// Goes out with the record of the change.
void
Engine::begin(Life &life)
{
    life.changing = true;
    show(life);
}

// What the rows will show once 'change', which makes the router 'after', is
// committed.
News
Engine::foresee(const Life &life, const Change &change,
                const std::optional<Router> &after) const
{
    Life then = life;
    then.good = after;
    then.looked = true;
    then.changing = false;
    then.late.clear();
    then.failure.clear();
    then.unusable.clear();
    then.drift.clear();
    then.change = then.record = change.number;
    News news{status_of(then, target(then)), std::nullopt, std::nullopt};
    if (target(then) == after && !life.edited_since) {
        if (auto reached = milestones_.reach(oldest_unsettled(&life))) {
            news.next_cfg = reached->next_cfg;
        }
    }
    return news;
}

// Ends a change that a crash interrupted, or whose undo failed: forwards if
// its end is still what the rows ask for, else back to where it began.
void
Engine::resume(Life &life)
{
    Job job;
    job.change = *life.interrupted;
    job.resumed = true;
    job.limits = life.limits;
    job.translator = life.translator;
    const auto &before = job.change.before.router;
    job.links = port_names(before); // To be seen, if not to be kept.
    job.before = without_bridges_gone(without_deleted(before));
    job.after = job.change.after.router;
    job.backwards = job.change.state == Change_state::undo_failed
                    || target(life) != job.after;
    if (job.backwards && job.change.error.empty()) {
        job.change.error = "interrupted, and not asked for any more";
    }
    start(life, std::move(job));
}

void
Engine::ended(const std::string &name, const Transaction::Ending &ending,
              const std::optional<Router> &after)
{
    last_end_ = world_.clock.now();
    Life &life = routers_.at(name);
    const auto transaction = std::move(life.running);
    life.running.reset();
    const Change &change = transaction->change();
    metrics_.add(change.cause, ending);
    life.changing = false;
    life.late.clear();
    life.unusable = ending.unusable;
    life.drift = ending.drift;
    life.change = std::max(life.change, change.number);
    if (std::exchange(life.keeps, false)) {
        note_kept(life, change, ending, after);
    } else {
        note_end(life, change, ending, after);
        note_refused_route(life, ending);
    }
    if (!life.interrupted) {
        vacate(life);
    }
    notice_rows(life);
    remember(life);
    show(life);
    if (std::exchange(life.resyncs, false)) {
        look_at(life);
    }
    note_since(life);
    wake_waiters(life);
    // There may be more to do here.  And of rows that conflict the one that
    // is in force stays, which may be another one now.
    if (life.accepted.refusals.empty()) {
        consider_later(name);
    } else {
        judge_later(name);
    }
}

void
Engine::note_end(Life &life, const Change &change,
                 const Transaction::Ending &ending,
                 const std::optional<Router> &after)
{
    using End = Transaction::End;
    life.tries_asked = false;
    note_lack(life, ending.lacks_switch);
    const bool failed_before = !life.failure.empty();
    life.failure = ending.error;
    const auto since = life.unsettled_since;
    life.unsettled_since = std::exchange(life.edited_since, std::nullopt);
    if (std::exchange(life.outdates_asked, false)
        && ending.end != End::committed) {
        forget_request(life);
    }
    switch (ending.end) {
    case End::unchanged:
    case End::committed:
        reach(life, change, ending, after);
        if (!life.unsettled_since && target(life) != life.good) {
            life.unsettled_since = since; // The first half of the way.
        }
        life.interrupted.reset();
        life.lost.clear();
        life.keeping.reset();
        life.back_off.reset();
        life.failure.clear();
        break;
    case End::undone:
        // It is as the change had found it, be that good or not.
        life.suspect = true;
        life.next_look = {};
        // Of many failures the history has the first and the last.
        if (change.cause == "retry" || change.cause == "orphan"
            || (change.cause == "drift" && failed_before)) {
            life.retried = change;
        }
        // An interrupted change that was taken back is no failure of what
        // the rows ask for now, and no answer to who waits for that.
        if (life.interrupted) {
            life.interrupted.reset();
            life.failure.clear();
            if (!life.unsettled_since && target(life) != life.good) {
                life.unsettled_since = since;
            }
        }
        break;
    case End::undo_failed:
        interrupt(life, change);
        break;
    }
    if (life.unsettled_since && !life.interrupted) {
        life.failure.clear(); // Of what is not asked for any more.
    } else if (!life.failure.empty() || !life.unusable.empty()) {
        retry_later(life);
    } else if (change.cause == "drift") {
        wait(life, rest_after_look(life, ending));
    }
}

// The router is 'after' now.
void
Engine::reach(Life &life, const Change &change,
              const Transaction::Ending &ending,
              const std::optional<Router> &after)
{
    const auto before = life.good;
    if (ending.end == Transaction::End::committed || before != after) {
        hold(life, after);
        life.retried.reset(); // A mere look is nothing that came after it.
    }
    if (ending.end == Transaction::End::committed) {
        life.record = change.number;
    } else if (before != after) {
        note(life, before, change.cause);
    }
    life.rows = wish_switch_ports(after);
    life.looked = life.unusable.empty();
}

// Of the steps of all its tries those of the first are kept, and each next
// try adds its own: the record does not grow with the number of tries.
void
Engine::interrupt(Life &life, Change change)
{
    if (life.interrupted) {
        change.steps = life.interrupted->steps;
    }
    life.interrupted = std::move(change);
}

void
Engine::retry_later(Life &life)
{
    const milliseconds initial{life.limits.retry_initial};
    life.cause = "retry";
    // A mere look costs nobody anything.
    wait(life, life.failure.empty()
                   ? initial
                   : life.back_off.next(initial,
                                        milliseconds{life.limits.retry_max}));
}

void
Engine::wait(Life &life, milliseconds pause)
{
    life.not_before = world_.clock.now() + pause;
    world_.clock.after(pause,
                       [this, name = life.name] { consider_later(name); });
}

} // namespace snat
