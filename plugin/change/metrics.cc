#include "change/metrics.hh"

namespace snat {
namespace {

size_t
index_of(const std::string &cause)
{
    const auto last = Metrics::causes.end() - 1;
    return static_cast<size_t>(std::find(Metrics::causes.begin(), last, cause)
                               - Metrics::causes.begin());
}

Tried
tried(const Transaction::Ending &ending)
{
    using End = Transaction::End;
    if (ending.end == End::committed) {
        return Tried::committed;
    }
    if (ending.end == End::undo_failed) { // Maybe since an earlier try.
        return Tried::undo_failed;
    }
    return ending.phase <= Transaction::Phase::recording ? Tried::not_begun
                                                         : Tried::undone;
}

} // namespace

void
Metrics::add(const std::string &cause, const Transaction::Ending &ending)
{
    const auto &effort = ending.effort;
    Histogram::Duration whole_time{};
    for (const auto &time : effort.times) {
        whole_time += time.value_or(Histogram::Duration{});
    }
    if (ending.end == Transaction::End::unchanged) {
        unchanged.add(whole_time);
        return;
    }
    const Tried how = tried(ending);
    changes[index_of(cause)][static_cast<size_t>(how)]++;
    if (how == Tried::not_begun) {
        return;
    }
    steps += effort.steps;
    inverse_steps += effort.inverse_steps;
    announced += effort.announced;
    whole[static_cast<size_t>(how)].add(whole_time);
    for (size_t phase = 0; phase < phases.size(); phase++) {
        if (effort.times[phase]) {
            phases[phase].add(*effort.times[phase]);
        }
    }
}

// Rules that were loaded anew begin at nought again.
void
Metrics::add(const Nat_counts *was, const Nat_counts &now)
{
    constexpr uint64_t Nat_count::*grow[]
        = {&Nat_count::packets, &Nat_count::bytes, &Nat_count::reply_packets,
           &Nat_count::reply_bytes};
    if (!was) {
        return;
    }
    for (const auto &[rule, count] : now) {
        const auto found = was->find(rule);
        for (const auto member : grow) {
            const uint64_t before
                = found == was->end() ? 0 : found->second.*member;
            const bool goes_on = count.*member >= before;
            translated.*member += count.*member - (goes_on ? before : 0);
        }
    }
}

void
Metrics::add_noted(const std::string &cause)
{
    changes[index_of(cause)][static_cast<size_t>(Tried::committed)]++;
}

} // namespace snat
