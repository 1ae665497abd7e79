// Routers of the database as values to be shown (view.hh).
#pragma once

#include "tables/ovs.hh"
#include "view.hh"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace snat::ctl {

view::Shown_rule shown(const snatrec_nat *rule);
view::Shown_route shown(const snatrec_static_route *route);

// "key=value", sorted.
std::vector<std::string> texts(const smap &options);

// What the rows say of a router, and no more.
view::Shown_router rows_of(const ovsdb_idl *idl, const snatrec_router *router);

// What read_views() reads.
void replicate_views(ctl_context *ctx);

// If all that the command line wants is to show routers, asks the database
// only for what is told of them: of those that a command names, or of all, but
// without the rules and routes that are well.
void narrow_replica(ovsdb_idl *idl, std::span<const ctl_command> commands);

// Whether there are rules and routes that have not been asked for, but so few
// that they shall be told.  They are asked for then, and are there when the
// database has changed.
bool waits_for_rules(ovsdb_idl *idl);
size_t unseen_rules(const ovsdb_idl *idl, const snatrec_router *router);
size_t unseen_routes(const snatrec_router *router);

// All routers, in an order that a person expects: those with a row, and those
// that are wired by way of ovs-vsctl, which are known from the history.
std::vector<view::Shown_router> read_views(const ovsdb_idl *idl);

// All of them, or the one that the command's argument names; an error if there
// is no such router.
std::vector<view::Shown_router> views_asked_for(ctl_context *ctx);

} // namespace snat::ctl
