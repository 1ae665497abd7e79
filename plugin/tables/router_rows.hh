// Router rows of OVS_SNAT, door 2, as values (router/rows_for.hh) written
// back. What does not differ is not written.
#pragma once

#include "router/result.hh"
#include "router/rows.hh"
#include "tables/idl.hh"

namespace snat {

// The router with its ports, rules and routes.  An Error if they are not as
// they 'were'; who changes one of them meanwhile makes the transaction fail.
Outcome write_router_rows(const ovsdb_idl *idl, ovsdb_idl_txn *txn,
                          const Router_row &was, const Router_row &becomes);
bool shows_router_rows(const ovsdb_idl *idl, const Router_row &becomes);
bool writes_router_rows(const Router_row &was, const Router_row &becomes);

} // namespace snat
