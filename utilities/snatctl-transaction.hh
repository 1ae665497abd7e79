// One transaction with the database, whatever it is that it writes.
#pragma once

#include "snatctl-wait.hh"
#include "tables/ovs.hh"

#include <memory>
#include <string>

namespace snat::ctl {

struct Txn_free {
    void operator()(ovsdb_idl_txn *txn) const;
};
using Txn = std::unique_ptr<ovsdb_idl_txn, Txn_free>;

// Waits until the database is in another state than 'seen', which it returns:
// there is no point in trying twice on the same.  Ends the program if the
// database cannot be reached.
unsigned int next_state(ovsdb_idl *idl, const std::string &remote,
                        unsigned int seen, Patience &patience);

Txn open_transaction(ovsdb_idl *idl, bool dry_run, const std::string &comment);

// Increments next_cfg, if anything else is written too.
void ask_daemon(const ovsdb_idl *idl, ovsdb_idl_txn *txn);

// ovsdb_idl_txn_commit_block(), but with an end to its patience: success,
// unchanged or try again; anything else ends the program.
ovsdb_idl_txn_status commit(ovsdb_idl *idl, ovsdb_idl_txn *txn,
                            Patience &patience);

} // namespace snat::ctl
