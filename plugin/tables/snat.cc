#include "tables/snat.hh"

#include "tables/snat_rows.hh"

#include <algorithm>

namespace snat {
namespace {

// All but the remotes, which are ovsdb-server's business.
void
monitor_columns(ovsdb_idl *idl)
{
    for (const auto *table :
         {&snatrec_table_snat_global, &snatrec_table_router,
          &snatrec_table_router_port, &snatrec_table_nat,
          &snatrec_table_static_route, &snatrec_table_change}) {
        ovsdb_idl_add_table(idl, table);
        for (size_t i = 0; i < table->n_columns; i++) {
            ovsdb_idl_add_column(idl, &table->columns[i]);
        }
    }
    // Of these the daemon is the only writer: no news.
    for (const auto *column :
         {&snatrec_change_col_state, &snatrec_change_col_error,
          &snatrec_change_col_steps, &snatrec_change_col_before,
          &snatrec_change_col_after, &snatrec_change_col_number,
          &snatrec_change_col_router, &snatrec_change_col_cause,
          &snatrec_change_col_started_at, &snatrec_change_col_finished_at,
          &snatrec_router_col_state, &snatrec_router_col_error,
          &snatrec_router_col_change, &snatrec_router_port_col_state,
          &snatrec_router_port_col_error, &snatrec_snat_global_col_cur_cfg}) {
        ovsdb_idl_omit_alert(idl, column);
    }
}

} // namespace

Snat_tables::Snat_tables(const std::string &remote)
    : idl_{ovsdb_idl_create(remote.c_str(), &snatrec_idl_class, false, true)},
      commits_{idl_.get(), "ovs-snatd"}
{
    monitor_columns(idl_.get());
}

bool
Snat_tables::is_ready() const
{
    return ovsdb_idl_has_ever_connected(idl_.get());
}

bool
Snat_tables::run()
{
    ovsdb_idl_run(idl_.get());
    const unsigned seqno = ovsdb_idl_get_seqno(idl_.get());
    const bool changed = seqno != seqno_;
    seqno_ = seqno;
    commits_.settle();
    return changed;
}

void
Snat_tables::wait() const
{
    ovsdb_idl_wait(idl_.get());
    commits_.wait();
}

void
Snat_tables::read(Snapshot &snapshot) const
{
    for (const auto *router : rows<snatrec_router>(idl_.get())) {
        Router_row row = read_router_row(router);
        // The router may be there already, with ports of door 1.
        Router_row &both = snapshot.routers[row.name];
        for (Port_row &port : both.ports) {
            row.ports.push_back(std::move(port));
        }
        both = std::move(row);
    }
    if (const auto *global = snatrec_snat_global_first(idl_.get())) {
        snapshot.options = read_map(global->options);
        snapshot.numbers.next_cfg = global->next_cfg;
    }
}

std::vector<Change>
Snat_tables::history() const
{
    std::vector<Change> changes;
    for (const auto *row : rows<snatrec_change>(idl_.get())) {
        changes.push_back(read_change(row));
    }
    std::ranges::sort(changes, {}, &Change::number);
    return changes;
}

void
Snat_tables::record(const Change &change, const std::optional<News> &news,
                    size_t keep, Commits::Then then)
{
    commits_.submit(
        [this, change, news, keep](ovsdb_idl_txn *txn) {
            write_change(idl_.get(), txn, change);
            if (news) {
                write_status(idl_.get(), news->status);
            }
            if (news && news->next_cfg) {
                write_settled(idl_.get(), txn, *news->next_cfg);
            }
            prune_changes(idl_.get(), keep);
            return Outcome{Done{}};
        },
        [this, change] { return shows_change(idl_.get(), change); },
        std::move(then));
}

void
Snat_tables::show(const Status &status, Commits::Then then)
{
    commits_.submit(
        [this, status](ovsdb_idl_txn *) {
            write_status(idl_.get(), status);
            return Outcome{Done{}};
        },
        [this, status] { return shows_status(idl_.get(), status); },
        std::move(then));
}

void
Snat_tables::settle(int64_t next_cfg)
{
    commits_.submit(
        [this, next_cfg](ovsdb_idl_txn *txn) {
            write_settled(idl_.get(), txn, next_cfg);
            return Outcome{Done{}};
        },
        [this, next_cfg] { return shows_settled(idl_.get(), next_cfg); },
        [](const Outcome &) {});
}

} // namespace snat
