// The commands that tell: show, change-list, change-show; and init.
#include "snatctl.hh"
#include "tables/confirm_rows.hh"

#include <algorithm>
#include <memory>

namespace snat::ctl {
namespace {

// Lines of a tree: "    key: value", empty values left out.
class Tree {
public:
    explicit Tree(ds *output) : output_{output} {}

    void
    node(int depth, const std::string &title)
    {
        depth_ = depth;
        ds_put_char_multiple(output_, ' ', depth * 4);
        ds_put_format(output_, "%s\n", printable(title).c_str());
    }
    void
    leaf(const char *key, std::string_view value)
    {
        if (!value.empty()) {
            ds_put_char_multiple(output_, ' ', (depth_ + 1) * 4);
            ds_put_format(output_, "%s: %s\n", key, printable(value).c_str());
        }
    }
    void
    leaf(const char *key, const char *value)
    {
        leaf(key, std::string_view{value ? value : ""});
    }
    void
    leaf(const char *key, const int64_t *value, size_t n)
    {
        leaf(key, n ? std::to_string(*value) : "");
    }

private:
    ds *output_;
    int depth_ = 0;
};

std::string
joined(std::span<char *const> words)
{
    std::string all;
    for (const char *word : words) {
        all += (all.empty() ? "" : " ") + std::string{word};
    }
    return all;
}

const char *
role_of(const snatrec_router_port *port)
{
    const std::string_view name = port->name;
    return port->role                ? port->role
           : name.starts_with("qg-") ? "gateway"
           : name.starts_with("sg-") ? "internal"
                                     : "(none)";
}

void
show_port(Tree &tree, const snatrec_router_port *port)
{
    tree.node(1, std::string{"Port "} + port->name);
    tree.leaf("role", role_of(port));
    tree.leaf("bridge", port->bridge ? port->bridge : "(default)");
    tree.leaf("tag", port->tag, port->n_tag);
    tree.leaf("mac", port->mac);
    tree.leaf("mtu", port->mtu, port->n_mtu);
    tree.leaf("wiring", smap_get(&port->options, "wiring"));
    tree.leaf("networks", joined(values(port->networks, port->n_networks)));
    tree.leaf("gateway_ips",
              joined(values(port->gateway_ips, port->n_gateway_ips)));
    tree.leaf("state", port->state);
    tree.leaf("error", port->error);
}

// Rows of a router in an order that a person expects.
auto
sorted(const auto &rows, auto name)
{
    std::vector all(rows.begin(), rows.end());
    std::ranges::sort(all, {}, name);
    return all;
}

void
show_router(Tree &tree, const ovsdb_idl *idl, const snatrec_router *router)
{
    tree.node(0, std::string{"Router "} + router->name);
    if (router->n_enable_snat && !*router->enable_snat) {
        tree.leaf("enable_snat", "false");
    }
    tree.leaf("state", router->state);
    tree.leaf("error", router->error);
    tree.leaf("change", router->change, router->n_change);
    for (const auto *port : sorted(ports(router), [](auto *row) {
             return std::string{row->name};
         })) {
        show_port(tree, port);
    }
    for (const auto *rule :
         sorted(nat(idl, router), [](auto *row) { return row_name(row); })) {
        tree.node(1, "NAT " + row_name(rule));
        tree.leaf("state", rule->state);
        tree.leaf("error", rule->error);
    }
    for (const auto *route : sorted(static_routes(router),
                                    [](auto *row) { return row_name(row); })) {
        tree.node(1, "Route " + row_name(route));
        tree.leaf("state", route->state);
        tree.leaf("error", route->error);
    }
}

void
show(ctl_context *ctx)
{
    Tree tree{&ctx->output};
    if (ctx->argc > 1) {
        if (const auto *router = find_router(ctx, ctx->argv[1])) {
            show_router(tree, ctx->idl, router);
        }
        return;
    }
    const auto *global = snatrec_snat_global_first(ctx->idl);
    if (global && global->cur_cfg < global->next_cfg) {
        ds_put_format(&ctx->output,
                      "(ovs-snatd has not yet realised all edits: "
                      "next_cfg %" PRId64 ", cur_cfg %" PRId64 ")\n",
                      global->next_cfg, global->cur_cfg);
    }
    auto all = routers(ctx->idl);
    std::ranges::sort(all, {},
                      [](auto *row) { return std::string{row->name}; });
    for (const auto *router : all) {
        show_router(tree, ctx->idl, router);
    }
}

// Nothing to do: a transaction that may write makes the row if it is missing.
void
init(ctl_context *)
{
}

std::string
taken(const snatrec_change *change)
{
    return change->n_finished_at
               ? std::to_string(*change->finished_at - change->started_at)
               : "";
}

// Until when it waits to be confirmed, if it does.
std::string
confirm_until(const ovsdb_idl *idl, const snatrec_change *change)
{
    const auto *confirm = snat::find_confirm(idl, change->router);
    const bool waits = confirm && confirm->n_change && confirm->n_until
                       && *confirm->change == change->number;
    return waits ? local_time(*confirm->until) : "";
}

void
pre_changes(ctl_context *ctx)
{
    replicate_changes(ctx->idl);
    replicate_confirms(ctx->idl);
}

void
change_list(ctl_context *ctx)
{
    auto all = changes(ctx->idl);
    std::ranges::sort(all, {}, &snatrec_change::number);
    start_table(ctx, {"number", "router", "cause", "state", "started", "ms",
                      "to be confirmed until", "error"});
    for (const auto *row : all) {
        if (ctx->argc > 1 && strcmp(row->router, ctx->argv[1])) {
            continue;
        }
        add_row(ctx, {std::to_string(row->number), printable(row->router),
                      printable(row->cause), row->state,
                      local_time(row->started_at), taken(row),
                      confirm_until(ctx->idl, row),
                      printable(row->error ? row->error : "")});
    }
}

struct Json_free {
    void
    operator()(json *value) const
    {
        json_destroy(value);
    }
};

// The steps in words, one by one, however odd the text is.
std::vector<std::string>
steps_in_words(const char *text)
{
    const std::unique_ptr<json, Json_free> steps{json_from_string(text)};
    std::vector<std::string> words;
    if (steps->type != JSON_ARRAY) {
        return words;
    }
    for (const auto *step : std::span{steps->array.elems, steps->array.n}) {
        const auto *member = step->type == JSON_OBJECT
                                 ? static_cast<const json *>(
                                     shash_find_data(step->object, "words"))
                                 : nullptr;
        words.emplace_back(member && member->type == JSON_STRING
                               ? member->string
                               : "(a step without words)");
    }
    return words;
}

void
pre_change(ctl_context *ctx)
{
    pre_changes(ctx);
    ovsdb_idl_add_column(ctx->idl, &snatrec_change_col_steps);
}

void
change_show(ctl_context *ctx)
{
    const ovsdb_idl_row *row;
    ctx->error
        = ctl_get_row(ctx, &snatrec_table_change, ctx->argv[1], false, &row);
    if (ctx->error) {
        return;
    }
    if (!row) {
        ctl_error(ctx, "no change with number %s",
                  printable(ctx->argv[1]).c_str());
        return;
    }
    const auto *change = reinterpret_cast<const snatrec_change *>(row);
    Tree tree{&ctx->output};
    tree.node(0, "Change " + std::to_string(change->number) + " of router "
                     + change->router);
    tree.leaf("cause", change->cause);
    tree.leaf("state", change->state);
    tree.leaf("error", change->error);
    tree.leaf("to be confirmed until", confirm_until(ctx->idl, change));
    tree.leaf("started", local_time(change->started_at));
    const auto ms = taken(change);
    tree.leaf("took", ms.empty() ? "(not finished)" : ms + " ms");
    tree.node(1, "Steps");
    for (const auto &words : steps_in_words(change->steps)) {
        tree.node(2, words);
    }
}

} // namespace

const ctl_command_syntax show_commands[] = {
    {"init", 0, 0, "", nullptr, init, nullptr, "", ctl_command_syntax::RW},
    {"show", 0, 1, "[ROUTER]", replicate_routers, show, nullptr, "",
     ctl_command_syntax::RO},
    {},
};

const ctl_command_syntax change_commands[] = {
    {"change-list", 0, 1, "[ROUTER]", pre_changes, change_list, nullptr, "",
     ctl_command_syntax::RO},
    {"change-show", 1, 1, "NUMBER", pre_change, change_show, nullptr, "",
     ctl_command_syntax::RO},
    {},
};

} // namespace snat::ctl
