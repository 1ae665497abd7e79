// A flow through a router, from a host inside to one outside: UDP, a datagram
// each millisecond.
#pragma once

#include "facts.hh"

#include "kernel/fd.hh"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <thread>
#include <vector>

namespace bench {

class Flow {
public:
    // Through the router of this number; begins once it is through.
    explicit Flow(int router);
    ~Flow();
    Flow(const Flow &) = delete;
    Flow &operator=(const Flow &) = delete;

    // Whether anything has come since the last call.
    bool is_through();
    // Ends it.
    std::vector<Fact> facts(std::optional<double> may_lose = {});

private:
    using Clock = std::chrono::steady_clock;

    void wait_until_through();
    void flow();
    bool receive();
    void end();

    snat::Fd inside_, outside_;
    std::atomic<bool> ends_ = false;
    std::atomic<uint64_t> sent_ = 0, received_ = 0;
    uint64_t seen_ = 0; // Of those received.
    // The thread's, until it has ended.
    Clock::time_point last_;
    std::chrono::duration<double, std::milli> longest_{};
    std::thread thread_;
};

} // namespace bench
