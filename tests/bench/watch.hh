// What the daemon tells of itself while something happens, and how long it
// lets others wait meanwhile.
#pragma once

#include "appctl.hh"
#include "facts.hh"
#include "processes.hh"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace bench {

// metrics/show, by sample.
using Samples = std::map<std::string, double>;

class Watch {
public:
    // 'is_new': of a daemon that has been started for this.
    explicit Watch(bool is_new = false);

    Samples samples();
    // Asks again and again, until this is so.
    void wait_until(const std::function<bool(const Samples &)> &condition);
    void ask_version();
    // The turns of the main loop, and how long version waited, since it was
    // made.
    std::vector<Fact> facts();

    static double active(const Samples &samples);

private:
    double count_longer(const std::string &bucket, const Samples &now);

    Appctl appctl_;
    Samples before_;
    double slowest_version_ms_ = 0;
};

// What each process of the node has used, but for this one.
std::vector<Fact> facts(const Cpu &cpu);

} // namespace bench
