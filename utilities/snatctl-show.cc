// The commands that tell of routers as a whole: show; and init.
#include "snatctl-views.hh"
#include "snatctl.hh"

namespace snat::ctl {
namespace {

void
show(ctl_context *ctx)
{
    if (waits_for_rules(ctx->idl)) {
        ctx->try_again = true;
        return;
    }
    const auto *global = snatrec_snat_global_first(ctx->idl);
    if (global && global->cur_cfg < global->next_cfg) {
        ds_put_format(&ctx->output,
                      "(ovs-snatd has not yet realised all edits: "
                      "next_cfg %" PRId64 ", cur_cfg %" PRId64 ")\n",
                      global->next_cfg, global->cur_cfg);
    }
    for (const auto &router : views_asked_for(ctx)) {
        ds_put_cstr(&ctx->output, tree_of(router).c_str());
    }
}

// Nothing to do: a transaction that may write makes the row if it is missing.
void
init(ctl_context *)
{
}

} // namespace

const ctl_command_syntax show_commands[] = {
    {"init", 0, 0, "", nullptr, init, nullptr, "", ctl_command_syntax::RW},
    {"show", 0, 1, "[ROUTER]", replicate_views, show, nullptr, "",
     ctl_command_syntax::RO},
    {},
};

} // namespace snat::ctl
