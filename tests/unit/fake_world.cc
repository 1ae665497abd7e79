// The clock of the world of values, its life and its death.
#include "fake_world.hh"

#include <algorithm>
#include <utility>

namespace samples {

void
Fake_world::run(milliseconds time)
{
    const milliseconds until = now_ + time;
    while (!is_dead) {
        if (!answers_.empty()) {
            const auto answer = std::move(answers_.front());
            answers_.pop_front();
            answer();
        } else if (!timers_.empty() && timers_.begin()->first <= until) {
            now_ = std::max(now_, timers_.begin()->first);
            answers_.push_back(std::move(timers_.begin()->second));
            timers_.erase(timers_.begin());
        } else {
            now_ = until;
            return;
        }
    }
}

void
Fake_world::reboot()
{
    die();
    is_dead = false;
    for (auto &[name, picture] : pictures) {
        if (picture.kernel.name == Name_state::free) {
            take_effect(picture, Set_namespace{true, false});
        }
    }
}

milliseconds
Fake_world::now() const
{
    return now_;
}

std::chrono::nanoseconds
Fake_world::moment() const
{
    return now_;
}

int64_t
Fake_world::wall_ms() const
{
    return 1'700'000'000'000 + now_.count();
}

void
Fake_world::after(milliseconds pause, std::function<void()> then)
{
    if (!is_dead) {
        timers_.emplace(now_ + pause, std::move(then));
    }
}

std::optional<Error>
Fake_world::refusal(const Step &step) const
{
    return refuse_step ? refuse_step(step) : std::nullopt;
}

void
Fake_world::answer(std::function<void()> then)
{
    if (!is_dead) {
        answers_.push_back(std::move(then));
    }
}

void
Fake_world::die()
{
    is_dead = true;
    answers_.clear();
    timers_.clear();
}

} // namespace samples
