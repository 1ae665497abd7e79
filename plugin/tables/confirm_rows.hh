// Rows of table Confirm, to values and back.
#pragma once

#include "change/confirm.hh"
#include "router/result.hh"
#include "tables/idl.hh"

#include <cstdint>
#include <set>
#include <string>

namespace snat {

// The row of a router; null if it has none.
const snatrec_confirm *find_confirm(const ovsdb_idl *idl,
                                    const std::string &router);
Confirm read_confirm(const snatrec_confirm *row);
// Whether exactly this waits, or is asked for.
bool waits(const ovsdb_idl *idl, const Confirm &confirm);
bool is_asked(const ovsdb_idl *idl, const Confirm &confirm);
// The changes that wait, which must not be forgotten.
std::set<int64_t> waiting_changes(const ovsdb_idl *idl);

// Asks for it with all that is written in this transaction.
void ask_to_confirm(const ovsdb_idl *idl, ovsdb_idl_txn *txn,
                    const std::string &router, uint32_t seconds,
                    int64_t asked_at);
// It waits from the first; an Error if the router has something else to be
// confirmed.
Outcome write_begun(const ovsdb_idl *idl, ovsdb_idl_txn *txn,
                    const Confirm &confirm);
// It waits from now on.  A newer request than this one stays asked for.
void write_waiting(const ovsdb_idl *idl, const Confirm &confirm);
// Not asked for any more.
void write_no_request(const ovsdb_idl *idl, const Confirm &confirm);
// Waits no more; an Error if it does not, or for something else.
Outcome write_no_confirm(const ovsdb_idl *idl, const Confirm &confirm);

} // namespace snat
