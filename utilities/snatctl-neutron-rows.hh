// Rows that are wanted (neutron-rows.hh), written where they differ from those
// that are there.  What neutron-sync has written bears a mark in its
// external_ids; rows without it are other people's, and are not touched.
#pragma once

#include "neutron-rows.hh"
#include "router/result.hh"
#include "tables/ovs.hh"

namespace snat::ctl {

// The columns that all this reads beside those of replicate_routers().
void replicate_marks(ovsdb_idl *idl);

enum class Effect { none, added, changed, removed };

// Makes one router as it is wanted, and tells what that did to its rows.
Result<Effect> write_wanted(const ovsdb_idl *idl, ovsdb_idl_txn *txn,
                            const neutron::Wanted_router &wanted);

} // namespace snat::ctl
