// Time as the main loop knows it: deadlines that wake the loop, run in order.
#pragma once

#include "change/world.hh"

#include <chrono>
#include <functional>
#include <map>
#include <optional>

namespace snat {

class Loop_clock : public Clock {
public:
    std::chrono::milliseconds now() const override;
    std::chrono::nanoseconds moment() const override;
    int64_t wall_ms() const override;
    void after(std::chrono::milliseconds pause,
               std::function<void()> then) override;

    // Runs all that is due by now: what it adds for later, be that due before
    // it ends, leaves the loop its turn.
    void run();
    // When the next one is due.
    std::optional<std::chrono::milliseconds> next() const;

private:
    std::multimap<std::chrono::milliseconds, std::function<void()>> due_;
};

} // namespace snat
