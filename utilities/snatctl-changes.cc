// The commands that tell of the history: change-list, change-show.
#include "snatctl-listing.hh"
#include "snatctl.hh"
#include "tables/confirm_rows.hh"

#include <algorithm>
#include <memory>

namespace snat::ctl {
namespace {

Cell
taken(const snatrec_change *change)
{
    return change->n_finished_at
               ? Cell{*change->finished_at - change->started_at}
               : Cell{""};
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
    ovsdb_idl_add_column(ctx->idl, &snatrec_router_col_name);
}

// Whether there is, or was, such a router.
bool
is_known(const ovsdb_idl *idl, const char *router)
{
    return find_router(idl, router)
           || std::ranges::any_of(changes(idl), [&](const auto *change) {
                  return !strcmp(change->router, router);
              });
}

void
change_list(ctl_context *ctx)
{
    if (ctx->argc > 1 && !is_known(ctx->idl, ctx->argv[1])) {
        ctl_error(ctx, "no router named %s, and no change of one",
                  printable(ctx->argv[1]).c_str());
        return;
    }
    auto all = changes(ctx->idl);
    std::ranges::sort(all, {}, &snatrec_change::number);
    Listing list{ctx,
                 {"number", "router", "cause", "state", "started", "ms",
                  "to be confirmed until", "error"}};
    for (const auto *row : all) {
        if (ctx->argc == 1 || !strcmp(row->router, ctx->argv[1])) {
            list.add({row->number, row->router, row->cause, row->state,
                      local_time(row->started_at), taken(row),
                      confirm_until(ctx->idl, row),
                      row->error ? row->error : ""});
        }
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
tell_change(ctl_context *ctx, const snatrec_change *change,
            const std::vector<std::string> &steps)
{
    const auto line = [&](const char *what, const std::string &value) {
        if (!value.empty()) {
            ds_put_format(&ctx->output, "    %s: %s\n", what,
                          printable(value).c_str());
        }
    };
    ds_put_format(&ctx->output, "Change %" PRId64 " of router %s\n",
                  change->number, printable(change->router).c_str());
    line("cause", change->cause);
    line("state", change->state);
    line("error", change->error ? change->error : "");
    line("to be confirmed until", confirm_until(ctx->idl, change));
    line("started", local_time(change->started_at));
    line("took", change->n_finished_at ? std::to_string(*change->finished_at
                                                        - change->started_at)
                                             + " ms"
                                       : "(not finished)");
    ds_put_cstr(&ctx->output, "    Steps\n");
    for (const auto &words : steps) {
        ds_put_format(&ctx->output, "        %s\n", printable(words).c_str());
    }
}

// A row for each step, which tells of the change as well; one without steps
// has a row, too.
void
list_steps(ctl_context *ctx, const snatrec_change *change,
           const std::vector<std::string> &steps)
{
    Listing list{ctx,
                 {"number", "router", "cause", "state", "started", "ms",
                  "to be confirmed until", "error", "step", "what"}};
    const auto add = [&](const Cell &step, const std::string &what) {
        list.add({change->number, change->router, change->cause, change->state,
                  local_time(change->started_at), taken(change),
                  confirm_until(ctx->idl, change), text_of(change->error),
                  step, what});
    };
    for (size_t i = 0; i < steps.size(); i++) {
        add(static_cast<int64_t>(i + 1), steps[i]);
    }
    if (steps.empty()) {
        add("", "");
    }
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
    const auto steps = steps_in_words(change->steps);
    list_steps(ctx, change, steps);
    tell_change(ctx, change, steps);
}

} // namespace

const ctl_command_syntax change_commands[] = {
    {"change-list", 0, 1, "[ROUTER]", pre_changes, change_list, nullptr,
     "--columns=", ctl_command_syntax::RO},
    {"change-show", 1, 1, "NUMBER", pre_change, change_show, nullptr,
     "--columns=", ctl_command_syntax::RO},
    {},
};

} // namespace snat::ctl
