// Rows of the OVS_SNAT database, to values and back, one function each.
#pragma once

#include "change/history.hh"
#include "change/world.hh"
#include "router/rows.hh"
#include "tables/idl.hh"

#include <span>

namespace snat {

Options read_map(const smap &map);
// Null if there is no such router.
const snatrec_router *find_router(ovsdb_idl_index *by_name,
                                  const std::string &name);
Nat_row read_nat_row(const snatrec_nat *nat);
// Which rows Router.nat has, sorted, as all sets of OVSDB are.  The IDL would
// make a list of its own of them whenever anything of their router's row is
// written, so it is told not to, before there is any row.
void leave_nat_unparsed();
std::span<const ovsdb_atom> nat_of(const snatrec_router *router);

// Those of the router.
Nat_rows read_nat_rows(const ovsdb_idl *idl, const snatrec_router *router);
Router_row read_router_row(const snatrec_router *router, Nat_rows nat);
// Rows that show it already are left alone; one that is gone needs nothing.
// As for all shows_...(): whether the rows are as write_...() makes them.
void write_status(const ovsdb_idl *idl, const Status &status);
bool shows_status(const ovsdb_idl *idl, const Status &status);
// The same of NAT rows: 'shown' is what they show.
void write_rule_statuses(const ovsdb_idl *idl, const Rule_statuses &shown,
                         const Rule_statuses &becomes);
bool shows_rule_statuses(const ovsdb_idl *idl, const Rule_statuses &shown,
                         const Rule_statuses &becomes);
// Column "statistics" of NAT rows.
void write_counts(const ovsdb_idl *idl,
                  const std::map<Row_id, Nat_count> &counts);
void write_settled(const ovsdb_idl *idl, ovsdb_idl_txn *txn, int64_t next_cfg);
bool shows_settled(const ovsdb_idl *idl, int64_t next_cfg);

} // namespace snat
