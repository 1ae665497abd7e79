// All Probes: how many are under way at once, and how fast they ask.  Each
// ends with the main process, with its namespace, or when the same router
// asks anew.
#pragma once

#include "change/world.hh"
#include "kernel/inquiry.hh"
#include "kernel/namespaces.hh"
#include "kernel/protocol.hh"
#include "kernel/slow_closer.hh"

#include <poll.h>

#include <chrono>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace snat {

class Prober {
public:
    using Clock = std::chrono::steady_clock;

    Prober(Namespaces &namespaces, Slow_closer &closer)
        : namespaces_{namespaces}, closer_{closer}
    {
    }

    // Its answer, with this id, comes out of run().
    void start(uint64_t id, const Probe &what);
    // The router's end here: their sockets would keep its namespace alive.
    void forget(const std::string &router);

    // What to wait for, besides the deadline.
    void add_polled(std::vector<pollfd> &polled) const;
    std::optional<Clock::time_point> deadline() const;
    // Hears, asks, and returns what is known by now.
    std::vector<Answer> run();

private:
    void admit();
    void admit(uint64_t id, const Probe &what);
    void serve(Inquiry &inquiry, bool asks);
    void ask();
    void collect();

    Namespaces &namespaces_;
    std::deque<std::pair<uint64_t, Probe>> queue_;
    std::list<Inquiry> running_; // The first has its turn next.
    std::vector<Answer> answers_;
    Clock::time_point next_burst_{};
    Slow_closer &closer_;
};

} // namespace snat
