// The daemon's own database, OVS_SNAT: door 2's rows as values, their status
// columns, and the history of changes.
#pragma once

#include "change/engine.hh"
#include "change/watched.hh"
#include "change/world.hh"
#include "tables/changed.hh"
#include "tables/commits.hh"
#include "tables/idl.hh"
#include "tables/nat_mirror.hh"
#include "tables/reconnect.hh"
#include "tables/wired_nat.hh"

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace snat {

class Snat_tables {
public:
    explicit Snat_tables(const std::string &remote);

    // Once a turn: news from the server.  True if what is read of it has
    // changed, which the history is no part of.
    bool run();
    void
    flush()
    {
        commits_.flush();
    }
    void wait() const;
    bool is_ready() const;
    Database_state state() const;
    ovsdb_idl *
    idl() const
    {
        return idl_.get();
    }
    bool
    is_idle() const
    {
        return commits_.is_idle();
    }

    // Since it was asked last.
    Changed take_changed();
    std::set<std::string> routers() const; // That it has any rows of.
    // Adds this database's part.
    void read(const std::string &router, Rows_of_router &rows) const;
    void read_global(Snapshot &snapshot) const;
    // In the order of their numbers; without those whose number is none.
    std::vector<Record> records() const;
    std::vector<Change> history() const;
    bool remembers(const std::string &router, uint64_t number) const;
    // The highest number among the changes that it has ever had.
    uint64_t
    last_found() const
    {
        return last_found_;
    }

    // How many there are in the history.
    size_t
    count_changes() const
    {
        return changes_there_;
    }

    // Inserts or updates the row of this change, keeps the NAT rules that are
    // good by it, shows the news of it, and drops the oldest rows past 'keep'
    // that nothing depends on.
    void record(const Change &change, const std::optional<News> &news,
                size_t keep, Commits::Then then);
    // Makes the rows in 'status' show it.
    void show(const std::string &router, const Status &status);
    void show_counts(const std::string &router,
                     const std::map<Row_id, Nat_count> &counts);
    void settle(int64_t next_cfg);
    // The rows of this database, and with them what waits for them.
    void rewrite(const Rewrite &rewrite, Commits::Then then);
    void begin(const Confirm &confirm, Commits::Then then);
    void forget_request(const Confirm &confirm);
    void forget(const Confirm &confirm, Commits::Then then);

private:
    bool follow(bool is_back);
    void find_last(bool among_all);
    void write_statuses(const std::string &router, const Status &status);
    bool shows_rewritten(const Rewrite &rewrite) const;

    Idl idl_;
    Reconnect reconnect_;
    unsigned times_back_ = 0;
    bool unshown_ = false; // A status was refused just now.
    Changed changed_;
    Commits commits_;
    Texts_of_changes texts_;
    Wired_nat wired_nat_;
    ovsdb_idl_index *changes_ = nullptr; // By number; the IDL's.
    ovsdb_idl_index *routers_ = nullptr; // By name.
    uint64_t last_found_ = 0;
    size_t changes_there_ = 0;
    Nat_mirror nat_;
};

} // namespace snat
