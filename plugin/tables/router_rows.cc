#include "tables/router_rows.hh"

#include "tables/snat_rows.hh"

#include <algorithm>
#include <tuple>

namespace snat {
namespace {

// A map for the IDL, as long as it is needed.
class Smap {
public:
    explicit Smap(const Options &options)
    {
        smap_init(&map_);
        for (const auto &[key, value] : options) {
            smap_add(&map_, key.c_str(), value.c_str());
        }
    }
    ~Smap() { smap_destroy(&map_); }
    Smap(const Smap &) = delete;
    Smap &operator=(const Smap &) = delete;
    const smap *
    get() const
    {
        return &map_;
    }

private:
    smap map_;
};

std::vector<const char *>
pointers(const std::vector<std::string> &texts)
{
    std::vector<const char *> out;
    for (const std::string &text : texts) {
        out.push_back(text.c_str());
    }
    return out;
}

const char *
text_or_null(const std::string &text)
{
    return text.empty() ? nullptr : text.c_str();
}

Router_row
door2_part(Router_row row)
{
    std::erase_if(row.ports, [](const auto &p) { return p.is_door1(); });
    return row;
}

const snatrec_router *
find_router(const ovsdb_idl *idl, const std::string &name)
{
    for (const auto *router : rows<snatrec_router>(idl)) {
        if (router->name == name) {
            return router;
        }
    }
    return nullptr;
}

Router_row
read_now(const ovsdb_idl *idl, const std::string &name)
{
    const auto *router = find_router(idl, name);
    Router_row none;
    none.name = name;
    return router ? read_router_row(router, read_nat_rows(idl, router)) : none;
}

Route_rows
renamed(const Route_rows &routes)
{
    std::vector<Route_row> all;
    for (const auto &[uuid, route] : routes) {
        all.push_back(route);
        all.back().id.uuid.clear();
    }
    std::ranges::sort(all, {}, [](const Route_row &route) {
        return std::tie(route.ip_prefix, route.nexthop, route.output_port,
                        route.policy, route.metric, route.options);
    });
    Route_rows out;
    for (const Route_row &route : all) {
        out.emplace(std::to_string(out.size()), route);
    }
    return out;
}

// As it is but for its UUIDs: a row that was made has one that nobody knew.
Router_row
without_ids(Router_row row)
{
    for (Port_row &port : row.ports) {
        port.id.uuid.clear();
    }
    std::ranges::sort(row.ports, {}, &Port_row::name);
    std::vector<Nat_row> all;
    for (const auto &[uuid, nat] : row.nat) {
        all.push_back(nat);
        all.back().id.uuid.clear();
    }
    std::ranges::sort(all, {}, [](const Nat_row &nat) {
        return std::tie(nat.type, nat.external_ip, nat.logical_ip,
                        nat.protocol, nat.external_port, nat.internal_port,
                        nat.gateway_port, nat.options);
    });
    row.nat = {};
    for (const Nat_row &nat : all) {
        row.nat.set(std::to_string(row.nat.size()), nat);
    }
    row.static_routes = renamed(row.static_routes);
    if (row.id) {
        row.id->uuid.clear();
    }
    return row;
}

void
write_optional(const snatrec_router_port *row,
               const std::optional<int64_t> &value,
               void (*set)(const snatrec_router_port *, const int64_t *,
                           size_t))
{
    const int64_t number = value.value_or(0);
    set(row, &number, value.has_value());
}

// The option map and external_ids hold more than a Port_row knows of.
Options
changed(Options all, const Options &was, const Options &becomes)
{
    for (const auto &[key, value] : was) {
        all.erase(key);
    }
    all.insert(becomes.begin(), becomes.end());
    return all;
}

void
write_maps(const snatrec_router_port *row, const Port_row &was,
           const Port_row &becomes)
{
    if (was.options != becomes.options) {
        snatrec_router_port_verify_options(row);
        const Smap options{
            changed(read_map(row->options), was.options, becomes.options)};
        snatrec_router_port_set_options(row, options.get());
    }
    if (was.external_ids != becomes.external_ids) {
        snatrec_router_port_verify_external_ids(row);
        const Smap ids{changed(read_map(row->external_ids), was.external_ids,
                               becomes.external_ids)};
        snatrec_router_port_set_external_ids(row, ids.get());
    }
}

void
verify_port(const snatrec_router_port *row)
{
    snatrec_router_port_verify_role(row);
    snatrec_router_port_verify_bridge(row);
    snatrec_router_port_verify_tag(row);
    snatrec_router_port_verify_mac(row);
    snatrec_router_port_verify_networks(row);
    snatrec_router_port_verify_gateway_ips(row);
    snatrec_router_port_verify_mtu(row);
}

void
write_port(const snatrec_router_port *row, const Port_row &was,
           const Port_row &becomes)
{
    verify_port(row);
    if (was.role != becomes.role) {
        snatrec_router_port_set_role(row, text_or_null(becomes.role));
    }
    if (was.bridge != becomes.bridge) {
        snatrec_router_port_set_bridge(
            row, becomes.bridge ? becomes.bridge->c_str() : nullptr);
    }
    if (was.tag != becomes.tag) {
        write_optional(row, becomes.tag, snatrec_router_port_set_tag);
    }
    if (was.mac != becomes.mac) {
        snatrec_router_port_set_mac(row, text_or_null(becomes.mac));
    }
    if (was.networks != becomes.networks) {
        snatrec_router_port_set_networks(
            row, pointers(becomes.networks).data(), becomes.networks.size());
    }
    if (was.gateway_ips != becomes.gateway_ips) {
        snatrec_router_port_set_gateway_ips(
            row, pointers(becomes.gateway_ips).data(),
            becomes.gateway_ips.size());
    }
    if (was.mtu != becomes.mtu) {
        write_optional(row, becomes.mtu, snatrec_router_port_set_mtu);
    }
    write_maps(row, was, becomes);
}

// Writes each port, and tells which rows the router shall have.
std::vector<snatrec_router_port *>
write_ports(const ovsdb_idl *idl, ovsdb_idl_txn *txn, const Router_row &was,
            const Router_row &becomes)
{
    std::vector<snatrec_router_port *> all;
    for (const Port_row &port : becomes.ports) {
        const auto old = std::ranges::find(was.ports, port.id, &Port_row::id);
        const snatrec_router_port *row;
        if (old == was.ports.end()) {
            row = snatrec_router_port_insert(txn);
            snatrec_router_port_set_name(row, port.name.c_str());
            write_port(row, Port_row{}, port);
        } else {
            row = find_row<snatrec_router_port>(idl, port.id.uuid);
            if (*old != port) {
                write_port(row, *old, port);
            }
        }
        all.push_back(const_cast<snatrec_router_port *>(row));
    }
    return all;
}

// Rows of rules are made or let go of, never changed.
std::vector<uuid>
write_nat(const ovsdb_idl *idl, ovsdb_idl_txn *txn, const Router_row &becomes)
{
    std::vector<uuid> all;
    for (const auto &[uuid, nat] : becomes.nat) {
        const snatrec_nat *row = find_row<snatrec_nat>(idl, nat.id.uuid);
        if (!row) {
            row = snatrec_nat_insert(txn);
            snatrec_nat_set_type(row, nat.type.c_str());
            snatrec_nat_set_external_ip(row, nat.external_ip.c_str());
            snatrec_nat_set_logical_ip(row, nat.logical_ip.c_str());
            snatrec_nat_set_protocol(row, text_or_null(nat.protocol));
            snatrec_nat_set_external_port(row, nat.external_port.c_str());
            snatrec_nat_set_internal_port(row, nat.internal_port.c_str());
            snatrec_nat_set_gateway_port(row, text_or_null(nat.gateway_port));
            const Smap options{nat.options};
            snatrec_nat_set_options(row, options.get());
        }
        all.push_back(row->header_.uuid);
    }
    return all;
}

std::vector<snatrec_static_route *>
write_routes(const ovsdb_idl *idl, ovsdb_idl_txn *txn,
             const Router_row &becomes)
{
    std::vector<snatrec_static_route *> all;
    for (const auto &[uuid, route] : becomes.static_routes) {
        const auto *row = find_row<snatrec_static_route>(idl, route.id.uuid);
        if (!row) {
            row = snatrec_static_route_insert(txn);
            snatrec_static_route_set_ip_prefix(row, route.ip_prefix.c_str());
            snatrec_static_route_set_nexthop(row, route.nexthop.c_str());
            snatrec_static_route_set_output_port(
                row, text_or_null(route.output_port));
            snatrec_static_route_set_policy(row, text_or_null(route.policy));
            const int64_t metric = route.metric.value_or(0);
            snatrec_static_route_set_metric(row, &metric,
                                            route.metric.has_value());
            const Smap options{route.options};
            snatrec_static_route_set_options(row, options.get());
        }
        all.push_back(const_cast<snatrec_static_route *>(row));
    }
    return all;
}

// Empty means true.
void
write_switches(const snatrec_router *row, const Router_row &was,
               const Router_row &becomes)
{
    const bool off = false;
    if (was.enabled != becomes.enabled) {
        snatrec_router_set_enabled(row, &off, !becomes.enabled);
    }
    if (was.enable_snat != becomes.enable_snat) {
        snatrec_router_set_enable_snat(row, &off, !becomes.enable_snat);
    }
    if (was.options != becomes.options) {
        const Smap options{becomes.options};
        snatrec_router_set_options(row, options.get());
    }
}

std::vector<std::string>
port_ids(const Router_row &row)
{
    std::vector<std::string> ids;
    for (const Port_row &port : row.ports) {
        ids.push_back(port.id.uuid);
    }
    std::ranges::sort(ids);
    return ids;
}

void
verify_router(const snatrec_router *row)
{
    snatrec_router_verify_enabled(row);
    snatrec_router_verify_enable_snat(row);
    snatrec_router_verify_options(row);
    snatrec_router_verify_ports(row);
    snatrec_router_verify_nat(row);
    snatrec_router_verify_static_routes(row);
}

} // namespace

Outcome
write_router_rows(const ovsdb_idl *idl, ovsdb_idl_txn *txn,
                  const Router_row &all_was, const Router_row &all_become)
{
    const Router_row was = door2_part(all_was);
    const Router_row becomes = door2_part(all_become);
    if (door2_part(read_now(idl, was.name)) != was) {
        return Error{0, "the rows of router " + was.name
                            + " have been edited meanwhile"};
    }
    const auto *row = find_router(idl, was.name);
    if (was == becomes) {
        return Done{};
    }
    if (row) {
        verify_router(row);
    }
    if (!becomes.id) {
        snatrec_router_delete(row);
        return Done{};
    }
    if (!row) {
        row = snatrec_router_insert(txn);
        snatrec_router_set_name(row, becomes.name.c_str());
    }
    write_switches(row, was, becomes);
    auto ports = write_ports(idl, txn, was, becomes);
    if (port_ids(was) != port_ids(becomes)) {
        snatrec_router_set_ports(row, ports.data(), ports.size());
    }
    if (was.nat != becomes.nat) {
        const auto nat = write_nat(idl, txn, becomes);
        snatrec_router_set_nat(row, nat.data(), nat.size());
    }
    if (was.static_routes != becomes.static_routes) {
        auto routes = write_routes(idl, txn, becomes);
        snatrec_router_set_static_routes(row, routes.data(), routes.size());
    }
    return Done{};
}

bool
shows_router_rows(const ovsdb_idl *idl, const Router_row &becomes)
{
    return without_ids(door2_part(read_now(idl, becomes.name)))
           == without_ids(door2_part(becomes));
}

bool
writes_router_rows(const Router_row &was, const Router_row &becomes)
{
    return door2_part(was) != door2_part(becomes);
}

} // namespace snat
