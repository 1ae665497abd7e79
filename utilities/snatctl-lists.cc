// Commands that list rows: routers, ports, NAT rules, routes.
#include "router/names.hh"
#include "snatctl-listing.hh"
#include "snatctl-views.hh"
#include "snatctl.hh"

#include <algorithm>

namespace snat::ctl {
namespace {

// Names in the order of their bytes, as programs expect.
void
put_names(ctl_context *ctx, std::vector<std::string> names)
{
    std::ranges::sort(names);
    for (const auto &name : names) {
        ds_put_format(&ctx->output, "%s\n", printable(name).c_str());
    }
}

// Not what it refers to, which takes a while with a thousand routers.
void
pre_router_list(ctl_context *ctx)
{
    for (const auto *column : {
             &snatrec_router_col_name,
             &snatrec_router_col_ports,
             &snatrec_router_col_nat,
             &snatrec_router_col_static_routes,
             &snatrec_router_col_state,
             &snatrec_router_col_error,
             &snatrec_router_col_change,
         }) {
        ovsdb_idl_add_column(ctx->idl, column);
    }
}

// Of a column that is a set.
int64_t
size(const snatrec_router *router, const ovsdb_idl_column &column)
{
    return ovsdb_idl_read(&router->header_, &column)->n;
}

void
router_list(ctl_context *ctx)
{
    Listing list{
        ctx, {"name", "state", "change", "ports", "nat", "routes", "error"}};
    std::vector<std::string> names;
    auto all = routers(ctx->idl);
    std::ranges::sort(all, view::natural_less, &snatrec_router::name);
    for (const auto *router : all) {
        names.push_back(router->name);
        list.add({router->name, text_of(router->state),
                  cell(router->change, router->n_change),
                  size(router, snatrec_router_col_ports),
                  size(router, snatrec_router_col_nat),
                  size(router, snatrec_router_col_static_routes),
                  text_of(router->error)});
    }
    put_names(ctx, names);
}

void
port_list(ctl_context *ctx)
{
    const auto *router = find_router(ctx, ctx->argv[1]);
    if (!router) {
        return;
    }
    Listing list{ctx,
                 {"name", "role", "bridge", "tag", "networks", "gateway_ips",
                  "mac", "mtu", "options", "state", "error"}};
    std::vector<std::string> names;
    for (const auto &port : rows_of(ctx->idl, router).ports) {
        names.push_back(port.name);
        list.add({port.name, port.role, port.bridge, number(port.tag),
                  joined(port.networks, " "), joined(port.gateway_ips, " "),
                  port.mac, number(port.mtu), joined(port.options, " "),
                  port.is.state, port.is.error});
    }
    put_names(ctx, names);
}

void
nat_list(ctl_context *ctx)
{
    const auto *router = find_router(ctx, ctx->argv[1]);
    if (!router) {
        return;
    }
    Listing list{ctx,
                 {"type", "external_ip", "logical_ip", "protocol",
                  "external_port", "internal_port", "gateway_port", "options",
                  "state", "error"}};
    for (const auto &rule : rows_of(ctx->idl, router).rules) {
        list.add({rule.type, rule.external, rule.logical, rule.protocol,
                  rule.external_ports, rule.logical_ports, rule.port,
                  joined(rule.options, " "), rule.is.state, rule.is.error});
    }
}

void
route_list(ctl_context *ctx)
{
    const auto *router = find_router(ctx, ctx->argv[1]);
    if (!router) {
        return;
    }
    Listing list{ctx,
                 {"ip_prefix", "nexthop", "output_port", "policy", "metric",
                  "route-table", "state", "error"}};
    for (const auto &route : rows_of(ctx->idl, router).routes) {
        list.add({route.prefix, route.next_hop, route.port,
                  route.by_source ? "src-ip" : "dst-ip", number(route.metric),
                  route.table, route.is.state, route.is.error});
    }
}

} // namespace

const ctl_command_syntax list_commands[] = {
    {"router-list", 0, 0, "", pre_router_list, router_list, nullptr,
     "--columns=", ctl_command_syntax::RO},
    {"port-list", 1, 1, "ROUTER", replicate_routers, port_list, nullptr,
     "--columns=", ctl_command_syntax::RO},
    {"nat-list", 1, 1, "ROUTER", replicate_routers, nat_list, nullptr,
     "--columns=", ctl_command_syntax::RO},
    {"route-list", 1, 1, "ROUTER", replicate_routers, route_list, nullptr,
     "--columns=", ctl_command_syntax::RO},
    {},
};

} // namespace snat::ctl
