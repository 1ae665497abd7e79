// What is wired and nobody knows why, and what is known and not written down:
// a database was lost, replaced, or brought back from an old copy.

#include "change/engine.hh"

#include "router/names.hh"

namespace snat {

using std::chrono::milliseconds;

// What carries our mark: namespaces, devices, and rows on the switch.
void
Engine::look_for_orphans(std::function<void()> then)
{
    world_.kernel.list_owned([this, then = std::move(then)](Owned owned) {
        for (const std::string &router : world_.vswitch.owners()) {
            owned[router];
        }
        for (const auto &[router, devices] : owned) {
            take_in_orphan(router, devices);
        }
        if (then) {
            then();
        }
    });
}

void
Engine::find_orphans(const std::function<void(Outcome)> &then)
{
    if (adopting_) {
        then(Error{0, "ovs-snatd has not read its databases yet"});
        return;
    }
    look_for_orphans([then] { then(Done{}); });
}

void
Engine::take_in_orphan(const std::string &router,
                       const std::vector<std::string> &devices)
{
    if (routers_.contains(router) || !check_router_name(router)) {
        return;
    }
    Life &life = routers_[router];
    life.name = router;
    life.is_new = false;
    life.rows = world_.vswitch.owned(router);
    orphan(life, "neither a row nor the history knows it");
    life.orphaned->devices = devices;
    consider_later(router);
}

void
Engine::orphan(Life &life, const std::string &why)
{
    life.orphaned = {why, {}, world_.clock.now()};
    world_.alarm("router " + life.name + " is an orphan: " + why
                 + "; see orphan/list");
    await_removal(life);
}

void
Engine::await_removal(const Life &orphan)
{
    if (const auto left = time_left(orphan)) {
        world_.clock.after(
            *left, [this, name = orphan.name] { consider_later(name); });
    }
}

std::optional<milliseconds>
Engine::time_left(const Life &orphan) const
{
    const milliseconds grace{limits_.orphan_grace};
    if (orphan.orphaned->purged) {
        return milliseconds{};
    }
    return grace == milliseconds{}
               ? std::nullopt
               : std::optional{
                   std::max(milliseconds{}, orphan.orphaned->since + grace
                                                - world_.clock.now())};
}

// An orphan stays as it is until its time has come.
bool
Engine::is_left_alone(Life &life)
{
    if (!life.orphaned) {
        return false;
    }
    life.cause = "orphan";
    if (time_left(life) == milliseconds{}) {
        return false;
    }
    life.unsettled_since.reset(); // It is not what anybody waits for.
    return true;
}

bool
Engine::purge(const std::string &router)
{
    const auto found = routers_.find(router);
    if (found == routers_.end() || !found->second.orphaned) {
        return false;
    }
    found->second.orphaned->purged = true;
    found->second.not_before = {};
    consider_later(router);
    return true;
}

void
Engine::purge()
{
    for (const auto &[name, life] : routers_) {
        purge(name);
    }
}

// Whoever deletes a router leaves its history; where that is gone as well,
// nobody has deleted it.  What the rows still ask for is written down anew.
void
Engine::remember(Life &life)
{
    if (life.row) {
        life.orphaned.reset();
    } else if (life.orphaned) {
        await_removal(life); // Its time may have become shorter.
    }
    if (life.running) { // By its end it will have written a new one.
        life.is_forgotten = life.is_forgotten || has_lost_history(life);
        return;
    }
    if (!life.good || life.noting || life.interrupted || life.orphaned) {
        return;
    }
    const bool was_forgotten = std::exchange(life.is_forgotten, false);
    const bool is_known = world_.journal.remembers(life.name, life.record);
    if (!life.row && (was_forgotten || !is_known)) {
        orphan(life, "its rows and its history are gone");
    } else if (!is_known) {
        note(life, life.good, "recovery");
    }
}

bool
Engine::has_lost_history(const Life &life) const
{
    const auto has_lost = [&](uint64_t number) {
        return number && !world_.journal.remembers(life.name, number);
    };
    const bool is_recorded
        = life.running->phase() > Transaction::Phase::recording;
    return (life.good && has_lost(life.record))
           || (is_recorded && has_lost(life.running->change().number));
}

// A change that nobody had to make: the router is so already.
void
Engine::note(Life &life, const std::optional<Router> &before,
             const std::string &cause)
{
    Change change;
    change.number = world_.journal.next_number();
    change.router = life.name;
    change.cause = cause;
    change.state = Change_state::committed;
    change.steps = "[]";
    change.before = {before};
    change.after = {life.good};
    change.started_at = change.finished_at = world_.clock.wall_ms();
    life.change = life.record = change.number;
    life.noting = true;
    world_.journal.record(
        change, std::nullopt,
        [this, name = life.name, cause](const Outcome &noted) {
            if (noted) {
                metrics_.add_noted(cause);
            }
            const auto found = routers_.find(name);
            if (found != routers_.end()) {
                found->second.noting = false;
                to_judge_.insert(name); // With the next news.
            }
        });
}

} // namespace snat
