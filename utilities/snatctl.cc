// See snatctl.hh.
#include "snatctl.hh"

#include "snatctl-views.hh"

#include <algorithm>

namespace snat::ctl {

void
replicate_routers(ovsdb_idl *idl)
{
    for (const auto *column : {
             &snatrec_snat_global_col_next_cfg,
             &snatrec_snat_global_col_cur_cfg,
             &snatrec_snat_global_col_options,
             &snatrec_router_col_name,
             &snatrec_router_col_options,
             &snatrec_router_col_enabled,
             &snatrec_router_col_enable_snat,
             &snatrec_router_col_ports,
             &snatrec_router_col_nat,
             &snatrec_router_col_static_routes,
             &snatrec_router_col_state,
             &snatrec_router_col_error,
             &snatrec_router_col_change,
             &snatrec_router_port_col_name,
             &snatrec_router_port_col_role,
             &snatrec_router_port_col_bridge,
             &snatrec_router_port_col_tag,
             &snatrec_router_port_col_mac,
             &snatrec_router_port_col_networks,
             &snatrec_router_port_col_gateway_ips,
             &snatrec_router_port_col_mtu,
             &snatrec_router_port_col_options,
             &snatrec_router_port_col_state,
             &snatrec_router_port_col_error,
             &snatrec_nat_col_type,
             &snatrec_nat_col_external_ip,
             &snatrec_nat_col_logical_ip,
             &snatrec_nat_col_protocol,
             &snatrec_nat_col_external_port,
             &snatrec_nat_col_internal_port,
             &snatrec_nat_col_gateway_port,
             &snatrec_nat_col_options,
             &snatrec_nat_col_state,
             &snatrec_nat_col_error,
             &snatrec_static_route_col_ip_prefix,
             &snatrec_static_route_col_nexthop,
             &snatrec_static_route_col_output_port,
             &snatrec_static_route_col_policy,
             &snatrec_static_route_col_metric,
             &snatrec_static_route_col_options,
             &snatrec_static_route_col_state,
             &snatrec_static_route_col_error,
         }) {
        ovsdb_idl_add_column(idl, column);
    }
}

void
replicate_routers(ctl_context *ctx)
{
    replicate_routers(ctx->idl);
}

void
replicate_changes(ovsdb_idl *idl)
{
    for (const auto *column : {
             &snatrec_change_col_number,
             &snatrec_change_col_router,
             &snatrec_change_col_cause,
             &snatrec_change_col_state,
             &snatrec_change_col_error,
             &snatrec_change_col_started_at,
             &snatrec_change_col_finished_at,
         }) {
        ovsdb_idl_add_column(idl, column);
    }
}

void
replicate_confirms(ovsdb_idl *idl)
{
    ovsdb_idl_add_table(idl, &snatrec_table_confirm);
    for (const auto &column : snatrec_confirm_columns) {
        ovsdb_idl_add_column(idl, &column);
    }
}

const snatrec_router *
find_router(const ovsdb_idl *idl, std::string_view name)
{
    const auto all = routers(idl);
    const auto found = std::ranges::find(all, name, &snatrec_router::name);
    return found == all.end() ? nullptr : *found;
}

const snatrec_router *
find_router(ctl_context *ctx, std::string_view name, bool must_exist)
{
    const auto *router = find_router(ctx->idl, name);
    if (!router && must_exist) {
        const bool had_changes
            = std::ranges::any_of(changes(ctx->idl), [&](const auto *change) {
                  return change->router == name;
              });
        ctl_error(ctx, "no router named %s%s%s", printable(name).c_str(),
                  had_changes ? " in this database; " : "",
                  had_changes ? out_of_reach : "");
    }
    return router;
}

const char *
option_of(const ctl_context *ctx, const char *name)
{
    return static_cast<const char *>(shash_find_data(&ctx->options, name));
}

bool
set_column(ctl_context *ctx, const ovsdb_idl_row *row,
           const std::string &column, const std::string &value)
{
    const auto words = column + "=" + value;
    char *error = ctl_set_column(row->table->class_->name, row, words.c_str(),
                                 ctx->symtab);
    if (error) {
        ctl_error(ctx, "%s: %s", words.c_str(), error);
        free(error);
        return false;
    }
    return true;
}

std::vector<std::string>
split(std::string_view list)
{
    std::vector<std::string> words;
    while (!list.empty()) {
        const auto end = std::min(list.find_first_of(", "), list.size());
        if (end) {
            words.emplace_back(list.substr(0, end));
        }
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return words;
}

std::string
row_name(const snatrec_nat *nat)
{
    return printable(words_of(shown(nat)));
}

std::string
row_name(const snatrec_static_route *route)
{
    return printable(words_of(shown(route)));
}

std::string
local_time(int64_t ms)
{
    char *text = xastrftime_msec("%Y-%m-%dT%H:%M:%S.###%z", ms, false);
    std::string time{text};
    free(text);
    return time;
}

} // namespace snat::ctl
