// Which rows are neutron-sync's, and which are other people's.
#pragma once

#include "neutron-rows.hh"
#include "router/result.hh"
#include "snatctl.hh"

#include <set>
#include <string>
#include <vector>

namespace snat::ctl {

// The key of external_ids that a row of ours bears.
inline constexpr const char *mark = "neutron-sync";

template <typename Row>
bool
is_marked(const Row *row)
{
    return smap_get_bool(&row->external_ids, mark, false);
}

// Whether the router was made again without the mark, as "undo" does: it has a
// port of Neutron's, whose UUID nobody else has.
bool is_remade(const snatrec_router *router,
               const neutron::Wanted_router &wanted);
bool is_ours(const snatrec_router *router,
             const neutron::Wanted_router &wanted);

// The UUIDs of the router's ports and rules that are other people's.
std::set<std::string> foreign_rows(const ovsdb_idl *idl,
                                   const snatrec_router *router,
                                   const neutron::Wanted_router &wanted);

Error not_ours(const std::string &what, const std::string &whose);

// An Error if other people's rows have a name that is wanted.
Outcome check_names(const ovsdb_idl *idl,
                    const std::vector<neutron::Wanted_router> &wanted);

// The names of the routers that bear the mark.
std::set<std::string> marked_routers(const ovsdb_idl *idl);

} // namespace snat::ctl
