#include "change/transaction.hh"

#include "plan/plan.hh"
#include "step/json.hh"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <ranges>

namespace snat {
namespace {

using std::chrono::milliseconds;

constexpr const char *not_running = "ovs-vswitchd is not running";

bool
ends_with(const json_t *all, const json_t *tail)
{
    const size_t n = json_array_size(tail), size = json_array_size(all);
    for (size_t i = 0; i < n; i++) {
        if (size < n
            || !json_equal(json_array_get(all, size - n + i),
                           json_array_get(tail, i))) {
            return false;
        }
    }
    return true;
}

// The JSON text of steps that were done before (a resumed change) and 'more';
// trying the same again and again does not make it longer.
std::string
extend_steps(const std::string &before, const std::vector<Step> &more)
{
    Json all{json_array()};
    if (auto old = parse_json(before); old && json_is_array(old->get())) {
        json_array_extend(all.get(), old->get());
    }
    const Json tail = to_json(more);
    if (!ends_with(all.get(), tail.get())) {
        json_array_extend(all.get(), tail.get());
    }
    return dump(all);
}

} // namespace

const char *
to_string(Transaction::Phase phase)
{
    constexpr const char *names[]
        = {"observing",  "recording", "applying", "checking",
           "committing", "undoing",   "closing"};
    return names[static_cast<size_t>(phase)];
}

Transaction::Transaction(World &world, Fault &fault, Job job,
                         std::function<void(Ending)> done)
    : world_{world}, fault_{fault}, job_{std::move(job)},
      done_{std::move(done)}, wished_{wish(job_.backwards ? job_.before
                                                          : job_.after)}
{
}

void
Transaction::start()
{
    observe(&Transaction::consider);
}

std::vector<std::string>
Transaction::links() const
{
    std::set<std::string> names{job_.links.begin(), job_.links.end()};
    for (const auto &router : {job_.before, job_.after}) {
        std::ranges::copy(port_names(router),
                          std::inserter(names, names.end()));
    }
    return {names.begin(), names.end()};
}

// For find_late(): whoever is to answer next.
void
Transaction::ask(const char *whom)
{
    asked_ = whom;
    asked_at_ = world_.clock.now();
}

std::string
Transaction::find_late(milliseconds patience) const
{
    return asked_ && world_.clock.now() - asked_at_ >= patience ? asked_ : "";
}

void
Transaction::observe(void (Transaction::*then)(Wired))
{
    // This look may tell otherwise.
    lacks_switch_ = lacks_switch_ && phase_ == Phase::undoing;
    Observe what{job_.change.router, links(), {}, !wished_.kernel.exists};
    std::set<std::string> keys;
    for (const auto &router : {job_.before, job_.after}) {
        for (const auto &[key, value] : wish(router).kernel.sysctls) {
            keys.insert(key);
        }
    }
    what.sysctls.assign(keys.begin(), keys.end());
    ask(kernel_process);
    world_.kernel.observe(
        what, [self = shared_from_this(), then](Result<Wired> seen) {
            if (seen) {
                (self.get()->*then)(std::move(*seen));
            } else {
                self->fail(seen.error());
            }
        });
}

Picture
Transaction::complete(Wired wired) const
{
    Picture seen;
    seen.kernel = std::move(wired);
    seen.switch_ports = world_.vswitch.owned(job_.change.router);
    const auto asked = links();
    auto names = asked;
    std::ranges::copy(std::views::keys(seen.kernel.links),
                      std::back_inserter(names));
    for (const auto &[name, type] : world_.vswitch.user_ports(names)) {
        seen.user_ports.insert(name);
    }
    std::erase_if(seen.kernel.links, [&](const auto &link) {
        return std::ranges::find(asked, link.first) == asked.end()
               && !seen.user_ports.contains(link.first);
    });
    seen.open_ports = world_.vswitch.open_ports(asked);
    for (const auto &[name, device] : seen.kernel.on_node) {
        // A pair bears our mark.
        const bool ours
            = device.wiring == Wiring::veth || was_ours(name, seen);
        if (device.abandoned && ours) {
            seen.left.insert(name);
        }
    }
    return seen;
}

// Whether the row that a tap on the node was made for can only have been
// ours: it asks for a pair by now, or was the router's and is gone.
bool
Transaction::was_ours(const std::string &name, const Picture &seen) const
{
    const auto row = seen.switch_ports.find(name);
    if (row != seen.switch_ports.end()) {
        return row->second.wiring == Wiring::veth;
    }
    const auto had = [&](const std::optional<Router> &router) {
        return wish(router).switch_ports.contains(name);
    };
    return !seen.user_ports.contains(name)
           && (had(job_.before)
               || (had(job_.after) && (job_.resumed || applied_ > 0)));
}

void
Transaction::consider(Wired wired)
{
    if (wired.name == Name_state::foreign && wished_.kernel.exists) {
        fail({0, "the name " + namespace_name(job_.change.router)
                     + " is taken by " + wired.taken_by
                     + ", which is not ours and left alone: remove it, or "
                       "rename the router"});
        return;
    }
    if (is_overtaken()) {
        finish(End::unchanged);
        return;
    }
    namespace_is_gone_
        = job_.resumed && !wished_.kernel.exists && !wired.exists;
    const Picture seen = complete(std::move(wired));
    steps_ = plan(wished_, seen);
    if (!steps_.empty() || job_.resumed) {
        steps_ = plan(wished_, seen, checks());
    }
    if (job_.dry_run) {
        finish(End::unchanged);
        return;
    }
    if (meets_leaving(steps_, seen)
        && look_later(leaving_timeout, &Transaction::consider)) {
        return;
    }
    if (may_be_early() && look_later(news_timeout, &Transaction::consider)) {
        return;
    }
    if (steps_.empty() && job_.resumed) {
        check();
    } else if (const auto port = find_taken(steps_, seen);
               port && !job_.resumed) {
        fail({EEXIST, "cannot add the port " + *port
                          + " to the switch: the node has a device of that "
                            "name already, which is not ours"});
    } else if (job_.resumed && needs_dead_switch()) {
        put_off(not_running);
    } else if (steps_.empty() || needs_dead_switch()) {
        note_unusable(seen);
        finish(End::unchanged);
    } else if (!job_.repairs) {
        drift_ = "not as it should be, and left so (option drift=observe); "
                 "first of "
                 + std::to_string(steps_.size())
                 + " steps to repair it: " + words(steps_.front());
        finish(End::unchanged);
    } else {
        record();
    }
}

// Not begun, and to be tried again: what the record says stays true.
void
Transaction::put_off(const std::string &why)
{
    lacks_switch_ = true;
    if (job_.backwards) {
        job_.change.state = Change_state::undo_failed; // And stays so.
    }
    finish(End::undo_failed, why);
}

// A repair that only ovs-vswitchd can complete waits until it runs.
bool
Transaction::needs_dead_switch() const
{
    return is_repair() && !world_.vswitch.is_running()
           && std::ranges::any_of(steps_, is_switch_step);
}

// What is found may be but the beginning of what is asked for by now: as a
// port's row is made one of another type, ovs-vswitchd deletes its device.
bool
Transaction::is_overtaken() const
{
    return is_repair() && !job_.resumed && job_.superseded
           && job_.superseded();
}

// Of a port that somebody deletes, ovs-vswitchd lets go at once: the kernel
// may tell so before the database has told that the row is gone.
bool
Transaction::may_be_early() const
{
    return is_repair() && !job_.resumed
           && std::ranges::any_of(steps_, [](const Step &step) {
                  return std::holds_alternative<Set_open>(step);
              });
}

void
Transaction::note_unusable(const Picture &seen)
{
    const auto unusable = find_unusable(wished_, seen);
    const auto unready = world_.vswitch.find_unready(links());
    lacks_switch_ = needs_dead_switch()
                    || (!unusable && unready && wished_.kernel.exists);
    if (needs_dead_switch()) {
        unusable_ = not_running;
    } else if (unusable) {
        unusable_ = unusable->what;
    } else if (lacks_switch_) {
        unusable_ = *unready;
    }
}

void
Transaction::record()
{
    phase_ = Phase::recording;
    if (job_.begins) {
        job_.begins();
    }
    Change &change = job_.change;
    change.state = Change_state::applying;
    change.steps = extend_steps(change.steps, steps_);
    if (!change.number) {
        change.number = world_.journal.next_number();
    }
    if (!job_.resumed) {
        change.started_at = world_.clock.wall_ms();
    }
    apply_once_recorded();
}

// Further steps of a change that was all done, recorded before they are.
void
Transaction::record_more(const std::vector<Step> &more)
{
    steps_.insert(steps_.end(), more.begin(), more.end());
    job_.change.steps = extend_steps(job_.change.steps, more);
    apply_once_recorded();
}

void
Transaction::apply_once_recorded()
{
    write_record(false, [self = shared_from_this()](Outcome recorded) {
        if (recorded) {
            self->phase_ = Phase::applying;
            self->go_on();
        } else {
            self->fail(recorded.error());
        }
    });
}

// A copy of the database that was restored meanwhile may have had its number.
void
Transaction::write_record(bool with_news,
                          const std::function<void(Outcome)> &then)
{
    ask(own_database);
    world_.journal.record(
        job_.change,
        with_news && job_.news ? std::optional{job_.news(job_.change)}
                               : std::nullopt,
        [self = shared_from_this(), with_news, then](Outcome recorded) {
            if (!recorded && recorded.error().code == EEXIST) {
                self->job_.change.number = self->world_.journal.next_number();
                self->write_record(with_news, then);
            } else {
                then(std::move(recorded));
            }
        });
}

// A drill may stop the change between any two steps.
void
Transaction::go_on()
{
    ask("fault/go");
    fault_.pass(job_.change.router, applied_,
                [self = shared_from_this()] { self->apply_next(); });
}

void
Transaction::apply_next()
{
    if (applied_ == steps_.size()) {
        check();
    } else if (is_kernel_step(steps_[applied_])) {
        apply_on_kernel();
    } else if (is_switch_step(steps_[applied_])) {
        apply_on_switch();
    } else {
        verify();
    }
}

// The longest run of steps for the kernel process from here.
std::vector<Step>
Transaction::kernel_run(const std::vector<Step> &steps, size_t from) const
{
    const auto begin = steps.begin() + static_cast<ptrdiff_t>(from);
    return {begin, std::find_if_not(begin, steps.end(), is_kernel_step)};
}

void
Transaction::apply_on_kernel()
{
    const std::string &router = job_.change.router;
    Apply apply{router, kernel_run(steps_, applied_), false, {}};
    apply.steps.resize(
        fault_.until_stop(router, applied_, apply.steps.size()));
    apply.strike
        = fault_.strike(router, applied_, apply.steps.size(), undone_);
    ask(kernel_process);
    world_.kernel.apply(apply, [self = shared_from_this(),
                                strike = apply.strike](Applied applied) {
        self->applied_on_kernel(applied, strike);
    });
}

void
Transaction::applied_on_kernel(const Applied &applied, const Strike &strike)
{
    fault_.spend(strike, applied.error ? applied.done : 0);
    if (!applied.error) {
        applied_ += applied.done;
        go_on();
        return;
    }
    const std::string step
        = "step " + std::to_string(applied_ + applied.done + 1) + " ("
          + words(steps_[applied_ + applied.done]) + ")";
    undone_ += applied.done;
    note_outstanding(applied.outstanding, applied.undo_error);
    fail({applied.error->code, step + " failed: " + applied.error->what});
}

void
Transaction::apply_on_switch()
{
    const Strike strike
        = fault_.strike(job_.change.router, applied_, 1, undone_);
    fault_.spend(strike, 0);
    const auto then = [self = shared_from_this(), strike](Outcome outcome) {
        const std::string which = "step " + std::to_string(self->applied_ + 1)
                                  + " (" + words(self->steps_[self->applied_])
                                  + ") failed: ";
        if (!outcome) {
            // What came too late is there, and must be taken back.
            self->lacks_switch_ = outcome.error().code == ETIMEDOUT;
            self->applied_ += self->lacks_switch_;
            self->fail({outcome.error().code, which + outcome.error().what});
            return;
        }
        if (strike.crash_at) {
            self->world_.crash(strike.victim);
        }
        self->applied_++;
        self->go_on();
    };
    if (strike.fail_at) {
        then(Error{strike.error, "failed on purpose"});
    } else if (is_overtaken()) {
        then(Error{ECANCELED, "something else is asked for by now"});
    } else {
        send_to_switch(steps_[applied_], then);
    }
}

void
Transaction::send_to_switch(const Step &step,
                            const std::function<void(Outcome)> &then)
{
    const milliseconds timeout{job_.limits.switch_timeout};
    ask("the switch's database or ovs-vswitchd");
    if (const auto *rows = std::get_if<Set_switch>(&step)) {
        world_.vswitch.apply(*rows, timeout, then);
    } else {
        world_.vswitch.apply(std::get<Set_open>(step), timeout, then);
    }
}

void
Transaction::commit()
{
    phase_ = Phase::committing;
    Change &change = job_.change;
    change.state
        = job_.backwards ? Change_state::undone : Change_state::committed;
    if (job_.backwards) {
        note_undo(change.error); // Nothing is outstanding any more.
    } else {
        change.error.clear(); // Of an earlier try.
    }
    change.finished_at = world_.clock.wall_ms();
    write_record(!job_.backwards, [self
                                   = shared_from_this()](Outcome recorded) {
        if (recorded) {
            self->announce();
            self->finish(self->job_.backwards ? End::undone : End::committed);
        } else {
            self->fail(recorded.error());
        }
    });
}

void
Transaction::finish(End end)
{
    finish(end, end == End::committed ? "" : job_.change.error);
}

void
Transaction::finish(End end, const std::string &error)
{
    log(end, error);
    const auto done = std::move(done_);
    done({end, error, unusable_, drift_, lacks_switch_, steps_});
}

void
Transaction::log(End end, const std::string &error) const
{
    const Change &change = job_.change;
    const std::string router = "router " + change.router;
    if (end == End::committed) {
        world_.log(router + ": change " + std::to_string(change.number) + " ("
                   + change.cause + ") committed after "
                   + std::to_string(steps_.size()) + " steps");
    } else if (end != End::unchanged && change.number) {
        const auto &tell = end == End::undone ? world_.log : world_.alarm;
        tell(router + ": change " + std::to_string(change.number) + " ("
             + change.cause + ") "
             + (end == End::undone ? "undone: " : "not undone: ")
             + without_addresses(error));
    } else if (end != End::unchanged) {
        world_.log(router + ": not changed: " + without_addresses(error));
    }
}

// Every address of every link that the change made, moved or gave one.
void
Transaction::announce() const
{
    Announce what{job_.change.router, {}};
    for (const Step &step : steps_) {
        std::string link;
        if (const auto *s = std::get_if<Set_addresses>(&step)) {
            link = s->link;
        } else if (const auto *d = std::get_if<Set_device>(&step)) {
            link = d->link;
        }
        const auto found = wished_.kernel.links.find(link);
        if (found != wished_.kernel.links.end()) {
            auto &ips = what.links[link];
            ips.clear();
            for (const Network &network : found->second.addresses) {
                ips.push_back(network.ip);
            }
        }
    }
    if (!what.links.empty()) {
        world_.kernel.announce(what);
    }
}

} // namespace snat
