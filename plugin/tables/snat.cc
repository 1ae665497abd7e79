#include "tables/snat.hh"

#include "tables/change_rows.hh"
#include "tables/confirm_rows.hh"
#include "tables/router_rows.hh"
#include "tables/row_status.hh"
#include "tables/snat_rows.hh"

#include <algorithm>
#include <utility>

VLOG_DEFINE_THIS_MODULE(snat_tables);

namespace snat {
namespace {

// What is read for the engine.
constexpr const ovsdb_idl_table_class *read_tables[]
    = {&snatrec_table_snat_global,  &snatrec_table_router,
       &snatrec_table_router_port,  &snatrec_table_nat,
       &snatrec_table_static_route, &snatrec_table_confirm};

// Columns that only the daemon writes: that they have changed is no news.
constexpr const ovsdb_idl_column *own_columns[]
    = {&snatrec_snat_global_col_cur_cfg, &snatrec_router_col_change,
       &snatrec_nat_col_statistics};

// All but the remotes, which are ovsdb-server's business.
void
monitor_columns(ovsdb_idl *idl)
{
    for (const auto *table : read_tables) {
        ovsdb_idl_add_table(idl, table);
        for (size_t i = 0; i < table->n_columns; i++) {
            ovsdb_idl_track_add_column(idl, &table->columns[i]);
        }
    }
    for (const auto *column : own_columns) {
        ovsdb_idl_omit_alert(idl, column);
    }
    ovsdb_idl_add_table(idl, &snatrec_table_change);
    for (size_t i = 0; i < snatrec_table_change.n_columns; i++) {
        ovsdb_idl_add_column(idl, &snatrec_table_change.columns[i]);
    }
    ovsdb_idl_track_add_column(idl, &snatrec_change_col_number);
}

// Adds what a row shows.
template <typename Row>
void
read_shown(const Row *row, Table table, std::map<Row_id, Row_status> &shown)
{
    if (auto status = read_row_status(row->state ? row->state : "",
                                      row->error ? row->error : "")) {
        shown[{table, uuid_text(row->header_)}] = std::move(*status);
    }
}

} // namespace

Snat_tables::Snat_tables(const std::string &remote)
    : idl_{ovsdb_idl_create(remote.c_str(), &snatrec_idl_class, false, true)},
      reconnect_{idl_.get(), remote}, commits_{idl_.get(), "ovs-snatd"},
      wired_nat_{idl_.get()}
{
    // In a cluster, the server of this node, be it the leader or not: routers
    // shall not need another node.
    ovsdb_idl_set_leader_only(idl_.get(), false);
    leave_nat_unparsed();
    monitor_columns(idl_.get());
    changes_ = ovsdb_idl_index_create1(idl_.get(), &snatrec_change_col_number);
    routers_ = ovsdb_idl_index_create1(idl_.get(), &snatrec_router_col_name);
}

bool
Snat_tables::is_ready() const
{
    return ovsdb_idl_has_ever_connected(idl_.get());
}

Database_state
Snat_tables::state() const
{
    const auto *global = snatrec_snat_global_first(idl_.get());
    return {!reconnect_.is_away(), reconnect_.times_back(),
            global ? global->next_cfg - global->cur_cfg : 0};
}

bool
Snat_tables::run()
{
    reconnect_.run();
    ovsdb_idl_run(idl_.get());
    const bool is_back = reconnect_.has_come_anew();
    times_back_ += is_back;
    find_last(is_back);
    wired_nat_.run(is_back);
    const bool changed = follow(is_back);
    ovsdb_idl_track_clear(idl_.get());
    commits_.settle();
    return changed;
}

// Whose rows have changed.  A port or a route that does has its router
// tracked, too.  That history is lost can wait for other news.
bool
Snat_tables::follow(bool is_back)
{
    changed_.whole = changed_.whole || is_back;
    nat_.follow(idl_.get(), is_back, changed_.routers);
    const snatrec_router *router;
    SNATREC_ROUTER_FOR_EACH_TRACKED(router, idl_.get())
    {
        changed_.routers.insert(router->name);
    }
    const snatrec_confirm *confirm;
    SNATREC_CONFIRM_FOR_EACH_TRACKED(confirm, idl_.get())
    {
        changed_.routers.insert(confirm->router);
    }
    const snatrec_change *change;
    SNATREC_CHANGE_FOR_EACH_TRACKED(change, idl_.get())
    {
        if (snatrec_change_is_deleted(change)) {
            changed_.routers.insert(change->router);
        }
    }
    return is_back
           || std::ranges::any_of(
               read_tables, [this](const ovsdb_idl_table_class *table) {
                   return ovsdb_idl_track_get_first(idl_.get(), table);
               });
}

Changed
Snat_tables::take_changed()
{
    return std::exchange(changed_, {});
}

// The database may be another one, or have been restored from a copy, with a
// history of its own.
void
Snat_tables::find_last(bool among_all)
{
    const auto take = [this](const snatrec_change *row) {
        changes_there_++;
        if (leaves_room(row)) {
            last_found_
                = std::max(last_found_, static_cast<uint64_t>(row->number));
        }
    };
    if (among_all) {
        changes_there_ = 0;
        std::ranges::for_each(rows<snatrec_change>(idl_.get()), take);
        return;
    }
    const snatrec_change *row;
    SNATREC_CHANGE_FOR_EACH_TRACKED(row, idl_.get())
    {
        const bool is_new = snatrec_change_is_new(row);
        if (!snatrec_change_is_deleted(row)) {
            take(row);
        } else if (!is_new) {
            changes_there_--;
        }
    }
}

void
Snat_tables::wait() const
{
    ovsdb_idl_wait(idl_.get());
    reconnect_.wait();
    commits_.wait();
}

std::set<std::string>
Snat_tables::routers() const
{
    std::set<std::string> names;
    for (const auto *router : rows<snatrec_router>(idl_.get())) {
        names.insert(router->name);
    }
    for (const auto *confirm : rows<snatrec_confirm>(idl_.get())) {
        names.insert(confirm->router);
    }
    return names;
}

void
Snat_tables::read(const std::string &name, Rows_of_router &rows) const
{
    if (const auto *router = find_router(routers_, name)) {
        rows.row = read_router_row(router, nat_.rows_of(router));
        rows.shown_rules = nat_.shown_by(name);
        read_shown(router, Table::router, rows.shown);
        for (size_t i = 0; i < router->n_ports; i++) {
            read_shown(router->ports[i], Table::router_port, rows.shown);
        }
        for (size_t i = 0; i < router->n_static_routes; i++) {
            read_shown(router->static_routes[i], Table::static_route,
                       rows.shown);
        }
    }
    if (const auto *row = find_confirm(idl_.get(), name)) {
        const Confirm confirm = read_confirm(row);
        if (confirm.is_asked() || confirm.is_waiting()) {
            rows.confirm = confirm;
        }
    }
}

void
Snat_tables::read_global(Snapshot &snapshot) const
{
    if (const auto *global = snatrec_snat_global_first(idl_.get())) {
        snapshot.options = read_map(global->options);
        snapshot.numbers.next_cfg = global->next_cfg;
        snapshot.realised.next_cfg = global->cur_cfg;
    }
}

std::vector<Record>
Snat_tables::records() const
{
    std::vector<Record> records;
    for (const auto *row : rows<snatrec_change>(idl_.get())) {
        if (is_numbered(row)) {
            records.push_back(read_record(row));
        } else {
            static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 1);
            VLOG_WARN_RL(
                &rl, "table Change: a row with number %" PRId64 " is ignored",
                row->number);
        }
    }
    std::ranges::sort(records, {}, [](const Record &record) {
        return record.change.number;
    });
    return records;
}

std::vector<Change>
Snat_tables::history() const
{
    return read_history(records(), wired_nat_.read());
}

bool
Snat_tables::remembers(const std::string &router, uint64_t number) const
{
    const auto *row = find_change(changes_, number);
    return row && row->router == router;
}

void
Snat_tables::record(const Change &change, const std::optional<News> &news,
                    size_t keep, Commits::Then then)
{
    commits_.submit(
        [this, change, news, keep,
         texts = texts_.of(change)](ovsdb_idl_txn *txn) {
            if (auto fine = write_change(changes_, txn, change, texts);
                !fine) {
                return fine;
            }
            wired_nat_.write(txn, change.router, change.good().nat());
            if (news) {
                write_statuses(change.router, news->status);
            }
            if (news && news->confirm) {
                write_waiting(idl_.get(), *news->confirm);
            }
            if (news && news->next_cfg) {
                write_settled(idl_.get(), txn, *news->next_cfg);
            }
            // Not for every one, since that is to look at all.
            if (changes_there_ > keep + keep / 16) {
                prune_changes(idl_.get(), keep);
            }
            return Outcome{Done{}};
        },
        [this, change] { return shows_change(changes_, change); },
        std::move(then));
}

void
Snat_tables::show(const std::string &router, const Status &status)
{
    commits_.submit_latest(
        "status of " + router,
        [this, router, status](ovsdb_idl_txn *) {
            write_statuses(router, status);
            return Outcome{Done{}};
        },
        [this, router, status] {
            return shows_status(idl_.get(), status)
                   && shows_rule_statuses(idl_.get(), nat_.shown_by(router),
                                          status.rules);
        },
        [this](const Outcome &shown) { unshown_ = unshown_ || !shown; });
}

void
Snat_tables::write_statuses(const std::string &router, const Status &status)
{
    write_status(idl_.get(), status);
    write_rule_statuses(idl_.get(), nat_.shown_by(router), status.rules);
}

// The next counts come anyway, so these are not waited for.
void
Snat_tables::show_counts(const std::string &router,
                         const std::map<Row_id, Nat_count> &counts)
{
    commits_.submit_latest(
        "counts of " + router,
        [this, counts](ovsdb_idl_txn *) {
            write_counts(idl_.get(), counts);
            return Outcome{Done{}};
        },
        [] { return true; });
}

void
Snat_tables::settle(int64_t next_cfg)
{
    commits_.submit_latest(
        "cur_cfg",
        [this, next_cfg](ovsdb_idl_txn *txn) {
            // Whoever waits for it looks at the status then: it says so once
            // that could be written.
            if (std::exchange(unshown_, false)) {
                return Outcome{Error{0, "a status could not be written"}};
            }
            write_settled(idl_.get(), txn, next_cfg);
            return Outcome{Done{}};
        },
        [this, next_cfg] { return shows_settled(idl_.get(), next_cfg); });
}

void
Snat_tables::rewrite(const Rewrite &rewrite, Commits::Then then)
{
    commits_.submit(
        [this, rewrite, life = times_back_](ovsdb_idl_txn *txn) {
            const auto &waiting = rewrite.unconfirmed;
            // A server that died may have committed what it did not answer.
            if (life != times_back_ && shows_rewritten(rewrite)) {
                return Outcome{Done{}};
            }
            Outcome fine
                = waiting && !waits(idl_.get(), *waiting)
                      ? Error{0, "it was confirmed after all"}
                      : write_router_rows(idl_.get(), txn, rewrite.was,
                                          rewrite.becomes);
            return fine && waiting ? write_no_confirm(idl_.get(), *waiting)
                                   : fine;
        },
        [this, rewrite] { return shows_rewritten(rewrite); }, std::move(then));
}

bool
Snat_tables::shows_rewritten(const Rewrite &rewrite) const
{
    return shows_router_rows(idl_.get(), rewrite.becomes)
           && !(rewrite.unconfirmed
                && waits(idl_.get(), *rewrite.unconfirmed));
}

void
Snat_tables::begin(const Confirm &confirm, Commits::Then then)
{
    commits_.submit(
        [this, confirm](ovsdb_idl_txn *txn) {
            return write_begun(idl_.get(), txn, confirm);
        },
        [this, confirm] { return waits(idl_.get(), confirm); },
        std::move(then));
}

void
Snat_tables::forget_request(const Confirm &confirm)
{
    commits_.submit_latest(
        "request for " + confirm.router,
        [this, confirm](ovsdb_idl_txn *) {
            write_no_request(idl_.get(), confirm);
            return Outcome{Done{}};
        },
        [this, confirm] { return !is_asked(idl_.get(), confirm); });
}

void
Snat_tables::forget(const Confirm &confirm, Commits::Then then)
{
    commits_.submit(
        [this, confirm](ovsdb_idl_txn *) {
            return write_no_confirm(idl_.get(), confirm);
        },
        [this, confirm] { return !waits(idl_.get(), confirm); },
        std::move(then));
}

} // namespace snat
