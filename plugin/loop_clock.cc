#include "loop_clock.hh"

namespace snat {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

milliseconds
Loop_clock::now() const
{
    return duration_cast<milliseconds>(
        std::chrono::steady_clock::now().time_since_epoch());
}

std::chrono::nanoseconds
Loop_clock::moment() const
{
    return std::chrono::steady_clock::now().time_since_epoch();
}

int64_t
Loop_clock::wall_ms() const
{
    return duration_cast<milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

void
Loop_clock::after(milliseconds pause, std::function<void()> then)
{
    due_.emplace(now() + pause, std::move(then));
}

void
Loop_clock::run()
{
    const auto until = now();
    while (!due_.empty() && due_.begin()->first <= until) {
        const auto then = std::move(due_.begin()->second);
        due_.erase(due_.begin());
        then();
    }
}

std::optional<milliseconds>
Loop_clock::next() const
{
    return due_.empty() ? std::nullopt : std::optional{due_.begin()->first};
}

} // namespace snat
