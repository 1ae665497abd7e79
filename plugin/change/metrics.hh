// What the daemon counts of its own work, for those who watch it: plain values
// that only grow, fed where the work is done.  How they are told is
// appctl/metrics.hh's.
#pragma once

#include "change/transaction.hh"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace snat {

// How often something took how long.
class Histogram {
public:
    using Duration = std::chrono::nanoseconds;

    // The longest of each bucket; one more has what took longer still.
    static constexpr std::array<std::chrono::microseconds, 15> bounds{
        {std::chrono::microseconds{500}, std::chrono::microseconds{1000},
         std::chrono::microseconds{2500}, std::chrono::microseconds{5000},
         std::chrono::microseconds{10000}, std::chrono::microseconds{25000},
         std::chrono::microseconds{50000}, std::chrono::microseconds{100000},
         std::chrono::microseconds{250000}, std::chrono::microseconds{500000},
         std::chrono::seconds{1}, std::chrono::microseconds{2500000},
         std::chrono::seconds{5}, std::chrono::seconds{10},
         std::chrono::seconds{30}}};

    void
    add(Duration took)
    {
        const auto bucket = std::ranges::lower_bound(bounds, took);
        counts_[static_cast<size_t>(bucket - bounds.begin())]++;
        sum_ += took;
    }
    // By bucket, each without those before it.
    const std::array<uint64_t, bounds.size() + 1> &
    counts() const
    {
        return counts_;
    }
    Duration
    sum() const
    {
        return sum_;
    }

private:
    std::array<uint64_t, bounds.size() + 1> counts_{};
    Duration sum_{};
};

// How one try of a change ended.
enum class Tried {
    committed,
    undone,
    undo_failed, // Something is outstanding.
    not_begun,   // It failed, or had to wait, before its first step.
};
constexpr std::array tried_names{"committed", "undone", "undo_failed",
                                 "not_begun"};

struct Metrics {
    // What may be the cause of a change; the last one stands for all others,
    // which only a history that somebody else has written can have.
    static constexpr std::array causes{
        "start", "edit",        "retry",  "drift",    "resync",
        "undo",  "unconfirmed", "orphan", "recovery", "other"};

    using By_outcome = std::array<uint64_t, tried_names.size()>;
    std::array<By_outcome, causes.size()> changes{};
    uint64_t steps = 0, inverse_steps = 0; // That were done.
    uint64_t announced = 0;                // Addresses.
    Nat_count translated; // By rules that are counted; but for the flows.
    Histogram queued;     // Waiting for its turn.
    Histogram unchanged;  // Looks that found all well.
    // Of changes that were begun: each phase that it has had, and the whole.
    std::array<Histogram, Transaction::phases> phases;
    std::array<Histogram, tried_names.size()> whole;

    // What a transaction has come to.
    void add(const std::string &cause, const Transaction::Ending &ending);
    // What a router's rules count now, and did before; without that they
    // begin with what they count now.
    void add(const Nat_counts *was, const Nat_counts &now);
    // A change that was only written down.
    void add_noted(const std::string &cause);
};

} // namespace snat
