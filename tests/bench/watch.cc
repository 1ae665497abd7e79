#include "watch.hh"

#include "client.hh"

#include <algorithm>
#include <chrono>
#include <sstream>
#include <thread>

namespace bench {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds pause{20};
constexpr std::chrono::minutes patience{4};

const std::string turns = "ovs_snat_loop_turn_duration_seconds";
constexpr const char *longest = "ovs_snat_loop_longest_turn_seconds";
constexpr const char *bounds[]
    = {"0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5"};

constexpr double turn_ms = 5, version_ms = 10; // Shall be at most so long.

} // namespace

Watch::Watch(bool is_new)
{
    if (!is_new) {
        before_ = samples();
    }
}

Samples
Watch::samples()
{
    Samples samples;
    std::istringstream text{appctl_.ask({"metrics/show"})};
    for (std::string line; std::getline(text, line);) {
        const auto space = line.rfind(' ');
        if (!line.starts_with('#')) {
            samples[line.substr(0, space)]
                = strtod(line.c_str() + space, nullptr);
        }
    }
    return samples;
}

void
Watch::wait_until(const std::function<bool(const Samples &)> &condition)
{
    const auto end = std::chrono::steady_clock::now() + patience;
    for (;;) {
        ask_version();
        if (condition(samples())) {
            return;
        }
        if (std::chrono::steady_clock::now() > end) {
            give_up("gave up waiting for the daemon");
        }
        std::this_thread::sleep_for(pause);
    }
}

void
Watch::ask_version()
{
    slowest_version_ms_
        = std::max(slowest_version_ms_, appctl_.time({"version"}));
}

// Than the bound of this bucket, since it was made.
double
Watch::count_longer(const std::string &bound, const Samples &now)
{
    const auto count = [&](const Samples &samples) {
        const auto at = [&](const std::string &name) {
            const auto found = samples.find(name);
            return found == samples.end() ? 0 : found->second;
        };
        return at(turns + "_count")
               - at(turns + "_bucket{le=\"" + bound + "\"}");
    };
    return count(now) - count(before_);
}

// The longest turn of all is known; of a part of the daemon's life, only the
// bucket.
std::vector<Fact>
Watch::facts()
{
    const Samples now = samples();
    double longest_ms = now.at(longest) * 1e3;
    for (const char *bound : bounds) {
        if (count_longer(bound, now) == 0) {
            longest_ms = std::min(longest_ms, strtod(bound, nullptr) * 1e3);
            break;
        }
    }
    return {
        {"longest turn of the loop", longest_ms, "ms", turn_ms},
        {"turns of more than 5 ms", count_longer("0.005", now), ""},
        {"turns of more than 25 ms", count_longer("0.025", now), ""},
        {"longest wait for version", slowest_version_ms_, "ms", version_ms}};
}

double
Watch::active(const Samples &samples)
{
    return samples.at("ovs_snat_routers{state=\"active\"}");
}

std::vector<Fact>
facts(const Cpu &cpu)
{
    std::vector<Fact> facts;
    for (size_t i = 0; i < process_count; i++) {
        const auto process = static_cast<Process>(i);
        if (process != Process::bench) {
            facts.push_back({std::string{"processor, "} + process_names[i],
                             cpu[process].all, "ms"});
        }
    }
    return facts;
}

} // namespace bench
