// The record of the steps, and then each of them.

#include "change/transaction.hh"

#include "step/json.hh"

#include <algorithm>
#include <cerrno>

namespace snat {
namespace {

using std::chrono::milliseconds;

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

void
Transaction::record()
{
    enter(Phase::recording);
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
            self->enter(Phase::applying);
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
    if (applied_ + apply.steps.size() == steps_.size() && !fault_.is_armed()) {
        look_ahead();
    }
}

// What the check will look at is asked for behind the last steps: the answers
// to both come one after the other.
void
Transaction::look_ahead()
{
    looking_since_.reset();
    looks_ahead_ = true;
    observe(&Transaction::checked);
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
    look_++; // One that looks ahead is of no use now.
    looks_ahead_ = false;
    const Step &failed = steps_[applied_ + applied.done];
    const std::string step = "step "
                             + std::to_string(applied_ + applied.done + 1)
                             + " (" + words(failed) + ")";
    note_refused_route(failed, *applied.error);
    effort_.steps += applied.done;
    undone_ += applied.done;
    effort_.inverse_steps += applied.done - applied.outstanding.size();
    note_outstanding(applied.outstanding, applied.undo_error);
    fail({applied.error->code, step + " failed: " + applied.error->what});
}

// What says that it cannot be, and not that it could not be just now.
void
Transaction::note_refused_route(const Step &step, const Error &error)
{
    constexpr int refusals[] = {EINVAL,       ENETUNREACH, EHOSTUNREACH,
                                EAFNOSUPPORT, EOPNOTSUPP,  EEXIST};
    const auto *route = std::get_if<Set_route>(&step);
    if (route && route->becomes
        && std::ranges::find(refusals, error.code) != std::end(refusals)) {
        refused_route_ = route->becomes;
    }
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
    } else if (const auto *open = std::get_if<Set_open>(&step)) {
        world_.vswitch.apply(*open, timeout, then);
    } else {
        world_.vswitch.apply(std::get<Await_open>(step), timeout, then);
    }
}

} // namespace snat
