// What is taken back from the rows: on an operator's word, or because a
// change was not confirmed in time.

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

} // namespace

// The rows of both databases that bear on what the router shall be again.
Writable
Engine::writable(const Life &life, const Asked &asked) const
{
    Writable there;
    there.row = life.row.value_or(Router_row{});
    there.row.name = life.name;
    for (const std::string &port : port_names(asked.router)) {
        bool is_own = false;
        for (const auto &[name, row] : snapshot_.routers) {
            for (const Port_row &other : row.ports) {
                const bool is_it = other.name == port;
                is_own = is_own || (is_it && name == life.name);
                if (is_it && name != life.name) {
                    there.elsewhere[port] = name;
                }
            }
        }
        auto user = is_own ? std::nullopt : world_.vswitch.user_row(port);
        if (user) {
            there.users.emplace(port, std::move(*user));
        }
    }
    return there;
}

void
Engine::undo(uint64_t number, bool force,
             const std::function<void(Result<std::string>)> &then)
{
    if (adopting_) {
        then(Error{0, "ovs-snatd has not read its databases yet"});
        return;
    }
    const auto found = find_undoable(world_.journal.history(), number, force);
    if (!found) {
        then(found.error());
        return;
    }
    const std::string &router = found->router;
    if (auto fine = check_router_name(router); !fine) {
        then(fine.error());
        return;
    }
    Life &life = routers_[router];
    life.looked = life.looked || life.name.empty(); // Not wired, so far.
    life.name = router;
    Writable there = writable(life, found->before);
    Rewritten rewritten = rows_for(there, found->before, limits_);
    if (!life.rewriting.empty()) {
        then(Error{0, "the rows of router " + router
                          + " are just being put back: try again"});
    } else if (!rewritten.lacking.empty()) {
        then(Error{0, "router " + router + " cannot be brought back: "
                          + joined(rewritten.lacking, "; ")});
    } else if (rewritten.row == there.row) {
        then(Error{0, "the rows of router " + router
                          + " ask for what it was before change "
                          + std::to_string(number)
                          + " already: there is nothing to undo"});
    } else {
        put_back(
            life,
            {std::move(there.row), std::move(rewritten.row), std::nullopt},
            "undo", [then, router](const Outcome &outcome) {
                then(outcome ? Result{router} : outcome.error());
            });
    }
    consider_later(); // Forgets the router if it came to nothing.
}

void
Engine::put_back(Life &life, Rewrite rewrite, const std::string &cause,
                 const std::function<void(Outcome)> &then)
{
    life.rewriting = cause;
    world_.journal.rewrite(
        rewrite, [this, name = life.name, then](const Outcome &outcome) {
            // Once what was written has come in by update(), of either
            // database: it is one change.
            world_.clock.after({}, [this, name, then, outcome] {
                routers_.at(name).rewriting.clear();
                then(outcome);
                consider_later();
            });
        });
}

// What came in with the rows.  A request that failed is still asked for when
// the same is tried again, but not when something else is.
void
Engine::note_confirm(Life &life, bool was_edited, bool had_failed)
{
    const auto now = snapshot_.confirms.find(life.name);
    const auto before
        = std::exchange(life.confirm, now == snapshot_.confirms.end()
                                          ? std::nullopt
                                          : std::optional{now->second});
    const bool is_old
        = before && life.confirm && before->asked_at == life.confirm->asked_at;
    if (was_edited && had_failed && is_old && !life.running) {
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
    const bool changes = !job.backwards && job.before != job.after;
    return changes && life.confirm && life.confirm->is_asked() ? life.confirm
                                                               : std::nullopt;
}

void
Engine::await_confirm(Life &life)
{
    if (!life.confirm || !life.confirm->is_waiting()
        || !life.rewriting.empty()) {
        return;
    }
    const int64_t until = life.confirm->until;
    const int64_t left = until - world_.clock.wall_ms();
    if (left <= 0) {
        take_back_unconfirmed(life);
    } else if (life.awaited_until != until) {
        life.awaited_until = until;
        world_.clock.after(milliseconds{std::min(left, longest_wait_ms)},
                           [this, name = life.name, until] {
                               const auto found = routers_.find(name);
                               if (found != routers_.end()
                                   && found->second.awaited_until == until) {
                                   found->second.awaited_until = 0;
                                   await_confirm(found->second);
                               }
                           });
    }
}

// As far as it can be: what a user has deleted does not keep the rest.
void
Engine::take_back_unconfirmed(Life &life)
{
    const Confirm confirm = *life.confirm;
    const std::string which = "router " + life.name + ": change "
                              + std::to_string(confirm.change)
                              + " was not confirmed in time";
    const auto history = world_.journal.history();
    const auto change
        = std::ranges::find(history, confirm.change, &Change::number);
    const auto before = change == history.end()
                            ? Result<Asked>{Error{0, "it is not recorded"}}
                            : read_before(*change);
    if (!before || change->router != life.name) {
        world_.log(
            which + ", but stands: "
            + (before ? "it is another router's" : before.error().what));
        world_.journal.forget(confirm);
        life.confirm.reset();
        return;
    }
    Writable there = writable(life, *before);
    Rewritten rewritten = rows_for(there, *before, limits_);
    world_.log(which + ": its rows are put back"
               + (rewritten.lacking.empty()
                      ? ""
                      : ", but not all: " + joined(rewritten.lacking, "; ")));
    put_back(life, {std::move(there.row), std::move(rewritten.row), confirm},
             "unconfirmed", [this, name = life.name](const Outcome &outcome) {
                 Life &now = routers_.at(name);
                 if (!outcome && now.confirm) {
                     world_.log("router " + name + ": its rows are not put "
                                + "back: " + outcome.error().what);
                     world_.clock.after(rewrite_pause, [this, name] {
                         const auto found = routers_.find(name);
                         if (found != routers_.end()) {
                             await_confirm(found->second);
                         }
                     });
                 }
             });
}

} // namespace snat
