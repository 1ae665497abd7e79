// One Probe under way: what is still to be asked, and what was heard.
//
// That nobody has an address is asked as RFC 5227, section 2.1.1, says, but
// faster: three probes, 150 ms apart, and 150 ms more for the last answer.
// The RFC's 4 to 7 seconds are for hosts that are switched on together, on
// networks whose switches may not forward yet.  Here the port forwards when
// the first probe goes out, whoever has the address answers within
// milliseconds, and two of the three may be lost.  The random wait at the
// beginning is left out for the same reason.  After a conflict the engine
// tries again ever more seldom, once a minute in the end, as the RFC demands.
#pragma once

#include "change/world.hh"
#include "kernel/ask.hh"
#include "kernel/namespaces.hh"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

namespace snat {

class Inquiry {
public:
    using Time = std::chrono::steady_clock::time_point;

    static Result<Inquiry> open(uint64_t id, Namespace &inside,
                                const Probe &what, Time now);

    uint64_t
    id() const
    {
        return id_;
    }
    const std::string &
    router() const
    {
        return what_.router;
    }
    Asker &
    asker()
    {
        return asker_;
    }
    const Asker &
    asker() const
    {
        return asker_;
    }
    // How it ended, once it has.
    std::optional<Outcome> outcome() const;
    // When ask_next() has something to do, while it has not ended.
    Time due() const;

    // 'inside' is the router's namespace as it is now.
    void ask_next(Namespace &inside, Time now);
    void hear(Namespace &inside);
    // Ends it.
    void
    fail(Error error)
    {
        error_ = std::move(error);
    }

private:
    struct Ask {
        std::string link;
        Ip ip;
        Time due, until;
        int sent = 0;
    };

    Inquiry(uint64_t id, const Namespace &inside, Probe what, Asker asker)
        : id_{id}, namespace_{inside.id()}, what_{std::move(what)},
          asker_{std::move(asker)}
    {
    }
    bool is_moot(const Namespace &inside);
    void schedule(Ask &ask, Time now) const;
    Outcome send(Namespace &inside, const Ask &ask);
    void conclude(const Ask &ask, const Outcome &last);
    void note(Namespace &inside, const Heard &heard);

    uint64_t id_;
    File_id namespace_;
    Probe what_;
    Asker asker_;
    std::map<uint32_t, std::string> links_; // By index, as asked on.
    std::deque<Ask> asks_;                  // The first is due first.
    std::optional<Error> error_;
};

} // namespace snat
