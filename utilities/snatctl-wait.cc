// See snatctl-wait.hh.
#include "snatctl-wait.hh"

#include "router/limits.hh"
#include "snatctl.hh"
#include "tables/confirm_rows.hh"
#include "tables/snat_rows.hh"

#include <algorithm>

namespace snat::ctl {
namespace {

constexpr int notice_after_ms = 10'000;

unsigned int
seconds_of_environment()
{
    unsigned int seconds = 0;
    const char *text = getenv("OVS_CTL_TIMEOUT");
    return text && str_to_uint(text, 10, &seconds) ? seconds : 0;
}

bool
is_wanting(const char *state)
{
    return state && (!strcmp(state, "failed") || !strcmp(state, "degraded"));
}

// Prints what is wrong with a row, if anything is.  A row's error that the
// router's own error tells already is not told twice.
bool
report_row(const std::string &name, const char *state, const char *error,
           const std::string &told = {})
{
    if (error) {
        if (const auto news = view::news_of(error, told); !news.empty()) {
            ovs_error(0, "%s: %s", name.c_str(), printable(news).c_str());
        }
        return false;
    }
    if (is_wanting(state)) {
        ovs_error(0, "%s: its state is %s", name.c_str(), state);
        return false;
    }
    return true;
}

// Rows that only wait for others are summed up, lest they bury what is wrong.
bool
report_router(const ovsdb_idl *idl, const snatrec_router *router)
{
    const auto name = "router " + printable(router->name);
    bool good = report_row(name, router->state, router->error);
    const std::string told = text_of(router->error);
    size_t waiting = 0;
    const auto report = [&](const std::string &row, const auto *child) {
        if (view::waits_for_others({"", text_of(child->error)})) {
            waiting++;
        } else {
            good &= report_row(name + ": " + row, child->state, child->error,
                               told);
        }
    };
    for (const auto *port : ports(router)) {
        report("port " + printable(port->name), port);
    }
    for (const auto *rule : nat(idl, router)) {
        report("NAT " + row_name(rule), rule);
    }
    for (const auto *route : static_routes(router)) {
        report("route " + row_name(route), route);
    }
    if (waiting) {
        ovs_error(0, "%s: %s for it", name.c_str(),
                  view::waiting_in_words(waiting, "row").c_str());
    }
    return good && !waiting;
}

// A router that is no more has no row to tell how its teardown went, but
// there is the record of it.
bool
report_deleted(const ovsdb_idl *idl, const std::string &name,
               const Newest_changes &before)
{
    const auto known = before.find(name);
    const snatrec_change *newest = nullptr;
    for (const auto *change : changes(idl)) {
        if (change->router == name
            && (known == before.end() || change->number >= known->second)
            && (!newest || change->number > newest->number)) {
            newest = change;
        }
    }
    const bool old
        = newest && known != before.end() && newest->number == known->second;
    if (!newest || !strcmp(newest->state, "committed")
        || (old && !strcmp(newest->state, "undone"))) {
        return true;
    }
    ovs_error(0, "router %s: change %" PRId64 ", its removal, is %s%s%s",
              printable(name).c_str(), newest->number, newest->state,
              newest->error ? ": " : "",
              printable(newest->error ? newest->error : "").c_str());
    return false;
}

// What routers themselves say that they wait for.
std::string
pending(const ovsdb_idl *idl)
{
    constexpr int most_named = 3;
    std::string out;
    int named = 0;
    for (const auto *router : routers(idl)) {
        if (router->state && !strcmp(router->state, "pending") && router->error
            && named++ < most_named) {
            out += "; router " + printable(router->name) + " "
                   + printable(router->error);
        }
    }
    return out;
}

} // namespace

Patience::Patience(unsigned int seconds)
    : notice_at_{time_msec() + notice_after_ms},
      seconds_{seconds ? seconds : seconds_of_environment()}
{
    if (seconds_) {
        deadline_ = time_msec() + 1000LL * seconds_;
    }
}

void
Patience::block(const std::string &what_for,
                const std::function<void()> &at_end)
{
    const auto now = time_msec();
    if (deadline_ && now >= *deadline_) {
        at_end();
        ovs_error(0, "gave up after %u s of waiting for %s", seconds_,
                  what_for.c_str());
        exit(exit_gave_up);
    }
    if (now >= notice_at_) {
        ovs_error(0, "waiting for %s", what_for.c_str());
        notice_at_ = LLONG_MAX;
    }
    poll_timer_wait_until(std::min(deadline_.value_or(LLONG_MAX), notice_at_));
    poll_block();
}

Newest_changes
newest_changes(const ovsdb_idl *idl)
{
    Newest_changes newest;
    for (const auto *change : changes(idl)) {
        auto &number = newest[change->router];
        number = std::max(number, change->number);
    }
    return newest;
}

std::vector<std::string>
wrong_defaults(const ovsdb_idl *idl)
{
    std::vector<std::string> errors;
    if (const auto *global = snatrec_snat_global_first(idl)) {
        read_limits({}, read_map(global->options), errors);
    }
    return errors;
}

bool
report_defaults(const ovsdb_idl *idl, const std::vector<std::string> &before)
{
    bool good = true;
    for (const std::string &error : wrong_defaults(idl)) {
        if (std::ranges::find(before, error) == before.end()) {
            ovs_error(0, "SNAT_Global: %s; the default is taken",
                      printable(error).c_str());
            good = false;
        }
    }
    return good;
}

void
wait_for_daemon(ovsdb_idl *idl, int64_t next_cfg, Patience &patience)
{
    ovsdb_idl_enable_reconnect(idl);
    for (;;) {
        ovsdb_idl_run(idl);
        const auto *global = snatrec_snat_global_first(idl);
        const int64_t cur_cfg = global ? global->cur_cfg : 0;
        if (global && cur_cfg >= next_cfg) {
            return;
        }
        ovsdb_idl_wait(idl);
        patience.block(
            "ovs-snatd to realise the change (next_cfg "
            + std::to_string(next_cfg) + ", cur_cfg " + std::to_string(cur_cfg)
            + "); does it run? (ovs-snat-ctl status)" + pending(idl));
    }
}

bool
report_routers(const ovsdb_idl *idl, const std::set<std::string> &names,
               const Newest_changes &before)
{
    bool good = true;
    std::set<std::string> gone = names;
    for (const auto *router : routers(idl)) {
        if (names.contains(router->name)) {
            good &= report_router(idl, router);
            gone.erase(router->name);
        }
    }
    for (const auto &name : gone) {
        good &= report_deleted(idl, name, before);
    }
    return good;
}

void
report_confirms(const ovsdb_idl *idl, const std::set<std::string> &names)
{
    for (const auto &name : names) {
        const auto *confirm = snat::find_confirm(idl, name);
        if (confirm && confirm->n_change && confirm->n_until) {
            printf("router %s: change %" PRId64
                   " waits to be confirmed until %s: ovs-snatctl confirm "
                   "%" PRId64 "\n",
                   printable(name).c_str(), *confirm->change,
                   local_time(*confirm->until).c_str(), *confirm->change);
        } else {
            printf("router %s: nothing waits to be confirmed\n",
                   printable(name).c_str());
        }
    }
}

} // namespace snat::ctl
