#include "change/fault.hh"

#include <utility>

namespace snat {
namespace {

// The place of step 'step' in a list of 'count' that begins after 'done'.
std::optional<size_t>
place(size_t step, size_t done, size_t count)
{
    if (step > done && step <= done + count) {
        return step - done - 1;
    }
    return std::nullopt;
}

std::string
of(Victim victim)
{
    constexpr const char *words[] = {"", " main", " kernel"};
    return words[static_cast<size_t>(victim)];
}

} // namespace

void
Fault::fail_step(size_t step, int error)
{
    fail_step_ = step;
    error_ = error;
    crash_step_ = 0;
}

void
Fault::crash_at_step(size_t step, Victim victim)
{
    crash_step_ = step;
    victim_ = victim;
    fail_step_ = 0;
    crash_undo_ = 0;
}

void
Fault::fail_undo(size_t step)
{
    fail_undo_ = step;
    crash_undo_ = 0;
}

void
Fault::crash_at_undo(size_t step, Victim victim)
{
    crash_undo_ = step;
    victim_ = victim;
    crash_step_ = 0;
    fail_undo_ = 0;
}

void
Fault::stop_at_step(size_t step)
{
    stop_step_ = step;
}

void
Fault::go()
{
    if (const auto on = std::exchange(stopped_, nullptr)) {
        on();
    }
}

void
Fault::clear()
{
    const auto on = std::move(stopped_);
    *this = {};
    if (on) {
        on();
    }
}

bool
Fault::is_armed() const
{
    return fail_step_ || crash_step_ || fail_undo_ || crash_undo_
           || stop_step_;
}

std::string
Fault::show() const
{
    std::string out;
    const auto add
        = [&out](const char *kind, size_t step, const std::string &more = "") {
              if (step) {
                  out += (out.empty() ? "armed: " : ", ") + std::string{kind}
                         + " " + std::to_string(step) + more;
              }
          };
    add("fail-step", fail_step_);
    add("crash-at-step", crash_step_, of(victim_));
    add("fail-undo", fail_undo_);
    add("crash-at-undo", crash_undo_, of(victim_));
    add("stop-at-step", stop_step_);
    if (!out.empty() && !router_.empty()) {
        out += "; only router " + router_;
    }
    if (stopped_) {
        out += (out.empty() ? "" : "; ") + std::string{"stopped at step "}
               + std::to_string(stopped_at_);
    }
    return out.empty() ? "none" : out;
}

bool
Fault::strikes(const std::string &router) const
{
    return router_.empty() || router == router_;
}

Strike
Fault::strike(const std::string &router, size_t done, size_t count,
              size_t undone) const
{
    Strike strike = strike_undo(router, count, undone);
    if (strikes(router)) {
        strike.fail_at = place(fail_step_, done, count);
        strike.error = error_;
        strike.crash_at = place(crash_step_, done, count);
    }
    return strike;
}

Strike
Fault::strike_undo(const std::string &router, size_t count,
                   size_t undone) const
{
    Strike strike;
    strike.victim = victim_;
    if (strikes(router)) {
        strike.fail_undo_at = place(fail_undo_, undone, count);
        strike.crash_undo_at = place(crash_undo_, undone, count);
    }
    return strike;
}

void
Fault::spend(const Strike &strike, size_t undone)
{
    if (strike.fail_at) {
        fail_step_ = 0;
    }
    if (strike.crash_at) {
        crash_step_ = 0;
    }
    if (strike.fail_undo_at && *strike.fail_undo_at < undone) {
        fail_undo_ = 0;
    }
    if (strike.crash_undo_at && *strike.crash_undo_at < undone) {
        crash_undo_ = 0;
    }
}

size_t
Fault::until_stop(const std::string &router, size_t done, size_t count) const
{
    const auto stop = place(stop_step_, done, count);
    return stop && *stop && strikes(router) ? *stop : count;
}

void
Fault::pass(const std::string &router, size_t done, std::function<void()> on)
{
    if (stop_step_ == done + 1 && !stopped_ && strikes(router)) {
        stopped_at_ = std::exchange(stop_step_, 0);
        stopped_ = std::move(on);
    } else {
        on();
    }
}

} // namespace snat
