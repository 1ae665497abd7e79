// See snatctl-views.hh.
#include "snatctl-views.hh"

#include "router/address.hh"
#include "router/limits.hh"
#include "snatctl.hh"
#include "tables/confirm_rows.hh"
#include "tables/snat_rows.hh"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

namespace snat::ctl {
namespace {

using view::Condition;
using view::Shown_change;
using view::Shown_port;
using view::Shown_router;

// A router's changes that matter here; null if there is none.
struct Newest {
    const snatrec_change *of_all = nullptr;
    const snatrec_change *committed = nullptr; // Has what is wired.
};

void
keep_newer(const snatrec_change *&newest, const snatrec_change *change)
{
    if (!newest || change->number > newest->number) {
        newest = change;
    }
}

std::map<std::string_view, Newest>
newest_by_router(const ovsdb_idl *idl)
{
    std::map<std::string_view, Newest> all;
    for (const auto *change : changes(idl)) {
        Newest &newest = all[change->router];
        keep_newer(newest.of_all, change);
        if (!strcmp(change->state, "committed")) {
            keep_newer(newest.committed, change);
        }
    }
    return all;
}

std::vector<std::string>
sorted(char *const *values, size_t n)
{
    std::vector<std::string> all{values, values + n};
    std::ranges::sort(all, view::natural_less);
    return all;
}

template <typename Row>
Condition
condition(const Row *row)
{
    return {text_of(row->state), text_of(row->error)};
}

std::string
role_of(const snatrec_router_port *port)
{
    const std::string_view name = port->name;
    return port->role                ? port->role
           : name.starts_with("qg-") ? "gateway"
           : name.starts_with("sg-") ? "internal"
                                     : "";
}

// As long as nothing else is asked for, the numerically lowest IPv4 address.
std::string
snat_ip_of(const snatrec_router_port *port)
{
    std::optional<Ip> lowest;
    for (const char *text : values(port->networks, port->n_networks)) {
        const auto network = parse_network(text);
        if (network && network->ip.is_v4()) {
            lowest = std::min(lowest.value_or(network->ip), network->ip);
        }
    }
    const std::string asked = get(port->options, "snat-address");
    return !asked.empty() ? asked : lowest ? to_string(*lowest) : "";
}

Shown_port
shown(const snatrec_router_port *port, const Limits &limits, bool snat)
{
    Shown_port out;
    out.name = port->name;
    out.role = role_of(port);
    const bool is_gateway = out.role == "gateway";
    out.bridge = port->bridge ? port->bridge
                 : is_gateway ? limits.default_gateway_bridge
                              : limits.default_internal_bridge;
    out.tag = text_of(port->tag, port->n_tag);
    out.mac = text_of(port->mac);
    out.mtu = text_of(port->mtu, port->n_mtu);
    out.networks = sorted(port->networks, port->n_networks);
    out.gateway_ips = sorted(port->gateway_ips, port->n_gateway_ips);
    out.snat_ip = is_gateway && snat ? snat_ip_of(port) : "";
    out.options = ctl::texts(port->options);
    out.is = condition(port);
    return out;
}

Shown_router
shown(const ovsdb_idl *idl, const snatrec_router *router, const Limits &base)
{
    std::vector<std::string> errors; // The daemon's to tell.
    const Limits limits
        = read_router_limits(base, read_map(router->options), errors);
    Shown_router out;
    out.name = router->name;
    out.enable_snat = !router->n_enable_snat || *router->enable_snat;
    out.is = condition(router);
    out.options = ctl::texts(router->options);
    for (const auto *port : ports(router)) {
        out.ports.push_back(shown(port, limits, out.enable_snat));
    }
    for (const auto *rule : nat(idl, router)) {
        out.rules.push_back(ctl::shown(rule));
    }
    for (const auto *route : static_routes(router)) {
        out.routes.push_back(ctl::shown(route));
    }
    out.rules_untold = unseen_rules(idl, router);
    out.routes_untold = unseen_routes(router);
    return out;
}

std::string
time_for_people(int64_t ms)
{
    char *text = xastrftime_msec("%Y-%m-%d %H:%M:%S", ms, false);
    std::string time{text};
    free(text);
    return time;
}

Shown_change
shown(const ovsdb_idl *idl, const snatrec_change *change)
{
    Shown_change out;
    out.number = change->number;
    out.cause = change->cause;
    out.state = change->state;
    out.error = text_of(change->error);
    out.started = time_for_people(change->started_at);
    if (change->n_finished_at) {
        out.ms = std::to_string(*change->finished_at - change->started_at);
    }
    const auto *confirm = find_confirm(idl, change->router);
    if (confirm && read_confirm(confirm).is_waiting()) {
        out.confirm_until = time_for_people(*confirm->until);
    }
    return out;
}

void
add_history(const ovsdb_idl *idl, Shown_router &router, const Newest &newest)
{
    router.change = shown(idl, newest.of_all);
    if (newest.committed) {
        add_wired(router, newest.committed->after);
    }
}

Limits
limits_of_all(const ovsdb_idl *idl)
{
    std::vector<std::string> errors; // The daemon's to tell.
    const auto *global = snatrec_snat_global_first(idl);
    return global ? read_limits({}, read_map(global->options), errors)
                  : Limits{};
}

} // namespace

Shown_router
rows_of(const ovsdb_idl *idl, const snatrec_router *router)
{
    auto rows = shown(idl, router, limits_of_all(idl));
    sort(rows);
    return rows;
}

std::vector<std::string>
texts(const smap &options)
{
    std::vector<std::string> all;
    for (const auto &[key, value] : read_map(options)) {
        all.push_back(key + "=" + value);
    }
    return all;
}

view::Shown_rule
shown(const snatrec_nat *rule)
{
    view::Shown_rule out;
    out.type = rule->type;
    out.external = rule->external_ip;
    out.logical = rule->logical_ip;
    out.protocol = text_of(rule->protocol);
    out.external_ports = rule->external_port;
    out.logical_ports = rule->internal_port;
    out.port = text_of(rule->gateway_port);
    out.no_nat = get(rule->options, "no-nat") == "true";
    out.options = texts(rule->options);
    out.is = condition(rule);
    return out;
}

view::Shown_route
shown(const snatrec_static_route *route)
{
    view::Shown_route out;
    out.prefix = route->ip_prefix;
    out.by_source = text_of(route->policy) == "src-ip";
    out.next_hop = route->nexthop;
    out.port = text_of(route->output_port);
    out.metric = text_of(route->metric, route->n_metric);
    out.table = get(route->options, "route-table");
    out.is = condition(route);
    return out;
}

void
replicate_views(ctl_context *ctx)
{
    replicate_routers(ctx);
    replicate_changes(ctx->idl);
    replicate_confirms(ctx->idl);
    ovsdb_idl_add_column(ctx->idl, &snatrec_change_col_after);
}

std::vector<Shown_router>
read_views(const ovsdb_idl *idl)
{
    const Limits limits = limits_of_all(idl);
    auto history = newest_by_router(idl);
    std::vector<Shown_router> all;
    for (const auto *router : routers(idl)) {
        all.push_back(shown(idl, router, limits));
        if (const auto found = history.find(router->name);
            found != history.end()) {
            add_history(idl, all.back(), found->second);
            history.erase(found);
        }
    }
    for (const auto &[name, newest] : history) {
        Shown_router router;
        router.name = name;
        router.has_row = false;
        add_history(idl, router, newest);
        if (!router.ports.empty()) {
            all.push_back(std::move(router));
        }
    }
    std::ranges::sort(all, view::natural_less, &Shown_router::name);
    std::ranges::for_each(all, view::sort);
    return all;
}

std::vector<Shown_router>
views_asked_for(ctl_context *ctx)
{
    auto all = read_views(ctx->idl);
    if (ctx->argc > 1) {
        const std::string name = ctx->argv[1];
        std::erase_if(all, [&](const auto &r) { return r.name != name; });
        if (all.empty()) {
            ctl_error(ctx, "no router named %s", printable(name).c_str());
        }
    }
    return all;
}

} // namespace snat::ctl
