// Ends flows, and those that come back: a reply that was under way when a flow
// was ended makes connection tracking take it for a new one, turned round,
// which is treated as the old one was.  So they are ended again, for some
// round trips.
#pragma once

#include "kernel/conntrack.hh"
#include "kernel/namespaces.hh"
#include "step/step.hh"

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace snat {

class Flow_ender {
public:
    using Clock = std::chrono::steady_clock;

    explicit Flow_ender(Namespaces &namespaces) : namespaces_{namespaces} {}

    Outcome end(const std::string &router, Netlink &netfilter,
                const End_flows &step);
    // The router is about to go, or its rules are again what they were.
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
        End_flows untranslated; // Of hosts that are translated from now on.
        std::set<Tuple> taken;
        Clock::time_point since, due;
    };
    bool end_again(const std::string &router, Ended &ended,
                   Clock::time_point now);

    Namespaces &namespaces_;
    std::map<std::string, Ended> ended_; // By router.
};

} // namespace snat
