#include "tables/snat_rows.hh"

#include <algorithm>
#include <map>
#include <vector>

namespace snat {
namespace {

std::string
text(const char *nullable)
{
    return nullable ? nullable : "";
}

std::vector<std::string>
read_set(char **values, size_t n)
{
    return {values, values + n};
}

Row_id
row_id(Table table, const ovsdb_idl_row &row)
{
    return {table, uuid_text(row)};
}

Port_row
read_port(const snatrec_router_port *port)
{
    Port_row row;
    row.id = row_id(Table::router_port, port->header_);
    row.name = port->name;
    row.role = text(port->role);
    if (port->bridge) {
        row.bridge = port->bridge;
    }
    if (port->n_tag) {
        row.tag = port->tag[0];
    }
    row.mac = text(port->mac);
    row.networks = read_set(port->networks, port->n_networks);
    row.gateway_ips = read_set(port->gateway_ips, port->n_gateway_ips);
    if (port->n_mtu) {
        row.mtu = port->mtu[0];
    }
    row.options = read_map(port->options);
    row.wiring = get(port->options, "wiring");
    row.snat_address = get(port->options, "snat-address");
    if (const char *id = smap_get(&port->external_ids, "iface-id")) {
        row.external_ids["iface-id"] = id;
    }
    return row;
}

Route_row
read_route(const snatrec_static_route *route)
{
    Route_row row;
    row.id = row_id(Table::static_route, route->header_);
    row.ip_prefix = route->ip_prefix;
    row.nexthop = route->nexthop;
    row.output_port = text(route->output_port);
    row.policy = text(route->policy);
    if (route->n_metric) {
        row.metric = route->metric[0];
    }
    row.options = read_map(route->options);
    return row;
}

// The columns "state" and "error", which four tables have alike.
template <typename Row>
bool
shows_state(const ovsdb_idl *idl, const Row_id &id, const Row_status &status)
{
    const Row *row = find_row<Row>(idl, id.uuid);
    return !row
           || (text(row->state) == to_string(status.state)
               && text(row->error) == status.error);
}

bool
shows_row_status(const ovsdb_idl *idl, const Row_id &id,
                 const Row_status &status)
{
    switch (id.table) {
    case Table::router:
        return shows_state<snatrec_router>(idl, id, status);
    case Table::router_port:
        return shows_state<snatrec_router_port>(idl, id, status);
    case Table::nat:
        return shows_state<snatrec_nat>(idl, id, status);
    case Table::static_route:
        return shows_state<snatrec_static_route>(idl, id, status);
    case Table::interface:
        break; // Not of this database.
    }
    return true;
}

bool
shows_number(const snatrec_router *router, uint64_t number)
{
    return router->n_change
           && router->change[0] == static_cast<int64_t>(number);
}

template <typename Row>
void
write_state(const ovsdb_idl *idl, const Row_id &id, const Row_status &status,
            void (*set_state)(const Row *, const char *),
            void (*set_error)(const Row *, const char *))
{
    const Row *row = find_row<Row>(idl, id.uuid);
    if (!row) {
        return;
    }
    if (text(row->state) != to_string(status.state)) {
        set_state(row, to_string(status.state));
    }
    if (text(row->error) != status.error) {
        set_error(row, status.error.empty() ? nullptr : status.error.c_str());
    }
}

void
write_row_status(const ovsdb_idl *idl, const Row_id &id,
                 const Row_status &status)
{
    switch (id.table) {
    case Table::router:
        write_state<snatrec_router>(idl, id, status, snatrec_router_set_state,
                                    snatrec_router_set_error);
        break;
    case Table::router_port:
        write_state<snatrec_router_port>(idl, id, status,
                                         snatrec_router_port_set_state,
                                         snatrec_router_port_set_error);
        break;
    case Table::nat:
        write_state<snatrec_nat>(idl, id, status, snatrec_nat_set_state,
                                 snatrec_nat_set_error);
        break;
    case Table::static_route:
        write_state<snatrec_static_route>(idl, id, status,
                                          snatrec_static_route_set_state,
                                          snatrec_static_route_set_error);
        break;
    case Table::interface:
        break; // Not of this database.
    }
}

} // namespace

Options
read_map(const smap &map)
{
    Options options;
    const smap_node *node;
    SMAP_FOR_EACH(node, &map)
    {
        options[node->key] = node->value;
    }
    return options;
}

const snatrec_router *
find_router(ovsdb_idl_index *by_name, const std::string &name)
{
    const auto *wanted = snatrec_router_index_init_row(by_name);
    snatrec_router_index_set_name(wanted, name.c_str());
    const auto *found = snatrec_router_index_find(by_name, wanted);
    snatrec_router_index_destroy_row(wanted);
    return found;
}

Nat_row
read_nat_row(const snatrec_nat *nat)
{
    Nat_row row;
    row.id = row_id(Table::nat, nat->header_);
    row.type = nat->type;
    row.external_ip = nat->external_ip;
    row.logical_ip = nat->logical_ip;
    row.protocol = text(nat->protocol);
    row.external_port = nat->external_port;
    row.internal_port = nat->internal_port;
    row.gateway_port = text(nat->gateway_port);
    row.options = read_map(nat->options);
    return row;
}

void
leave_nat_unparsed()
{
    snatrec_router_col_nat.parse = [](ovsdb_idl_row *, const ovsdb_datum *) {};
    snatrec_router_col_nat.unparse = [](ovsdb_idl_row *) {};
}

std::span<const ovsdb_atom>
nat_of(const snatrec_router *router)
{
    const ovsdb_datum *datum
        = ovsdb_idl_read(&router->header_, &snatrec_router_col_nat);
    return {datum->keys, datum->n};
}

Nat_rows
read_nat_rows(const ovsdb_idl *idl, const snatrec_router *router)
{
    Nat_rows all;
    for (const ovsdb_atom &atom : nat_of(router)) {
        if (const auto *nat = snatrec_nat_get_for_uuid(idl, &atom.uuid)) {
            const Nat_row row = read_nat_row(nat);
            all.set(row.id.uuid, row);
        }
    }
    return all;
}

Router_row
read_router_row(const snatrec_router *router, Nat_rows nat)
{
    Router_row row;
    row.id = row_id(Table::router, router->header_);
    row.name = router->name;
    row.enabled = !router->n_enabled || router->enabled[0];
    row.enable_snat = !router->n_enable_snat || router->enable_snat[0];
    row.options = read_map(router->options);
    for (size_t i = 0; i < router->n_ports; i++) {
        row.ports.push_back(read_port(router->ports[i]));
    }
    row.nat = std::move(nat);
    for (size_t i = 0; i < router->n_static_routes; i++) {
        const Route_row route = read_route(router->static_routes[i]);
        row.static_routes.emplace(route.id.uuid, route);
    }
    return row;
}

void
write_status(const ovsdb_idl *idl, const Status &status)
{
    for (const auto &[id, row_status] : status.rows) {
        write_row_status(idl, id, row_status);
    }
    if (!status.router_row) {
        return;
    }
    write_row_status(idl, *status.router_row, status.router);
    const auto *router
        = find_row<snatrec_router>(idl, status.router_row->uuid);
    const auto number = static_cast<int64_t>(status.change);
    if (router && number && !shows_number(router, status.change)) {
        snatrec_router_set_change(router, &number, 1);
    }
}

bool
shows_status(const ovsdb_idl *idl, const Status &status)
{
    const bool shown
        = std::ranges::all_of(status.rows, [idl](const auto &row) {
              return shows_row_status(idl, row.first, row.second);
          });
    if (!shown || !status.router_row) {
        return shown;
    }
    const auto *router
        = find_row<snatrec_router>(idl, status.router_row->uuid);
    return !router
           || (shows_row_status(idl, *status.router_row, status.router)
               && (!status.change || shows_number(router, status.change)));
}

void
write_rule_statuses(const ovsdb_idl *idl, const Rule_statuses &shown,
                    const Rule_statuses &becomes)
{
    for_each_difference(
        shown, becomes,
        [&](const Row_id &id, const Row_status *, const Row_status *fresh) {
            if (fresh) {
                write_row_status(idl, id, *fresh);
            }
        });
}

bool
shows_rule_statuses(const ovsdb_idl *idl, const Rule_statuses &shown,
                    const Rule_statuses &becomes)
{
    bool shows = true;
    for_each_difference(
        shown, becomes,
        [&](const Row_id &id, const Row_status *, const Row_status *fresh) {
            shows &= !fresh || shows_row_status(idl, id, *fresh);
        });
    return shows;
}

void
write_counts(const ovsdb_idl *idl, const std::map<Row_id, Nat_count> &counts)
{
    for (const auto &[id, count] : counts) {
        const auto *row = find_row<snatrec_nat>(idl, id.uuid);
        if (!row) {
            continue;
        }
        const char *keys[]
            = {"bytes", "flows", "packets", "reply_bytes", "reply_packets"};
        const int64_t values[] = {
            int64_t(count.bytes), int64_t(count.flows), int64_t(count.packets),
            int64_t(count.reply_bytes), int64_t(count.reply_packets)};
        snatrec_nat_set_statistics(row, keys, values, std::size(keys));
    }
}

void
write_settled(const ovsdb_idl *idl, ovsdb_idl_txn *txn, int64_t next_cfg)
{
    const auto *global = snatrec_snat_global_first(idl);
    if (!global) {
        global = snatrec_snat_global_insert(txn);
    }
    if (global->cur_cfg != next_cfg) {
        snatrec_snat_global_set_cur_cfg(global, next_cfg);
    }
}

bool
shows_settled(const ovsdb_idl *idl, int64_t next_cfg)
{
    const auto *global = snatrec_snat_global_first(idl);
    return global && global->cur_cfg == next_cfg;
}

} // namespace snat
