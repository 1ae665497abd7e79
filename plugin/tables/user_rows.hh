// The part of a router that stands on users' Interface rows, door 1, written
// back: their keys and their MTU request.  What does not differ is not
// written.
#pragma once

#include "router/result.hh"
#include "router/rows.hh"
#include "tables/idl.hh"

namespace snat {

// An Error if they are not as they 'were'; who changes one of them meanwhile
// makes the transaction fail.
Outcome write_user_rows(const ovsdb_idl *idl, const Router_row &was,
                        const Router_row &becomes);
bool shows_user_rows(const ovsdb_idl *idl, const Router_row &was,
                     const Router_row &becomes);
bool writes_user_rows(const Router_row &was, const Router_row &becomes);

} // namespace snat
