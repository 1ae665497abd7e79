// Writes to one database, gathered: all that is submitted in one turn of the
// loop, or while a transaction is in flight, goes out as one.  If the server
// refuses it, each part is tried by itself, so that nobody suffers for
// another's mistake.
#pragma once

#include "router/result.hh"
#include "tables/idl.hh"

#include <deque>
#include <functional>
#include <vector>

namespace snat {

class Commits {
public:
    // Writes its part into the open transaction, or says why it cannot.  May
    // be called again if the transaction did not come through.
    using Compose = std::function<Outcome(ovsdb_idl_txn *)>;
    using Then = std::function<void(Outcome)>;

    Commits(ovsdb_idl *idl, const char *program) : idl_{idl}, program_{program}
    {
    }

    void submit(Compose compose, Then then);
    // After ovsdb_idl_run(): the answer to what is in flight.
    void settle();
    // At the end of a turn: sends what has gathered.
    void flush();
    void wait() const;
    bool
    is_idle() const
    {
        return !txn_ && queue_.empty();
    }

private:
    struct Part {
        Compose compose;
        Then then;
        bool alone = false;
    };

    bool compose(Part &part);
    void answer(std::vector<Part> parts, ovsdb_idl_txn_status status,
                const char *error);

    ovsdb_idl *idl_;
    const char *program_;
    std::deque<Part> queue_;
    Txn txn_;
    std::vector<Part> in_flight_;
    // After a lost race: not before the replica has changed.
    std::optional<unsigned> not_before_change_of_;
};

} // namespace snat
