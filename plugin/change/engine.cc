// What the rows ask of each router.

#include "change/engine.hh"

#include "router/names.hh"

#include <algorithm>

namespace snat {

bool
skips_refused_rows(const Life &life)
{
    // What is wrong with the router as such cannot be left out.
    return life.limits.skip_refused_rows
           && std::ranges::all_of(
               life.accepted.refusals,
               [](const Refusal &refusal) { return refusal.row.has_value(); });
}

bool
keeps_last_good(const Life &life)
{
    return life.row && life.row->enabled && !life.accepted.refusals.empty()
           && !skips_refused_rows(life);
}

void
Engine::load(const std::vector<Change> &history)
{
    for (const Change &change : history) {
        load_one(change);
    }
    for (auto &[name, life] : routers_) {
        // What was wired or interrupted has to be looked at; the rest is
        // history.
        life.looked = !life.good && !life.good_is_lost && !life.interrupted;
        if (life.interrupted) {
            occupy(life, life.interrupted->before.router,
                   life.interrupted->after.router);
        }
    }
}

void
Engine::load_one(const Change &change)
{
    if (!check_router_name(change.router)) {
        return;
    }
    Life &life = routers_[change.router];
    life.name = change.router;
    if (change.number < life.change) {
        return;
    }
    life.change = change.number;
    life.interrupted.reset();
    if (change.before != change.after) { // Not a mere repair.
        life.had_failed = change.state == Change_state::undone
                              ? change.after.router
                              : std::nullopt;
    }
    const bool committed = change.state == Change_state::committed;
    life.record = committed ? change.number : life.record;
    hold(life, change.good().router);
    life.good_is_lost = change.good().is_lost();
    if (!committed && change.state != Change_state::undone) {
        life.interrupted = change;
        if (life.good_is_lost || change.after.is_lost()) {
            life.good_is_lost = true; // Neither way can be gone.
            life.interrupted.reset();
        }
    }
}

// What failed for want of the switch is not tried by the clock alone: news
// of its ports is as good as time gone by.
void
Engine::hasten(Life &life)
{
    if (world_.clock.now() < life.not_before && life.lacks_switch
        && world_.vswitch.is_running()
        && !world_.vswitch.find_unready(port_names(target(life)))) {
        life.not_before = {};
    }
}

// Routers past the limit are refused; those that are wired are not touched.
void
Engine::refuse_excess()
{
    size_t count = routers_asked_for_;
    for (auto life = routers_.rbegin();
         life != routers_.rend() && count > limits_.max_routers; ++life) {
        if (life->second.row && !life->second.good) {
            life->second.accepted.refusals.push_back(
                {std::nullopt, life->first,
                 std::to_string(routers_asked_for_)
                     + " routers: expected at most "
                     + std::to_string(limits_.max_routers)
                     + " (option max-routers)"});
            count--;
        }
    }
}

// Takes up what the rows now say.
void
Engine::edit(Life &life)
{
    try_refused_routes(life);
    const auto refusals = std::exchange(life.accepted, {}).refusals;
    life.limits = limits_;
    judge_rows(life);
    count_at_interval(life);
    const bool retries = std::exchange(life.was_edited, false)
                         && !life.refused_routes.empty();
    if (retries) { // The kernel may think otherwise of them by now.
        life.refused_routes.clear();
        life.refusing.reset();
    }
    auto wanted = target(life);
    leave_out_refused_routes(life);
    // What cannot have a namespace needs no look.
    life.looked = life.looked || !check_router_name(life.name);
    if (life.is_new && !life.looked) {
        life.unsettled_since = milestones_.mark();
    }
    life.is_new = false;
    if (!wanted) {
        life.idle = !life.row           ? Idle::no_rows
                    : life.row->enabled ? Idle::empty
                                        : Idle::disabled;
    }
    const bool may_repair = life.observes && !life.limits.observe_drift;
    if (may_repair) {
        look_at(life);
    }
    if (wanted != life.wanted || may_repair || retries) {
        auto &since = life.running ? life.edited_since : life.unsettled_since;
        since = since ? since : milestones_.mark();
    }
    if (wanted != life.wanted || retries) {
        ask_for(life, std::move(wanted));
    }
    if (!refusals.empty() && life.accepted.refusals.empty()) {
        life.back_off.reset(); // What it waited for is there.
        life.not_before = life.next_look = {};
    }
    if (life.shown && life.accepted.refusals != refusals) {
        show(life); // Nobody need wait for what is refused.
    }
}

void
Engine::judge_rows(Life &life)
{
    if (life.row) {
        std::vector<std::string> errors;
        life.accepted = life.acceptor->accept(
            *life.row, around_, limits_, life.good ? &*life.good : nullptr);
        life.limits = read_router_limits(limits_, life.row->options, errors);
    }
}

void
Engine::ask_for(Life &life, std::optional<Router> wanted)
{
    life.cause = adopting_                ? "start"
                 : life.rewriting.empty() ? "edit"
                                          : life.rewriting;
    life.failure.clear();
    life.waits.clear();
    life.back_off.reset();
    life.retried.reset();
    life.lost.clear();
    life.keeping.reset();
    life.not_before = life.next_look = {};
    life.wanted = std::move(wanted);
    wake_waiters(life); // It may be what they wait for.
}

std::optional<Router>
Engine::target(const Life &life) const
{
    if (!life.row || !life.row->enabled) {
        return std::nullopt;
    }
    if (keeps_last_good(life)) {
        return without_deleted(life.good);
    }
    if (life.accepted.router.ports.empty()) {
        return std::nullopt;
    }
    return life.accepted.router;
}

bool
Engine::resync(const std::string &router)
{
    const auto found = routers_.find(router);
    if (found == routers_.end()) {
        return false;
    }
    look_at(found->second);
    to_consider_.insert(router);
    consider_due();
    return true;
}

void
Engine::resync()
{
    for (auto &[name, life] : routers_) {
        look_at(life);
        to_consider_.insert(name);
    }
    consider_due();
}

void
Engine::look_at(Life &life)
{
    life.resyncs = life.running != nullptr;
    // What cannot have a namespace needs no look.
    life.looked = !check_router_name(life.name);
    life.observes = false;
    life.cause = "resync";
    life.failure.clear();
    life.not_before = {};
}

void
Engine::preview(const std::string &router,
                std::function<void(Result<std::vector<Step>>)> then)
{
    const auto found = routers_.find(router);
    if (found == routers_.end()) {
        then(Error{0, "there is no router " + router});
        return;
    }
    if (auto fine = check_router_name(router); !fine) {
        then(fine.error());
        return;
    }
    Job job = new_job(found->second);
    job.dry_run = true;
    std::make_shared<Transaction>(
        world_, fault_, std::move(job),
        [this, router,
         then = std::move(then)](const Transaction::Ending &ending) {
            // It has used up the news that would have had it looked at.
            const auto life = routers_.find(router);
            if (!ending.steps.empty() && life != routers_.end()) {
                suspect(life->second);
                consider_later(router);
            }
            if (ending.end == Transaction::End::unchanged) {
                then(ending.steps);
            } else {
                then(Error{0, ending.error});
            }
        })
        ->start();
}

void
Engine::show(Life &life)
{
    const Status status = status_of(life, target(life));
    if (life.shown != status) {
        life.shown = status;
        world_.journal.show(life.name, status);
    }
}

// Somebody wiped or changed what the rows shall show, or restored an old
// database.
void
Engine::show_again(Life &life, const Rows_of_router &there)
{
    if (!life.shown) {
        return;
    }
    auto rows = life.shown->rows;
    if (life.shown->router_row) {
        rows[*life.shown->router_row] = life.shown->router;
    }
    const bool stands = std::ranges::all_of(rows, [&](const auto &row) {
        const auto found = there.shown.find(row.first);
        return found != there.shown.end() && found->second == row.second;
    });
    if (!stands || life.shown->rules != there.shown_rules) {
        life.shown.reset();
        show(life);
    }
}

} // namespace snat
