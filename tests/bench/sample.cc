#include "sample.hh"

#include "router/accept.hh"

#include <cstring>

namespace bench {
namespace {

constexpr int addresses_each = 16;
constexpr int tags = 4000;

// Of 198.18.0.0/15; the first 256 are others'.
std::string
outside(int number, int of_router)
{
    const int n = 256 + number * addresses_each + of_router;
    return "198." + std::to_string(18 + (n >> 16)) + "."
           + std::to_string(n >> 8 & 255) + "." + std::to_string(n & 255);
}

std::string
name_of(const Sample &sample, const char *kind, int of_kind)
{
    return kind + std::string{sample.is_floor ? "f-" : "g-"}
           + std::to_string(sample.number)
           + (of_kind ? "-" + std::to_string(of_kind) : "");
}

snat::Port_row
gateway_of(const Sample &sample)
{
    snat::Port_row row;
    row.name = name_of(sample, "q", 0);
    row.role = "gateway";
    row.bridge = "br-ex";
    row.wiring = sample.wiring;
    row.networks = {outside(sample.number, 0) + "/15"};
    row.gateway_ips = {"198.18.0.1"};
    return row;
}

// Each router has a VLAN of its own, as tenants have.
snat::Port_row
internal_of(const Sample &sample, int of_router)
{
    snat::Port_row row;
    row.name = name_of(sample, "s", of_router + 1);
    row.role = "internal";
    row.bridge = "br-int";
    row.tag = 1 + sample.number % tags;
    row.wiring = sample.wiring;
    row.networks = {"10.0." + std::to_string(of_router) + ".1/24"};
    return row;
}

snat::Nat_row
floating_ip_of(const Sample &sample, int of_router)
{
    snat::Nat_row row;
    row.type = "dnat_and_snat";
    row.external_ip = outside(sample.number, of_router + 1);
    row.logical_ip = "10.0.0." + std::to_string(of_router + 10);
    return row;
}

void
add_port_row(ovsdb_idl_txn *txn, const snatrec_router *router,
             const snat::Port_row &row)
{
    auto *port = add_port(txn, row.name.c_str(), row.bridge->c_str(),
                          row.networks[0].c_str(), row.wiring.c_str());
    snatrec_router_port_set_role(port, row.role.c_str());
    if (row.tag) {
        snatrec_router_port_set_tag(port, &*row.tag, 1);
    }
    if (!row.gateway_ips.empty()) {
        const char *gateway = row.gateway_ips[0].c_str();
        snatrec_router_port_set_gateway_ips(port, &gateway, 1);
    }
    snatrec_router_update_ports_addvalue(router, port);
}

void
add_nat_row(ovsdb_idl_txn *txn, const snatrec_router *router,
            const snat::Nat_row &row)
{
    const auto *nat = snatrec_nat_insert(txn);
    snatrec_nat_set_type(nat, row.type.c_str());
    snatrec_nat_set_external_ip(nat, row.external_ip.c_str());
    snatrec_nat_set_logical_ip(nat, row.logical_ip.c_str());
    snatrec_router_update_nat_addvalue(router, nat->header_.uuid);
}

} // namespace

snat::Router_row
rows_of(const Sample &sample)
{
    snat::Router_row router;
    router.id = snat::Row_id{snat::Table::router, "router"};
    router.name = name_of(sample, "r", 0);
    // Whoever sees the floor's has nothing to do.
    router.enabled = !sample.is_floor;
    router.ports = {gateway_of(sample)};
    for (int i = 0; i < sample.internal_ports; i++) {
        router.ports.push_back(internal_of(sample, i));
    }
    for (auto &port : router.ports) {
        port.id = {snat::Table::router_port, port.name};
    }
    for (int i = 0; i < sample.floating_ips; i++) {
        auto row = floating_ip_of(sample, i);
        row.id = {snat::Table::nat, row.external_ip};
        router.nat.insert(row.id.uuid, row);
    }
    return router;
}

void
add_rows(ovsdb_idl_txn *txn, const snat::Router_row &rows)
{
    auto *router = snatrec_router_insert(txn);
    snatrec_router_set_name(router, rows.name.c_str());
    if (!rows.enabled) {
        snatrec_router_set_enabled(router, &rows.enabled, 1);
    }
    for (const auto &port : rows.ports) {
        add_port_row(txn, router, port);
    }
    for (const auto &[id, nat] : rows.nat) {
        add_nat_row(txn, router, nat);
    }
}

void
add_more_rows(ovsdb_idl_txn *txn, const snat::Router_row &was,
              const snat::Router_row &becomes)
{
    const auto *router = find_router(ovsdb_idl_txn_get_idl(txn), was.name);
    for (size_t i = was.ports.size(); i < becomes.ports.size(); i++) {
        add_port_row(txn, router, becomes.ports[i]);
    }
    for (const auto &[id, nat] : becomes.nat) {
        if (!was.nat.contains(id)) {
            add_nat_row(txn, router, nat);
        }
    }
}

void
delete_rows(ovsdb_idl_txn *txn, const snat::Router_row &rows)
{
    snatrec_router_delete(find_router(ovsdb_idl_txn_get_idl(txn), rows.name));
}

double
time_rows(Client &client, const std::vector<snat::Router_row> &routers,
          bool apart, const Write &write, const std::function<bool()> &seen)
{
    const int all = static_cast<int>(routers.size());
    return client.time_each(
        apart ? all : 1,
        [&](ovsdb_idl_txn *txn, int number) {
            for (int i = apart ? number : 0; i < (apart ? number + 1 : all);
                 i++) {
                write(txn, routers[i]);
            }
        },
        seen);
}

const snatrec_router *
find_router(const ovsdb_idl *idl, const std::string &name)
{
    for (const auto *router : snat::rows<snatrec_router>(idl)) {
        if (router->name == name) {
            return router;
        }
    }
    return nullptr;
}

bool
is_active(const snatrec_router *router)
{
    return router && router->state && !strcmp(router->state, "active");
}

snat::Wired
wired_of(const snat::Router_row &rows)
{
    snat::Surroundings surroundings;
    surroundings.bridges = {{"br-ex", true}, {"br-int", true}};
    const auto accepted = snat::accept(rows, surroundings, {});
    if (!accepted.refusals.empty()) {
        give_up(accepted.refusals[0].what.c_str());
    }
    return snat::wire(accepted.router);
}

} // namespace bench
