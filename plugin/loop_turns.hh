// How long the turns of the main loop take, from its waking to its next wait:
// for so long whoever else has a wish waits, be that a database, the kernel
// process or who uses ovs-appctl.
#pragma once

#include "change/metrics.hh"

#include <algorithm>
#include <chrono>

namespace snat {

class Loop_turns {
public:
    void
    begin()
    {
        begun_ = Clock::now();
    }
    void
    end()
    {
        const Histogram::Duration took = Clock::now() - begun_;
        all_.add(took);
        longest_ = std::max(longest_, took);
    }

    const Histogram &
    all() const
    {
        return all_;
    }
    Histogram::Duration
    longest() const
    {
        return longest_;
    }

private:
    using Clock = std::chrono::steady_clock;

    Clock::time_point begun_;
    Histogram all_;
    Histogram::Duration longest_{};
};

} // namespace snat
