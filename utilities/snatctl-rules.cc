// Commands that add and delete the NAT and Static_Route rows of a
// router.  They write rows; which rules fit together is the daemon's to say.
#include "snatctl.hh"

#include <algorithm>

namespace snat::ctl {
namespace {

// The argument at that place, or "".
const char *
argument(const ctl_context *ctx, int i)
{
    return i < ctx->argc ? ctx->argv[i] : "";
}

std::string_view
text(const char *optional)
{
    return optional ? optional : "";
}

std::string
text(const int64_t *optional, size_t n)
{
    return n ? std::to_string(*optional) : "";
}

// The router's rows without those for which 'drop' holds.
template <typename Row>
std::vector<Row *>
without(std::span<Row *const> all, auto drop)
{
    std::vector<Row *> rest;
    std::ranges::remove_copy_if(all, std::back_inserter(rest), drop);
    return rest;
}

// Arguments of nat-add: ROUTER TYPE EXTERNAL LOGICAL [PROTO EXTERNAL_PORT
// INTERNAL_PORT].
bool
same_rule(const ctl_context *ctx, const snatrec_nat *nat)
{
    return text(nat->type) == argument(ctx, 2)
           && text(nat->external_ip) == argument(ctx, 3)
           && text(nat->logical_ip) == argument(ctx, 4)
           && text(nat->protocol) == argument(ctx, 5)
           && text(nat->external_port) == argument(ctx, 6)
           && text(nat->internal_port) == argument(ctx, 7)
           && text(nat->gateway_port)
                  == text(option_of(ctx, "--gateway-port"));
}

void
nat_add(ctl_context *ctx)
{
    const auto *router = find_router(ctx, ctx->argv[1]);
    if (!router) {
        return;
    }
    if (ctx->argc == 6) {
        ctl_error(ctx, "PROTO needs an EXTERNAL_PORT");
        return;
    }
    for (const auto *there : nat(ctx->idl, router)) {
        if (same_rule(ctx, there)) {
            if (!has(ctx, "--may-exist")) {
                ctl_error(ctx, "router %s has this rule already: %s",
                          router->name, row_name(there).c_str());
            }
            return;
        }
    }
    auto *rule = snatrec_nat_insert(ctx->txn);
    if (!set_column(ctx, &rule->header_, "type", ctx->argv[2])
        || (*argument(ctx, 5)
            && !set_column(ctx, &rule->header_, "protocol", ctx->argv[5]))) {
        return;
    }
    snatrec_nat_set_external_ip(rule, ctx->argv[3]);
    snatrec_nat_set_logical_ip(rule, ctx->argv[4]);
    snatrec_nat_set_external_port(rule, argument(ctx, 6));
    snatrec_nat_set_internal_port(rule, argument(ctx, 7));
    if (const char *port = option_of(ctx, "--gateway-port")) {
        snatrec_nat_set_gateway_port(rule, port);
    }
    if (has(ctx, "--stateless")) {
        set_option<snatrec_nat>(rule, snatrec_nat_set_options, "stateless",
                                "true");
    }
    if (ctx->last_command) {
        snatrec_router_update_nat_addvalue(router, rule->header_.uuid);
    } else { // What follows must be able to see it.
        std::vector<uuid> all{router->nat, router->nat + router->n_nat};
        all.push_back(rule->header_.uuid);
        snatrec_router_verify_nat(router);
        snatrec_router_set_nat(router, all.data(), all.size());
    }
}

// Arguments of nat-del: ROUTER [TYPE [IP [PROTO EXTERNAL_PORT]]], where IP is
// the side that a rule of that type is known by.
bool
named_rule(const ctl_context *ctx, const snatrec_nat *nat)
{
    const char *type = argument(ctx, 2);
    const char *known_by
        = !strcmp(nat->type, "snat") ? nat->logical_ip : nat->external_ip;
    return (ctx->argc < 3 || !strcmp(type, nat->type))
           && (ctx->argc < 4 || text(known_by) == ctx->argv[3])
           && (ctx->argc < 5 || text(nat->protocol) == ctx->argv[4])
           && (ctx->argc < 6 || text(nat->external_port) == ctx->argv[5])
           && (!has(ctx, "--gateway-port")
               || text(nat->gateway_port)
                      == text(option_of(ctx, "--gateway-port")));
}

void
nat_del(ctl_context *ctx)
{
    const auto *router = find_router(ctx, ctx->argv[1]);
    if (!router) {
        return;
    }
    std::vector<uuid> gone, rest;
    for (const auto *row : nat(ctx->idl, router)) {
        (named_rule(ctx, row) ? gone : rest).push_back(row->header_.uuid);
    }
    if (gone.empty()) {
        if (ctx->argc > 2 && !has(ctx, "--if-exists")) {
            ctl_error(ctx, "router %s has no such NAT rule", router->name);
        }
        return;
    }
    if (ctx->last_command) {
        for (const uuid &id : gone) {
            snatrec_router_update_nat_delvalue(router, id);
        }
    } else { // What follows must not see them.
        snatrec_router_verify_nat(router);
        snatrec_router_set_nat(router, rest.data(), rest.size());
    }
}

std::string_view
table_of(const snatrec_static_route *route)
{
    return text(smap_get(&route->options, "route-table"));
}

// Arguments of route-add: ROUTER PREFIX NEXTHOP [OUTPUT_PORT].
bool
same_route(const ctl_context *ctx, const snatrec_static_route *route)
{
    return text(route->ip_prefix) == argument(ctx, 2)
           && text(route->nexthop) == argument(ctx, 3)
           && text(route->output_port) == argument(ctx, 4)
           && text(route->policy) == text(option_of(ctx, "--policy"))
           && text(route->metric, route->n_metric)
                  == text(option_of(ctx, "--metric"))
           && table_of(route) == text(option_of(ctx, "--route-table"));
}

void
route_add(ctl_context *ctx)
{
    const auto *router = find_router(ctx, ctx->argv[1]);
    if (!router) {
        return;
    }
    if (!strchr(ctx->argv[2], '/')) {
        ctl_error(ctx, "%s: a prefix needs a length, as in 203.0.113.0/24",
                  printable(ctx->argv[2]).c_str());
        return;
    }
    for (const auto *there : static_routes(router)) {
        if (same_route(ctx, there)) {
            if (!has(ctx, "--may-exist")) {
                ctl_error(ctx, "router %s has this route already: %s",
                          router->name, row_name(there).c_str());
            }
            return;
        }
    }
    auto *route = snatrec_static_route_insert(ctx->txn);
    snatrec_static_route_set_ip_prefix(route, ctx->argv[2]);
    snatrec_static_route_set_nexthop(route, ctx->argv[3]);
    if (*argument(ctx, 4)) {
        snatrec_static_route_set_output_port(route, ctx->argv[4]);
    }
    for (const std::string column : {"policy", "metric"}) {
        const char *value = option_of(ctx, ("--" + column).c_str());
        if (value && !set_column(ctx, &route->header_, column, value)) {
            return;
        }
    }
    if (const char *table = option_of(ctx, "--route-table")) {
        set_option<snatrec_static_route>(
            route, snatrec_static_route_set_options, "route-table", table);
    }
    if (ctx->last_command) {
        snatrec_router_update_static_routes_addvalue(router, route);
    } else { // What follows must be able to see it.
        std::vector all(static_routes(router).begin(),
                        static_routes(router).end());
        all.push_back(route);
        snatrec_router_verify_static_routes(router);
        snatrec_router_set_static_routes(router, all.data(), all.size());
    }
}

// Arguments of route-del: ROUTER [PREFIX [NEXTHOP [OUTPUT_PORT]]].
bool
named_route(const ctl_context *ctx, const snatrec_static_route *route)
{
    return (ctx->argc < 3 || text(route->ip_prefix) == ctx->argv[2])
           && (ctx->argc < 4 || text(route->nexthop) == ctx->argv[3])
           && (ctx->argc < 5 || text(route->output_port) == ctx->argv[4])
           && (!has(ctx, "--policy")
               || text(route->policy) == text(option_of(ctx, "--policy")))
           && (!has(ctx, "--metric")
               || text(route->metric, route->n_metric)
                      == text(option_of(ctx, "--metric")))
           && (!has(ctx, "--route-table")
               || table_of(route) == text(option_of(ctx, "--route-table")));
}

void
route_del(ctl_context *ctx)
{
    const auto *router = find_router(ctx, ctx->argv[1]);
    if (!router) {
        return;
    }
    auto rest = without(static_routes(router), [&](const auto *row) {
        return named_route(ctx, row);
    });
    if (rest.size() == router->n_static_routes) {
        if (ctx->argc > 2 && !has(ctx, "--if-exists")) {
            ctl_error(ctx, "router %s has no such route", router->name);
        }
        return;
    }
    snatrec_router_verify_static_routes(router);
    snatrec_router_set_static_routes(router, rest.data(), rest.size());
}

} // namespace

const ctl_command_syntax rule_commands[] = {
    {"nat-add", 4, 7,
     "ROUTER TYPE EXTERNAL_IP LOGICAL_IP [PROTO EXTERNAL_PORT "
     "[INTERNAL_PORT]]",
     replicate_routers, nat_add, nullptr,
     "--may-exist,--gateway-port=,--stateless", ctl_command_syntax::RW},
    {"nat-del", 1, 5, "ROUTER [TYPE [IP [PROTO [EXTERNAL_PORT]]]]",
     replicate_routers, nat_del, nullptr,
     "--if-exists,--gateway-port=", ctl_command_syntax::RW},
    {"route-add", 3, 4, "ROUTER PREFIX NEXTHOP [OUTPUT_PORT]",
     replicate_routers, route_add, nullptr,
     "--may-exist,--policy=,--metric=,--route-table=", ctl_command_syntax::RW},
    {"route-del", 1, 4, "ROUTER [PREFIX [NEXTHOP [OUTPUT_PORT]]]",
     replicate_routers, route_del, nullptr,
     "--if-exists,--policy=,--metric=,--route-table=", ctl_command_syntax::RW},
    {},
};

} // namespace snat::ctl
