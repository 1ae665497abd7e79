// The commands that take back, or let stand, what was changed: undo, confirm.
#include "change/history.hh"
#include "change/operator_undo.hh"
#include "router/names.hh"
#include "router/rows_for.hh"
#include "snatctl.hh"
#include "tables/change_rows.hh"
#include "tables/confirm_rows.hh"
#include "tables/router_rows.hh"
#include "tables/snat_rows.hh"
#include "tables/wired_nat.hh"

#include <algorithm>
#include <optional>

namespace snat::ctl {
namespace {

std::optional<uint64_t>
read_number(const char *text)
{
    unsigned long long number;
    return str_to_ullong(text, 10, &number) ? std::optional<uint64_t>{number}
                                            : std::nullopt;
}

void
pre_undo(ctl_context *ctx)
{
    replicate_routers(ctx);
    replicate_changes(ctx->idl);
    for (const auto *column : {
             &snatrec_snat_global_col_options,
             &snatrec_router_col_options,
             &snatrec_router_port_col_external_ids,
             &snatrec_nat_col_options,
             &snatrec_change_col_before,
             &snatrec_change_col_rows_before,
             &snatrec_change_col_after,
             &snatrec_wired_nat_col_router,
             &snatrec_wired_nat_col_rule,
         }) {
        ovsdb_idl_add_column(ctx->idl, column);
    }
}

std::vector<Change>
read_history(const ovsdb_idl *idl)
{
    std::vector<Record> records;
    for (const auto *row : changes(idl)) {
        if (is_numbered(row)) {
            records.push_back(read_record(row));
        }
    }
    std::ranges::sort(records, {}, [](const Record &record) {
        return record.change.number;
    });
    return snat::read_history(std::move(records), read_wired_nat(idl));
}

Limits
read_all_limits(const ovsdb_idl *idl)
{
    const auto *global = snatrec_snat_global_first(idl);
    std::vector<std::string> errors; // The daemon's to tell.
    return read_limits(
        {}, global ? read_map(global->options) : snat::Options{}, errors);
}

// The ports that are in the other database.
std::map<std::string, Port>
users_ports(const std::optional<Router> &router)
{
    if (!router) {
        return {};
    }
    auto ports = router->ports;
    std::erase_if(ports, [](const auto &port) {
        return port.second.switch_port.has_value();
    });
    return ports;
}

// As far as this database knows.
std::optional<Router>
wired_now(const std::vector<Change> &history, const std::string &router)
{
    const auto newest
        = std::find_if(history.rbegin(), history.rend(), [&](const auto &c) {
              return c.router == router && c.state == Change_state::committed;
          });
    return newest == history.rend() ? std::nullopt : newest->after.router;
}

Writable
writable(ctl_context *ctx, const std::string &name)
{
    Writable there;
    there.row.name = name;
    for (const auto *router : routers(ctx->idl)) {
        if (router->name == name) {
            there.row
                = read_router_row(router, read_nat_rows(ctx->idl, router));
            continue;
        }
        for (const auto *port : ports(router)) {
            there.elsewhere[port->name] = router->name;
        }
    }
    return there;
}

// Brings the rows back, or says why not.
Outcome
bring_back(ctl_context *ctx, uint64_t number)
{
    const auto history = read_history(ctx->idl);
    auto found = find_undoable(history, number, has(ctx, "--force"));
    if (!found) {
        return found.error();
    }
    Asked &before = found->before;
    if (users_ports(before.router)
        != users_ports(wired_now(history, found->router))) {
        return Error{0, "router " + found->router
                            + " has ports made with ovs-vsctl, which are out "
                              "of reach from here: use ovs-appctl -t "
                              "ovs-snatd change/undo "
                            + std::to_string(number)};
    }
    if (before.router) {
        std::erase_if(before.router->ports, [](const auto &port) {
            return !port.second.switch_port;
        });
    }
    const Writable there = writable(ctx, found->router);
    const auto rewritten = rows_for(there, before, read_all_limits(ctx->idl));
    if (!rewritten.lacking.empty()) {
        return Error{0, "router " + found->router + " cannot be brought back: "
                            + joined(rewritten.lacking, "; ")};
    }
    if (rewritten.row == there.row) {
        return Error{0, "the rows of router " + found->router
                            + " ask for what it was before change "
                            + std::to_string(number)
                            + " already: there is nothing to undo"};
    }
    return write_router_rows(ctx->idl, ctx->txn, there.row, rewritten.row);
}

void
undo(ctl_context *ctx)
{
    const auto number = read_number(ctx->argv[1]);
    if (!number) {
        ctl_error(ctx, "%s: expected the number of a change",
                  printable(ctx->argv[1]).c_str());
        return;
    }
    if (const auto outcome = bring_back(ctx, *number); !outcome) {
        ctl_error(ctx, "%s", printable(outcome.error().what).c_str());
    }
}

void
pre_confirm(ctl_context *ctx)
{
    replicate_changes(ctx->idl);
    replicate_confirms(ctx->idl);
}

auto
confirms(const ovsdb_idl *idl)
{
    return rows<snatrec_confirm_first, snatrec_confirm_next>(idl);
}

bool
is_waiting(const snatrec_confirm *confirm)
{
    return read_confirm(confirm).is_waiting();
}

// By a change's number, the first that waits or one that came after it, or by
// the router's name.
const snatrec_confirm *
find_waiting(const ovsdb_idl *idl, const char *what)
{
    const auto number = read_number(what);
    for (const auto *change : changes(idl)) {
        if (number && std::cmp_equal(change->number, *number)) {
            const auto *confirm = find_confirm(idl, change->router);
            if (confirm && is_waiting(confirm)
                && *confirm->change <= change->number) {
                return confirm;
            }
        }
    }
    const auto *confirm = find_confirm(idl, what);
    return confirm && is_waiting(confirm) ? confirm : nullptr;
}

std::string
waiting_in_words(const ovsdb_idl *idl)
{
    std::string words;
    for (const auto *confirm : confirms(idl)) {
        if (is_waiting(confirm)) {
            words += (words.empty() ? "" : ", ")
                     + std::to_string(*confirm->change) + " (router "
                     + confirm->router + ")";
        }
    }
    return words.empty() ? "none does" : "those that do: " + words;
}

// Whether the argument names a router that there is, or a change.
bool
check_what(ctl_context *ctx)
{
    const char *what = ctx->argv[1];
    const auto number = read_number(what);
    const bool known = std::ranges::any_of(changes(ctx->idl), [&](auto *row) {
        return !strcmp(row->router, what)
               || (number && std::cmp_equal(row->number, *number));
    });
    if (!known && !find_router(ctx->idl, what)) {
        ctl_error(ctx, "there is no %s %s", number ? "change" : "router",
                  printable(what).c_str());
        return false;
    }
    return true;
}

void
confirm(ctl_context *ctx)
{
    if (!check_what(ctx)) {
        return;
    }
    const auto *found = find_waiting(ctx->idl, ctx->argv[1]);
    if (!found) {
        ctl_error(ctx, "%s does not wait to be confirmed; %s",
                  printable(ctx->argv[1]).c_str(),
                  printable(waiting_in_words(ctx->idl)).c_str());
        return;
    }
    if (*found->until <= time_wall_msec()) {
        ctl_error(ctx,
                  "change %" PRId64 " of router %s could be confirmed until "
                  "%s: it is being undone",
                  *found->change, printable(found->router).c_str(),
                  local_time(*found->until).c_str());
        return;
    }
    snatrec_confirm_verify_change(found);
    snatrec_confirm_verify_until(found);
    snatrec_confirm_delete(found);
}

} // namespace

const ctl_command_syntax undo_commands[] = {
    {"undo", 1, 1, "NUMBER", pre_undo, undo, nullptr, "--force",
     ctl_command_syntax::RW},
    {"confirm", 1, 1, "NUMBER|ROUTER", pre_confirm, confirm, nullptr, "",
     ctl_command_syntax::RW},
    {},
};

} // namespace snat::ctl
