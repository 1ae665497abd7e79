// Addresses made known on the networks, so that neighbours forget who had
// them before: gratuitous ARP (RFC 5227, section 3: a request for one's own
// address) and unsolicited neighbour advertisements (RFC 4861, section
// 7.2.6).  Frames get lost and switches learn late, so there are three rounds,
// one second apart; nobody waits for them.
#pragma once

#include "change/world.hh"
#include "kernel/fd.hh"
#include "kernel/namespaces.hh"
#include "kernel/slow_closer.hh"

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace snat {

class Announcer {
public:
    using Clock = std::chrono::steady_clock;

    Announcer(Namespaces &namespaces, Slow_closer &closer)
        : namespaces_{namespaces}, closer_{closer}
    {
    }

    // The first round is due at once.  What was still to be announced for the
    // same router is forgotten.
    void start(const Announce &what);

    // No more rounds.  Their socket would keep the namespace alive.
    void forget(const std::string &router);

    // When run() has something to do next.
    std::optional<Clock::time_point> deadline() const;

    // Sends what is due.  An address that its link does not have any more,
    // or does not answer for, is not announced.  Errors are nobody's: an
    // announcement is a courtesy.
    void run();

private:
    struct Pending {
        Announce what;
        int rounds = 0; // Left.
        Clock::time_point due;
        Fd socket; // In the namespace; kept for all rounds.
    };

    void send(Pending &pending);

    Namespaces &namespaces_;
    std::map<std::string, Pending> pending_; // By router.
    Slow_closer &closer_;
};

} // namespace snat
