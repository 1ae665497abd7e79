// Changes that wait to be confirmed, see change/confirm.hh.

#include "change/engine.hh"

#include "router/names.hh"

#include <algorithm>

namespace snat {
namespace {

using std::chrono::milliseconds;

// Between two tries to put rows back that the database refuses.
constexpr milliseconds rewrite_pause{1000};

// A wait is cut into pieces, for the clock on the wall can be set.
constexpr int64_t longest_wait_ms = 60000;

Result<Asked>
before_change(const std::vector<Change> &history, const Confirm &confirm)
{
    const auto change
        = std::ranges::find(history, confirm.change, &Change::number);
    if (change == history.end() || change->router != confirm.router) {
        return Error{0, "no change of this router has that number"};
    }
    return read_before(*change);
}

} // namespace

// What came in with the rows.  A request that failed is still asked for when
// the daemon tries the same again, but not when somebody asks for something
// else; which the present try may not know of yet.
void
Engine::note_confirm(Life &life, const std::optional<Confirm> &now)
{
    const bool had_failed
        = !life.failure.empty() || !life.accepted.refusals.empty();
    const auto before = std::exchange(life.confirm, now);
    const bool is_old
        = before && life.confirm && before->asked_at == life.confirm->asked_at;
    if (life.was_edited && is_old && life.tries_asked) {
        life.outdates_asked = true;
    } else if (life.was_edited && is_old && had_failed) {
        forget_request(life);
    }
}

void
Engine::forget_request(Life &life)
{
    if (life.confirm && life.confirm->is_asked()) {
        world_.journal.forget_request(*life.confirm);
        life.confirm->seconds = 0;
        if (!life.confirm->is_waiting()) {
            life.confirm.reset();
        }
    }
}

// What waits for a confirmation once the job is committed.
std::optional<Confirm>
Engine::claim(const Life &life, const Job &job) const
{
    const bool changes
        = !life.keeps && !job.backwards && job.before != job.after;
    return changes && life.confirm && life.confirm->is_asked() ? life.confirm
                                                               : std::nullopt;
}

void
Engine::await_confirm(Life &life)
{
    if (!life.confirm || !life.confirm->is_waiting() || !life.rewriting.empty()
        || life.awaited_until == life.confirm->until) {
        return;
    }
    const int64_t left = life.confirm->until - world_.clock.wall_ms();
    if (left <= 0) {
        take_back_unconfirmed(life);
    } else {
        await_confirm_later(life,
                            milliseconds{std::min(left, longest_wait_ms)});
    }
}

void
Engine::await_confirm_later(Life &life, milliseconds pause)
{
    const auto until = life.confirm->until;
    life.awaited_until = until;
    world_.clock.after(pause, [this, name = life.name, until] {
        const auto found = routers_.find(name);
        // The time may have begun anew, with a timer of its own.
        if (found != routers_.end() && found->second.awaited_until == until) {
            found->second.awaited_until = 0;
            await_confirm(found->second);
        }
    });
}

// As far as it can be: what a user has deleted does not keep the rest.
void
Engine::take_back_unconfirmed(Life &life)
{
    const Confirm confirm = *life.confirm;
    const std::string number = std::to_string(confirm.change);
    const std::string which
        = "router " + life.name + ": "
          + (confirm.is_undo()
                 ? "the undo of change " + number + " goes on"
                 : "change " + number + " was not confirmed in time");
    const auto before = before_change(world_.journal.history(), confirm);
    if (!before) {
        world_.alarm(which + ", but stands: " + before.error().what);
        world_.journal.forget(confirm);
        life.confirm.reset();
        return;
    }
    const Writable there = writable(life, *before);
    const Rewritten rewritten = rows_for(there, *before, limits_);
    world_.log(which + ": its rows are put back"
               + (rewritten.lacking.empty()
                      ? ""
                      : ", but not all: " + joined(rewritten.lacking, "; ")));
    put_back(life, there, rewritten.row, confirm,
             confirm.is_undo() ? "undo" : "unconfirmed",
             [this, name = life.name](const Outcome &outcome) {
                 if (!outcome && routers_.at(name).confirm) {
                     world_.log("router " + name + ": its rows are not put "
                                + "back: " + outcome.error().what);
                     await_confirm_later(routers_.at(name), rewrite_pause);
                 }
             });
}

} // namespace snat
