#include "change/engine.hh"

#include "router/names.hh"
#include "step/json.hh"

#include <algorithm>

namespace snat {
namespace {

using std::chrono::milliseconds;

std::string
to_text(const std::optional<Router> &router)
{
    return router ? dump(to_json(*router)) : "";
}

// A history may have been edited by hand: what could not be wired is as if it
// had not been.
std::optional<Router>
from_text(const std::string &text)
{
    auto json = parse_json(text);
    if (!json) {
        return std::nullopt;
    }
    auto router = router_from_json(json->get());
    const bool fine
        = router && check_router_name(router->name)
          && std::ranges::all_of(router->ports, [](const auto &port) {
                 return bool(check_link_name(port.first));
             });
    return fine ? std::optional{std::move(*router)} : std::nullopt;
}

std::vector<std::string>
port_names(const std::optional<Router> &router)
{
    std::vector<std::string> names;
    if (router) {
        for (const auto &[name, port] : router->ports) {
            names.push_back(name);
        }
    }
    return names;
}

} // namespace

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
    const bool committed = change.state == Change_state::committed;
    const std::string &good = committed ? change.after : change.before;
    hold(life, from_text(good));
    life.good_is_lost = !good.empty() && !life.good;
    if (!committed && change.state != Change_state::undone) {
        life.interrupted = change;
        const bool lost = !change.after.empty() && !from_text(change.after);
        if (life.good_is_lost || lost) {
            life.good_is_lost = true; // Neither way can be gone.
            life.interrupted.reset();
        }
    }
}

// What is wired for a router from now on.
void
Engine::hold(Life &life, const std::optional<Router> &router)
{
    for (const std::string &port : port_names(life.good)) {
        holders_.erase(port);
    }
    life.good = router;
    life.good_is_lost = false;
    for (const std::string &port : port_names(life.good)) {
        holders_[port] = life.name;
    }
}

void
Engine::fill_claims(Surroundings &around)
{
    contested_ = false;
    for (const auto &[name, life] : routers_) {
        if (life.row) {
            for (const Port_row &port : life.row->ports) {
                auto &claims = around.claims[port.name];
                claims.push_back({name, port.is_door1()});
                contested_ = contested_ || claims.size() > 1;
            }
        }
        if (life.good) {
            for (const auto &[port_name, port] : life.good->ports) {
                around.holders[port_name] = {name, !port.switch_port};
            }
        }
    }
}

void
Engine::update(Snapshot snapshot)
{
    if (serial_ == 0 || snapshot.numbers != snapshot_.numbers) {
        serial_ = milestones_.add(snapshot.numbers);
    }
    snapshot_ = std::move(snapshot);
    std::vector<std::string> errors;
    limits_ = read_limits({}, snapshot_.options, errors);
    if (errors != option_errors_) {
        for (const std::string &error : errors) {
            world_.log("SNAT_Global: " + error + "; the default is taken");
        }
        option_errors_ = errors;
    }
    for (auto &[name, life] : routers_) {
        if (!snapshot_.routers.contains(name)) {
            life.row.reset();
        }
    }
    for (const auto &[name, row] : snapshot_.routers) {
        Life &life = routers_[name];
        life.name = name;
        life.row = row;
    }
    Surroundings around = snapshot_.around;
    fill_claims(around);
    for (auto &[name, life] : routers_) {
        edit(life, around);
        hasten(life);
    }
    adopting_ = false;
    refuse_excess();
    for (auto &[name, life] : routers_) {
        show_again(life);
    }
    consider_all();
}

// What failed for want of the switch is not tried by the clock alone: news
// of its ports is as good as time gone by.
void
Engine::hasten(Life &life)
{
    if (world_.clock.now() < life.not_before && life.lacked_switch
        && !world_.vswitch.find_unready(port_names(target(life)))) {
        life.not_before = {};
    }
}

// Somebody wiped or changed what the rows shall show, or restored an old
// database.
void
Engine::show_again(Life &life)
{
    if (!life.shown || life.showing) {
        return;
    }
    auto rows = life.shown->rows;
    if (life.shown->router_row) {
        rows[*life.shown->router_row] = life.shown->router;
    }
    const bool stands = std::ranges::all_of(rows, [&](const auto &row) {
        const auto found = snapshot_.shown.find(row.first);
        return found != snapshot_.shown.end() && found->second == row.second;
    });
    if (!stands) {
        life.shown.reset();
        show(life);
    }
}

// Routers past the limit are refused; those that are wired are not touched.
void
Engine::refuse_excess()
{
    size_t count = snapshot_.routers.size();
    for (auto life = routers_.rbegin();
         life != routers_.rend() && count > limits_.max_routers; ++life) {
        if (life->second.row && !life->second.good) {
            life->second.accepted.refusals.push_back(
                {std::nullopt, life->first,
                 std::to_string(snapshot_.routers.size())
                     + " routers: expected at most "
                     + std::to_string(limits_.max_routers)
                     + " (option max-routers)"});
            count--;
        }
    }
}

// Takes up what the rows now say.
void
Engine::edit(Life &life, const Surroundings &around)
{
    life.limits = limits_;
    const auto refusals = std::exchange(life.accepted, {}).refusals;
    if (life.row) {
        std::vector<std::string> errors;
        life.accepted = accept(*life.row, around, limits_);
        life.limits = read_limits(limits_, life.row->options, errors);
    }
    auto wanted = target(life);
    // What cannot have a namespace needs no look.
    life.looked = life.looked || !check_router_name(life.name);
    if (life.is_new && !life.looked) {
        life.unsettled_since = serial_;
    }
    life.is_new = false;
    if (wanted != life.wanted) {
        life.cause = adopting_ ? "start" : "edit";
        life.failure.clear();
        life.waits.clear();
        life.back_off.reset();
        life.not_before = {};
        auto &since = life.running ? life.edited_since : life.unsettled_since;
        since = since ? since : serial_;
        life.wanted = std::move(wanted);
    }
    if (life.shown && life.accepted.refusals != refusals) {
        show(life); // Nobody need wait for what is refused.
    }
}

std::optional<Router>
Engine::target(const Life &life) const
{
    if (!life.row || !life.row->enabled) {
        return std::nullopt;
    }
    if (keeps_last_good(life)) {
        return life.good;
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
    consider_all();
    return true;
}

void
Engine::resync()
{
    for (auto &[name, life] : routers_) {
        look_at(life);
    }
    consider_all();
}

void
Engine::look_at(Life &life)
{
    // What cannot have a namespace needs no look.
    life.looked = !check_router_name(life.name);
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
        [then = std::move(then)](const Transaction::Ending &ending) {
            if (ending.end == Transaction::End::unchanged) {
                then(ending.steps);
            } else {
                then(Error{0, ending.error});
            }
        })
        ->start();
}

void
Engine::consider_all()
{
    for (auto &[name, life] : routers_) {
        consider(life);
    }
    // A router that nobody asks for, that is not wired, and whose end has
    // been told, is forgotten.
    std::erase_if(routers_, [](const auto &entry) {
        const Life &life = entry.second;
        return !life.row && !life.good && !life.running && life.looked
               && !life.interrupted && life.failure.empty();
    });
    settle();
}

// Not from within an answer, and once for all that ends in one turn.
void
Engine::consider_later()
{
    if (!std::exchange(considering_, true)) {
        world_.clock.after({}, [this] {
            considering_ = false;
            if (contested_) {
                update(snapshot_);
            } else {
                consider_all();
            }
        });
    }
}

bool
Engine::is_settled(const Life &life) const
{
    return life.looked && !life.interrupted && target(life) == life.good
           && world_.vswitch.owned(life.name) == wish(life.good).switch_ports;
}

void
Engine::consider(Life &life)
{
    if (life.running || world_.clock.now() < life.not_before) {
        return;
    }
    if (life.interrupted) {
        resume(life);
        return;
    }
    const auto wanted = target(life);
    const bool left_alone = life.good_is_lost && keeps_last_good(life);
    if (is_settled(life) || left_alone) {
        life.unsettled_since.reset();
        life.failure.clear();
        show(life);
        return;
    }
    if (waits_for_release(life)) {
        return;
    }
    if (!life.tokens.take(world_.clock.now(), life.limits.change_rate)) {
        wait(life, life.tokens.wait(life.limits.change_rate));
        return;
    }
    if (life.looked && wanted == life.good) {
        life.cause = "drift"; // Of our rows on the switch.
    }
    start(life, new_job(life));
}

Job
Engine::new_job(const Life &life) const
{
    Job job;
    job.change.router = life.name;
    job.change.cause = life.cause;
    job.before = life.good;
    job.after = without_held(life, target(life));
    job.change.before = to_text(job.before);
    job.change.after = to_text(job.after);
    job.limits = life.limits;
    for (const auto &[port, row] : world_.vswitch.owned(life.name)) {
        job.links.push_back(port);
    }
    return job;
}

// Routers in a ring that swap ports take two changes each: the first gives
// up what it has and leaves out what it cannot have yet.
std::optional<Router>
Engine::without_held(const Life &life, std::optional<Router> wanted) const
{
    if (wanted) {
        std::erase_if(wanted->ports, [&](const auto &port) {
            const auto holder = holders_.find(port.first);
            return holder != holders_.end() && holder->second != life.name;
        });
    }
    return wanted && wanted->ports.empty() ? std::nullopt : std::move(wanted);
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
    then.failure.clear();
    then.unusable.clear();
    then.change = change.number;
    News news{status_of(then, target(then)), std::nullopt};
    if (target(then) == after && !life.edited_since) {
        if (auto reached = milestones_.reach(oldest_unsettled(&life))) {
            news.next_cfg = reached->next_cfg;
        }
    }
    return news;
}

// Another router that has a port which this one is to have.
Life *
Engine::find_holder(const Life &life)
{
    for (const std::string &port : port_names(target(life))) {
        const auto holder = holders_.find(port);
        if (holder != holders_.end() && holder->second != life.name) {
            return &routers_.at(holder->second);
        }
    }
    return nullptr;
}

// Whether the router waits, by way of others, for itself.
bool
Engine::is_in_ring(const Life &life)
{
    const Life *next = &life;
    for (size_t i = 0; i < routers_.size(); i++) {
        next = next->running ? nullptr : find_holder(*next);
        if (!next || next == &life) {
            return next;
        }
    }
    return false;
}

// What is released is released before it is claimed: a port that another
// router holds is waited for, but not for ever by those who wait to learn
// what became of an edit.
bool
Engine::waits_for_release(Life &life)
{
    const Life *holder = find_holder(life);
    if (!holder || is_in_ring(life)) {
        life.waits.clear();
        return false;
    }
    life.waits = "waits for a port that router " + holder->name
                 + " has not released yet";
    if (!holder->unsettled_since) {
        life.unsettled_since.reset();
        show(life);
    }
    return true;
}

void
Engine::start(Life &life, Job job)
{
    const auto after = job.backwards ? job.before : job.after;
    job.begins = [this, name = life.name] { begin(routers_.at(name)); };
    job.news = [this, name = life.name, after](const Change &change) {
        return foresee(routers_.at(name), change, after);
    };
    life.running = std::make_shared<Transaction>(
        world_, fault_, std::move(job),
        [this, name = life.name, after](const Transaction::Ending &ending) {
            ended(name, ending, after);
        });
    life.running->start();
}

// Goes out with the record of the change.
void
Engine::begin(Life &life)
{
    life.changing = true;
    show(life);
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
    job.before = from_text(job.change.before);
    job.after = from_text(job.change.after);
    job.backwards = job.change.state == Change_state::undo_failed
                    || to_text(target(life)) != job.change.after;
    if (job.backwards && job.change.error.empty()) {
        job.change.error = "interrupted, and not asked for any more";
    }
    start(life, std::move(job));
}

void
Engine::ended(const std::string &name, const Transaction::Ending &ending,
              const std::optional<Router> &after)
{
    using End = Transaction::End;
    Life &life = routers_.at(name);
    const auto transaction = std::move(life.running);
    life.running.reset();
    life.changing = false;
    life.unusable = ending.unusable;
    life.failure = ending.error;
    life.change = std::max(life.change, transaction->change().number);
    const auto since = life.unsettled_since;
    life.unsettled_since = std::exchange(life.edited_since, std::nullopt);
    switch (ending.end) {
    case End::unchanged:
    case End::committed:
        hold(life, after);
        if (!life.unsettled_since && target(life) != life.good) {
            life.unsettled_since = since; // The first half of the way.
        }
        life.looked = life.unusable.empty();
        life.interrupted.reset();
        life.back_off.reset();
        life.failure.clear();
        break;
    case End::undone:
        // An interrupted change that was taken back is no failure of what
        // the rows ask for now.
        if (life.interrupted) {
            life.interrupted.reset();
            life.failure.clear();
        }
        break;
    case End::undo_failed:
        interrupt(life, transaction->change());
        break;
    }
    if (life.unsettled_since && !life.interrupted) {
        life.failure.clear(); // Of what is not asked for any more.
    } else if (!life.failure.empty() || !life.unusable.empty()) {
        retry_later(life);
    }
    show(life);
    // Others may wait for what this one released, and there may be more to
    // do here.
    consider_later();
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
    life.lacked_switch
        = bool(world_.vswitch.find_unready(port_names(target(life))));
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
    world_.clock.after(pause, [this] { consider_later(); });
}

void
Engine::show(Life &life)
{
    const Status status = status_of(life, target(life));
    if (life.shown != status) {
        life.shown = status;
        life.showing++;
        world_.journal.show(status, [this, name = life.name] {
            const auto found = routers_.find(name);
            if (found != routers_.end() && found->second.showing) {
                found->second.showing--;
            }
        });
    }
}

// Of the edits that are not realised or refused yet, 'but' one router's.
std::optional<uint64_t>
Engine::oldest_unsettled(const Life *but) const
{
    std::optional<uint64_t> oldest;
    for (const auto &[name, life] : routers_) {
        if (life.unsettled_since && &life != but
            && (!oldest || *life.unsettled_since < *oldest)) {
            oldest = life.unsettled_since;
        }
    }
    return oldest;
}

void
Engine::settle()
{
    if (auto passed = milestones_.pass(oldest_unsettled(nullptr))) {
        world_.journal.settle(passed->next_cfg, passed->vswitch_next_cfg);
    }
}

} // namespace snat
