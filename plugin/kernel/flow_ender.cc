#include "kernel/flow_ender.hh"

#include <algorithm>
#include <iterator>

namespace snat {
namespace {

using namespace std::chrono_literals;

// Each pause is as long again as all before it, up to more than any usual
// round trip.
constexpr auto first_pause = 10ms, longest = 2000ms;

} // namespace

Outcome
Flow_ender::end(const std::string &router, Netlink &netfilter,
                const End_flows &step)
{
    auto taken = end_flows(netfilter, step);
    if (!taken) {
        return taken.error();
    }
    if (step.untranslated.empty() && taken->empty()) {
        return Done{}; // Flows of a rule cannot come back without it.
    }
    Ended &ended = ended_[router];
    auto &untranslated = ended.untranslated.untranslated;
    untranslated.insert(untranslated.end(), step.untranslated.begin(),
                        step.untranslated.end());
    ended.taken.merge(*taken);
    ended.since = Clock::now();
    ended.due = ended.since + first_pause;
    return Done{};
}

void
Flow_ender::run()
{
    const auto now = Clock::now();
    for (auto entry = ended_.begin(); entry != ended_.end();) {
        Ended &ended = entry->second;
        const bool is_over
            = ended.due <= now && !end_again(entry->first, ended, now);
        entry = is_over ? ended_.erase(entry) : std::next(entry);
    }
}

// Whether there is another time after this one.
bool
Flow_ender::end_again(const std::string &router, Ended &ended,
                      Clock::time_point now)
{
    const auto found = namespaces_.find(router);
    if (!found || !found->inside) {
        return false;
    }
    // If it cannot be, the flows live on: nobody waits for an answer.
    if (const auto netfilter = found->inside->netfilter()) {
        (void)end_flows(**netfilter, ended.untranslated, ended.taken);
    }
    ended.due = now + (now - ended.since);
    return ended.due - ended.since <= longest;
}

std::optional<Flow_ender::Clock::time_point>
Flow_ender::deadline() const
{
    const auto first = std::ranges::min_element(
        ended_, {}, [](const auto &entry) { return entry.second.due; });
    return first == ended_.end() ? std::nullopt
                                 : std::optional{first->second.due};
}

} // namespace snat
