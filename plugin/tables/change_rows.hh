// Rows of table Change, to values and back: the history, and how long it may
// become.
#pragma once

#include "change/history.hh"
#include "change/world.hh"
#include "tables/idl.hh"

namespace snat {

// Whether a row has a number that a change can have.
bool is_numbered(const snatrec_change *row);
// And one behind which there is room for all that will ever be made: anybody
// may make a row.
bool leaves_room(const snatrec_change *row);
Record read_record(const snatrec_change *row);
// Null if there is no such change.
const snatrec_change *find_change(ovsdb_idl_index *by_number, uint64_t number);
Outcome write_change(ovsdb_idl_index *by_number, ovsdb_idl_txn *txn,
                     const Change &change, const Texts &texts);
// Whether the row is as write_change() makes it.
bool shows_change(ovsdb_idl_index *by_number, const Change &change);
// Deletes the oldest Change rows until 'keep' are left.  Kept in any case:
// what is not over or waits to be confirmed, and of each wired router the
// newest committed one, which says how it was last good.
void prune_changes(const ovsdb_idl *idl, size_t keep);

} // namespace snat
