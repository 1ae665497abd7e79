// Writes to one database, gathered: all that is submitted in one turn of the
// loop, or while a transaction is under way, goes out as one.  If the server
// refuses it, each part is tried by itself, so that nobody suffers for
// another's mistake.
//
// ovsdb-server answers a transaction before it tells what has changed.  A
// transaction is over when the replica shows it, so that whatever is composed
// or read after it sees what it wrote.
#pragma once

#include "router/result.hh"
#include "tables/idl.hh"

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace snat {

class Commits {
public:
    // Writes its part into the open transaction, or says why it cannot.  May
    // be called again if the transaction did not come through.
    using Compose = std::function<Outcome(ovsdb_idl_txn *)>;
    // Whether the replica shows what the part writes.
    using Shows = std::function<bool()>;
    using Then = std::function<void(Outcome)>;

    Commits(ovsdb_idl *idl, const char *program) : idl_{idl}, program_{program}
    {
    }

    void submit(Compose compose, Shows shows, Then then);
    // Of what is written again and again only the last matters: takes the
    // place of a part of the same key that has not been sent yet.
    void submit_latest(
        const std::string &key, Compose compose, Shows shows,
        Then then = [](const Outcome &) {});
    // After ovsdb_idl_run(): the answer to what is under way.
    void settle();
    // At the end of a turn: sends what has gathered.
    void flush();
    void wait() const;
    bool
    is_idle() const
    {
        return !is_under_way() && queue_.empty();
    }

private:
    struct Part {
        Compose compose;
        Shows shows;
        Then then;
        std::string key; // Of what a later part may replace; else empty.
        bool alone = false;
        bool to_be_shown = false; // The replica did not show it when sent.
    };

    bool
    is_under_way() const
    {
        return txn_ || landing_until_;
    }
    bool may_send() const;
    std::vector<Part> take();
    void send(std::vector<Part> parts);
    bool has_landed() const;
    void answer(std::vector<Part> parts, ovsdb_idl_txn_status status,
                const std::string &error);
    void refuse(std::vector<Part> parts, const std::string &error);

    ovsdb_idl *idl_;
    const char *program_;
    std::deque<Part> queue_;
    Txn txn_;
    std::vector<Part> in_flight_;
    // Committed, but not in the replica; not waited for longer than this.
    std::optional<long long> landing_until_;
    unsigned sent_at_ = 0; // The replica's state when it was sent.
    // After a lost race: not before the replica has changed.
    std::optional<unsigned> not_before_change_of_;
};

} // namespace snat
