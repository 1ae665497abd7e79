// Flows that come back: a reply that was under way when a flow was ended makes
// connection tracking take it for a new one, which is not translated either.
// So they are ended again, for some round trips.
#pragma once

#include "kernel/namespaces.hh"
#include "step/step.hh"

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace snat {

class Flow_ender {
public:
    using Clock = std::chrono::steady_clock;

    explicit Flow_ender(Namespaces &namespaces) : namespaces_{namespaces} {}

    // The step was done; it is about hosts that are translated from now on.
    void start(const std::string &router, const End_flows &step);
    // The router is about to go.
    void
    forget(const std::string &router)
    {
        ended_.erase(router);
    }
    // Does what is due.
    void run();
    std::optional<Clock::time_point> deadline() const;

private:
    struct Ended {
        End_flows step;
        Clock::time_point since, due;
    };
    bool end_again(const std::string &router, Ended &ended,
                   Clock::time_point now);

    Namespaces &namespaces_;
    std::map<std::string, Ended> ended_; // By router.
};

} // namespace snat
