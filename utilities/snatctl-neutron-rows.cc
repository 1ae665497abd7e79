// See snatctl-neutron-rows.hh.
#include "snatctl-neutron-rows.hh"

#include "neutron-merge.hh"
#include "snatctl-neutron-owners.hh"
#include "snatctl.hh"
#include "tables/router_rows.hh"
#include "tables/snat_rows.hh"

#include <algorithm>
#include <map>

namespace snat::ctl {
namespace {

using neutron::merged;
using neutron::Wanted_route;
using neutron::Wanted_router;

const std::vector<std::string> router_keys{mark, "neutron:router_id",
                                           "neutron:revision_number"};

// Sets a map column, if 'becomes' is not what it has.
template <typename Row>
bool
write_map(const Row *row, const smap &there, const Options &becomes,
          void (*verify)(const Row *), void (*set)(const Row *, const smap *))
{
    if (read_map(there) == becomes) {
        return false;
    }
    smap map = SMAP_INITIALIZER(&map);
    for (const auto &[key, value] : becomes) {
        smap_add(&map, key.c_str(), value.c_str());
    }
    verify(row);
    set(row, &map);
    smap_destroy(&map);
    return true;
}

bool
write_router_maps(const snatrec_router *row, const Wanted_router &wanted)
{
    Options ids = wanted.external_ids;
    ids[mark] = "true";
    const bool options
        = write_map(row, row->options,
                    merged(read_map(row->options), neutron::router_options,
                           wanted.options),
                    snatrec_router_verify_options, snatrec_router_set_options);
    const bool external_ids = write_map(
        row, row->external_ids,
        merged(read_map(row->external_ids), router_keys, ids),
        snatrec_router_verify_external_ids, snatrec_router_set_external_ids);
    return options || external_ids;
}

template <typename Row>
bool
write_mark(const Row *row, void (*verify)(const Row *),
           void (*set)(const Row *, const smap *))
{
    Options ids = read_map(row->external_ids);
    ids[mark] = "true";
    return write_map(row, row->external_ids, ids, verify, set);
}

// All but the foreign ones.  True if one of them had no mark.
bool
mark_rows(const ovsdb_idl *idl, const snatrec_router *router,
          const std::set<std::string> &foreign)
{
    bool any = false;
    for (const auto *port : ports(router)) {
        if (!foreign.contains(uuid_text(port->header_))) {
            any |= write_mark<snatrec_router_port>(
                port, snatrec_router_port_verify_external_ids,
                snatrec_router_port_set_external_ids);
        }
    }
    for (const auto *rule : nat(idl, router)) {
        if (!foreign.contains(uuid_text(rule->header_))) {
            any |= write_mark(rule, snatrec_nat_verify_external_ids,
                              snatrec_nat_set_external_ids);
        }
    }
    return any;
}

Wanted_route
read_route(const snatrec_static_route *row)
{
    return {row->ip_prefix, row->nexthop,
            row->output_port ? row->output_port : ""};
}

snatrec_static_route *
insert_route(ovsdb_idl_txn *txn, const Wanted_route &route)
{
    auto *row = snatrec_static_route_insert(txn);
    snatrec_static_route_set_ip_prefix(row, route.ip_prefix.c_str());
    snatrec_static_route_set_nexthop(row, route.nexthop.c_str());
    if (!route.output_port.empty()) {
        snatrec_static_route_set_output_port(row, route.output_port.c_str());
    }
    write_mark<snatrec_static_route>(row,
                                     snatrec_static_route_verify_external_ids,
                                     snatrec_static_route_set_external_ids);
    return row;
}

// Whether it says nothing more than a route of Neutron's can.
bool
is_plain(const snatrec_static_route *row)
{
    return (!row->policy || !strcmp(row->policy, "dst-ip")) && !row->n_metric
           && smap_is_empty(&row->options);
}

// One of other people's that says the same is as good as ours, as with rules.
// In a router that was made again it is ours.
bool
write_routes(ovsdb_idl_txn *txn, const snatrec_router *router,
             const std::vector<Wanted_route> &wanted, bool remade)
{
    std::set<Wanted_route> lacking{wanted.begin(), wanted.end()};
    std::vector<snatrec_static_route *> all;
    for (auto *row : static_routes(router)) {
        const bool is_wanted = is_plain(row) && lacking.erase(read_route(row));
        if (is_wanted || !is_marked(row)) {
            all.push_back(row);
        }
        if (is_wanted && remade) {
            write_mark<snatrec_static_route>(
                row, snatrec_static_route_verify_external_ids,
                snatrec_static_route_set_external_ids);
        }
    }
    if (all.size() == router->n_static_routes && lacking.empty()) {
        return false;
    }
    for (const Wanted_route &route : lacking) {
        all.push_back(insert_route(txn, route));
    }
    snatrec_router_verify_static_routes(router);
    snatrec_router_set_static_routes(router, all.data(), all.size());
    return true;
}

// Whether it would have nothing that is somebody's.
bool
is_empty(const snatrec_router *there, const Router_row &becomes)
{
    return becomes.ports.empty() && becomes.nat.empty()
           && (!there
               || std::ranges::all_of(static_routes(there),
                                      is_marked<snatrec_static_route>));
}

} // namespace

void
replicate_marks(ovsdb_idl *idl)
{
    for (const auto *column : {
             &snatrec_router_col_options,
             &snatrec_router_col_external_ids,
             &snatrec_router_port_col_external_ids,
             &snatrec_nat_col_options,
             &snatrec_nat_col_external_ids,
             &snatrec_static_route_col_external_ids,
         }) {
        ovsdb_idl_add_column(idl, column);
    }
}

Result<Effect>
write_wanted(const ovsdb_idl *idl, ovsdb_idl_txn *txn,
             const Wanted_router &wanted)
{
    const auto *there = find_router(idl, wanted.name);
    if (there && !is_ours(there, wanted) && wanted.here) {
        return not_ours("router " + wanted.name, "a router");
    }
    if (!wanted.here && (!there || !is_marked(there))) {
        return Effect::none;
    }
    Router_row was;
    was.name = wanted.name;
    if (there) {
        was = read_router_row(there, read_nat_rows(idl, there));
    }
    const bool remade = there && is_remade(there, wanted);
    const auto foreign
        = there ? foreign_rows(idl, there, wanted) : std::set<std::string>{};
    Router_row row = neutron::becomes(was, wanted, foreign);
    const bool goes = !wanted.here && is_empty(there, row);
    if (goes) {
        row.id.reset();
    }
    if (auto written = write_router_rows(idl, txn, was, row); !written) {
        return written.error();
    }
    if (goes) {
        return Effect::removed;
    }
    const auto *router = find_router(idl, wanted.name);
    bool differs = writes_router_rows(was, row);
    differs |= mark_rows(idl, router, foreign);
    differs |= write_routes(txn, router, wanted.routes, remade);
    differs |= wanted.here && write_router_maps(router, wanted);
    return !there ? Effect::added : differs ? Effect::changed : Effect::none;
}

} // namespace snat::ctl
