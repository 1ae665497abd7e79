// How often a router may be worked on: a token bucket for its changes, a
// back-off with jitter for what failed, and an eye for fights.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace snat {

class Token_bucket {
public:
    using Time = std::chrono::milliseconds;

    // Takes a token if there is one: 'rate' a second, as many at once.
    bool
    take(Time now, uint32_t rate)
    {
        if (rate == 0) {
            return true;
        }
        // Tokens are kept in thousandths, so a millisecond adds 'rate'.
        const int64_t most = int64_t{rate} * 1000;
        const int64_t gained = (now - last_).count() * rate;
        tokens_ = started_ ? std::min(most, tokens_ + gained) : most;
        started_ = true;
        last_ = now;
        if (tokens_ < 1000) {
            return false;
        }
        tokens_ -= 1000;
        return true;
    }

    // How long until the next token.
    Time
    wait(uint32_t rate) const
    {
        const int64_t missing = std::max<int64_t>(0, 1000 - tokens_);
        return rate ? Time{missing / rate + 1} : Time{};
    }

private:
    int64_t tokens_ = 0;
    Time last_{};
    bool started_ = false;
};

class Back_off {
public:
    using Time = std::chrono::milliseconds;

    // The pause before the next try: doubled each time, and longer by up to a
    // quarter, so that routers that failed together do not come back so.  With
    // that it is 'most' at most.
    Time
    next(Time initial, Time most)
    {
        pause_ = pause_ == Time{} ? initial : 2 * pause_;
        pause_ = std::min(pause_, most * 4 / 5);
        std::uniform_int_distribution<int64_t> jitter{0, pause_.count() / 4};
        return pause_ + Time{jitter(random_)};
    }
    void
    reset()
    {
        pause_ = {};
    }

private:
    Time pause_{};
    std::minstd_rand random_{std::random_device{}()};
};

// Tells a fight from an accident: somebody undoes what was repaired again and
// again.
class Fight {
public:
    using Time = std::chrono::milliseconds;
    static constexpr Time window{120000};
    static constexpr int most = 3; // Repairs in a row that are no fight yet.

    void
    repaired(Time now)
    {
        repairs_ = repairs_ && now - last_ < window ? repairs_ + 1 : 1;
        last_ = now;
    }
    bool
    is_on(Time now) const
    {
        return repairs_ > most && now - last_ < window;
    }

private:
    int repairs_ = 0;
    Time last_{}; // The last repair.
};

} // namespace snat
