// Router rows as values (router/rows_for.hh) written back, one function for
// each database.  What does not differ is not written.
#pragma once

#include "router/result.hh"
#include "router/rows.hh"
#include "tables/idl.hh"

namespace snat {

// Door 2: Router and Router_Port rows.  An Error if they are not as they
// 'were'; who changes one of them meanwhile makes the transaction fail.
Outcome write_router_rows(const ovsdb_idl *idl, ovsdb_idl_txn *txn,
                          const Router_row &was, const Router_row &becomes);
bool shows_router_rows(const ovsdb_idl *idl, const Router_row &becomes);
bool writes_router_rows(const Router_row &was, const Router_row &becomes);

// Door 1: the keys and the MTU request of users' Interface rows.  The same
// holds for them.
Outcome write_user_rows(const ovsdb_idl *idl, const Router_row &was,
                        const Router_row &becomes);
bool shows_user_rows(const ovsdb_idl *idl, const Router_row &was,
                     const Router_row &becomes);
bool writes_user_rows(const Router_row &was, const Router_row &becomes);

} // namespace snat
