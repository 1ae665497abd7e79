#include "tables/router_rows.hh"

#include "tables/port_rows.hh"
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

const ovsrec_interface *
find_user_row(const ovsdb_idl *idl, const Row_id &id)
{
    const auto *found = find_row<ovsrec_interface>(idl, id.uuid);
    return found && !is_owned(found) ? found : nullptr;
}

const Port_row *
find_port(const Router_row &router, const Row_id &id)
{
    const auto found = std::ranges::find(router.ports, id, &Port_row::id);
    return found == router.ports.end() ? nullptr : &*found;
}

// All that is ours to write of a row of door 1.
struct Content {
    Options keys;
    std::optional<int64_t> mtu;

    bool operator==(const Content &) const = default;
};

struct User_row {
    Row_id id;
    Content was, becomes;
};

Content
content_of(const Port_row &port)
{
    return {port.options, port.mtu};
}

// Of one that is not in the router, before or after: the MTU is not its.
Content
no_keys(const Port_row &port)
{
    return {{}, port.mtu};
}

std::vector<User_row>
user_rows(const Router_row &was, const Router_row &becomes)
{
    std::vector<User_row> out;
    for (const Port_row &port : becomes.ports) {
        const Port_row *old = find_port(was, port.id);
        if (port.is_door1() && (!old || *old != port)) {
            out.push_back({port.id, old ? content_of(*old) : no_keys(port),
                           content_of(port)});
        }
    }
    for (const Port_row &port : was.ports) {
        if (port.is_door1() && !find_port(becomes, port.id)) {
            out.push_back({port.id, content_of(port), no_keys(port)});
        }
    }
    return out;
}

std::optional<int64_t>
mtu_of(const ovsrec_interface *row)
{
    return row->n_mtu_request ? std::optional{row->mtu_request[0]}
                              : std::nullopt;
}

Content
content_of(const ovsrec_interface *row)
{
    return {read_port_keys(row), mtu_of(row)};
}

void
write_user_row(const ovsrec_interface *row, const Content &becomes)
{
    ovsrec_interface_verify_external_ids(row);
    ovsrec_interface_verify_mtu_request(row);
    const Options now = read_port_keys(row);
    for (const auto &[key, value] : becomes.keys) {
        const auto old = now.find(key);
        if (old == now.end() || old->second != value) {
            ovsrec_interface_update_external_ids_setkey(row, key.c_str(),
                                                        value.c_str());
        }
    }
    for (const auto &[key, value] : now) {
        if (!becomes.keys.contains(key)) {
            ovsrec_interface_update_external_ids_delkey(row, key.c_str());
        }
    }
    if (mtu_of(row) != becomes.mtu) {
        const int64_t mtu = becomes.mtu.value_or(0);
        ovsrec_interface_set_mtu_request(row, &mtu, becomes.mtu.has_value());
    }
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

Outcome
write_user_rows(const ovsdb_idl *idl, const Router_row &was,
                const Router_row &becomes)
{
    const auto all = user_rows(was, becomes);
    for (const User_row &user : all) {
        const auto *row = find_user_row(idl, user.id);
        if (!row) {
            return Error{0, "a port of router " + was.name
                                + " has been deleted meanwhile"};
        }
        const Content now = content_of(row);
        if (now != user.was && now != user.becomes) {
            return Error{0, "the keys of port " + std::string{row->name}
                                + " have been edited meanwhile"};
        }
    }
    for (const User_row &user : all) {
        write_user_row(find_user_row(idl, user.id), user.becomes);
    }
    return Done{};
}

bool
shows_user_rows(const ovsdb_idl *idl, const Router_row &was,
                const Router_row &becomes)
{
    return std::ranges::all_of(
        user_rows(was, becomes), [idl](const User_row &user) {
            const auto *row = find_user_row(idl, user.id);
            return !row || content_of(row) == user.becomes;
        });
}

bool
writes_user_rows(const Router_row &was, const Router_row &becomes)
{
    return !user_rows(was, becomes).empty();
}

} // namespace snat
