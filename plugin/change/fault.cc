#include "change/fault.hh"

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

} // namespace

void
Fault::fail_step(size_t step, int error)
{
    fail_step_ = step;
    error_ = error;
    crash_step_ = 0;
}

void
Fault::crash_at_step(size_t step)
{
    crash_step_ = step;
    fail_step_ = 0;
}

void
Fault::fail_undo(size_t step)
{
    fail_undo_ = step;
}

std::string
Fault::show() const
{
    std::string out;
    const auto add = [&out](const char *kind, size_t step) {
        if (step) {
            out += (out.empty() ? "armed: " : ", ") + std::string{kind} + " "
                   + std::to_string(step);
        }
    };
    add("fail-step", fail_step_);
    add("crash-at-step", crash_step_);
    add("fail-undo", fail_undo_);
    return out.empty() ? "none" : out;
}

Strike
Fault::strike(size_t done, size_t count, size_t undone) const
{
    Strike strike;
    strike.fail_at = place(fail_step_, done, count);
    strike.error = error_;
    strike.crash_at = place(crash_step_, done, count);
    strike.fail_undo_at = place(fail_undo_, undone, count);
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
}

} // namespace snat
