// Looks for a server that has gone away.  The library does so ever more
// seldom, down to every 8 seconds (lib/reconnect.h), which is long for a
// router that waits; a server on the same machine costs nothing to ask.
#pragma once

#include "tables/idl.hh"

#include <cstdint>
#include <string>

namespace snat {

class Reconnect {
public:
    Reconnect(ovsdb_idl *idl, std::string remote)
        : idl_{idl}, remote_{std::move(remote)}
    {
    }

    void run(); // Before ovsdb_idl_run().
    void wait() const;
    // After that: whether what has come may be another database, of which no
    // track tells all.
    bool has_come_anew();
    bool is_away() const;
    // How often it was away and has come back.
    uint64_t
    times_back() const
    {
        return times_back_;
    }

private:
    void count();

    ovsdb_idl *idl_;
    std::string remote_;
    long long ask_at_ = 0; // While it is away: when to ask next.
    bool was_here_ = false, is_gone_ = false;
    bool was_away_ = false; // And nothing has come since.
    unsigned seqno_ = 0;
    uint64_t times_back_ = 0;
};

} // namespace snat
