#include "tables/vswitch.hh"

#include "tables/port_rows.hh"
#include "tables/user_rows.hh"

#include <algorithm>
#include <net/if.h>
#include <utility>

VLOG_DEFINE_THIS_MODULE(snat_vswitch);

namespace snat {
namespace {

constexpr const char *lock_name = "ovs_snatd";

// Between two looks for a device.
constexpr std::chrono::milliseconds look_pause{2};

// Only these; ovs-vswitchd writes others several times a second.
void
monitor_columns(ovsdb_idl *idl)
{
    const ovsdb_idl_column *columns[] = {
        &ovsrec_open_vswitch_col_bridges,
        &ovsrec_open_vswitch_col_next_cfg,
        &ovsrec_open_vswitch_col_external_ids,
        &ovsrec_bridge_col_name,
        &ovsrec_bridge_col_datapath_type,
        &ovsrec_bridge_col_ports,
        &ovsrec_port_col_name,
        &ovsrec_port_col_tag,
        &ovsrec_port_col_interfaces,
        &ovsrec_interface_col_name,
        &ovsrec_interface_col_type,
        &ovsrec_interface_col_external_ids,
        &ovsrec_interface_col_mtu_request,
        &ovsrec_interface_col_ofport,
        &ovsrec_interface_col_error,
    };
    ovsdb_idl_add_table(idl, &ovsrec_table_open_vswitch);
    ovsdb_idl_add_table(idl, &ovsrec_table_bridge);
    ovsdb_idl_add_table(idl, &ovsrec_table_port);
    ovsdb_idl_add_table(idl, &ovsrec_table_interface);
    for (const auto *column : columns) {
        ovsdb_idl_track_add_column(idl, column);
    }
}

} // namespace

Vswitch::Vswitch(const std::string &remote, Clock &clock)
    : idl_{ovsdb_idl_create(remote.c_str(), &ovsrec_idl_class, false, true)},
      reconnect_{idl_.get(), remote}, commits_{idl_.get(), "ovs-snatd"},
      clock_{clock}
{
    monitor_columns(idl_.get());
    ovsdb_idl_set_lock(idl_.get(), lock_name);
}

bool
Vswitch::is_ready() const
{
    return ovsdb_idl_has_ever_connected(idl_.get())
           && ovsdb_idl_has_lock(idl_.get());
}

bool
Vswitch::is_taken_over() const
{
    return ovsdb_idl_is_lock_contended(idl_.get());
}

bool
Vswitch::run()
{
    reconnect_.run();
    ovsdb_idl_run(idl_.get());
    if (is_taken_over()) {
        static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 1);
        VLOG_WARN_RL(&rl, "another ovs-snatd holds the lock %s: standing by",
                     lock_name);
    }
    const unsigned seqno = ovsdb_idl_get_seqno(idl_.get());
    const bool changed = seqno != seqno_;
    seqno_ = seqno;
    follow();
    commits_.settle();
    const bool is_time = std::exchange(to_look_, false);
    if (changed || is_time) {
        look();
    }
    note_reopening();
    if (is_ready()) {
        open_again();
        drop_old_status();
    }
    return changed;
}

void
Vswitch::wait() const
{
    ovsdb_idl_wait(idl_.get());
    reconnect_.wait();
    commits_.wait();
}

void
Vswitch::apply(const Set_switch &step, std::chrono::milliseconds timeout,
               std::function<void(Outcome)> then)
{
    // Their devices are the switch's, and so are dealt with right after.
    std::vector<std::string> added, removed;
    for (const auto &[port, was, becomes] : step.ports) {
        if (!was && becomes && becomes->wiring == Wiring::internal) {
            added.push_back(port);
        } else if (!becomes && was->wiring == Wiring::internal) {
            removed.push_back(port);
        }
    }
    commits_.submit(
        [this, step](ovsdb_idl_txn *txn) {
            return write_switch_ports(idl_.get(), txn, step);
        },
        [this, step] { return shows_switch_ports(idl_.get(), step); },
        [this, added, removed, timeout,
         then = std::move(then)](Outcome outcome) {
            if (!outcome || (added.empty() && removed.empty())) {
                then(std::move(outcome));
                return;
            }
            Awaited awaited;
            awaited.ports = added;
            awaited.timeout = timeout;
            awaited.then = then;
            awaited.leaving = removed;
            awaited.switch_pid = switch_pid();
            await(std::move(awaited));
        });
}

void
Vswitch::apply(const Await_open &step, std::chrono::milliseconds timeout,
               std::function<void(Outcome)> then)
{
    if (!step.becomes) {
        then(Done{});
        return;
    }
    Awaited awaited;
    awaited.ports = step.ports;
    awaited.timeout = timeout;
    awaited.then = std::move(then);
    await(std::move(awaited));
}

// What is open is closed first; what is not will be open soon.
void
Vswitch::apply(const Set_open &step, std::chrono::milliseconds timeout,
               std::function<void(Outcome)> then)
{
    if (!step.becomes) {
        then(Done{});
        return;
    }
    // Its own device may have come since it was found missing.
    std::vector<std::string> closing;
    for (const std::string &port : open_ports(step.ports)) {
        const bool has_come = type_of(find_interface(port)) == "internal"
                              && if_nametoindex(port.c_str());
        if (!has_come) {
            closing.push_back(port);
        }
    }
    Awaited awaited;
    awaited.ports = step.ports;
    awaited.timeout = timeout;
    awaited.then = std::move(then);
    awaited.closing = closing;
    for (const std::string &port : step.ports) {
        const auto *interface = find_interface(port);
        awaited.types[port] = interface ? type_of(interface) : "";
    }
    await(std::move(awaited));
    commits_.submit(
        [this, ports = closing](ovsdb_idl_txn *) {
            for (const std::string &port : ports) {
                write_closed(find_interface(port));
            }
            return Outcome{Done{}};
        },
        [this, ports = closing] {
            return std::ranges::all_of(ports, [this](const auto &port) {
                const auto *interface = find_interface(port);
                return !interface || is_closed(interface);
            });
        },
        [](const Outcome &) {});
}

// What has been closed, be it in an earlier life, gets its type back.
void
Vswitch::open_again()
{
    auto ports = ports_.closed();
    for (const Awaited &step : awaited_) {
        for (const std::string &port : step.closing) {
            ports.erase(port);
        }
    }
    if (opening_ || ports.empty()) {
        return;
    }
    opening_ = true;
    commits_.submit(
        [this, ports](ovsdb_idl_txn *) {
            for (const std::string &port : ports) {
                write_opened(find_interface(port));
            }
            return Outcome{Done{}};
        },
        [this, ports] {
            return std::ranges::none_of(ports, [this](const auto &port) {
                return ports_.closed().contains(port);
            });
        },
        [this](const Outcome &) { opening_ = false; });
}

// Rows that are no router ports any more must not look as if they were, to
// somebody who waits for their state.
void
Vswitch::drop_old_status()
{
    if (dropping_ || ports_.old_status().empty()) {
        return;
    }
    dropping_ = true;
    commits_.submit(
        [this](ovsdb_idl_txn *) {
            for (const std::string &port : ports_.old_status()) {
                write_no_status(find_interface(port));
            }
            return Outcome{Done{}};
        },
        [this] { return ports_.old_status().empty(); },
        [this](const Outcome &) { dropping_ = false; });
}

// Of a device that goes the database tells nothing: it is looked for.  What a
// dead ovs-vswitchd had, no other one lets go of.
std::optional<std::string>
Vswitch::find_lingering(const Awaited &step)
{
    std::string port = step.closing.empty() ? "" : step.closing.front();
    const int pid = step.leaving.empty() ? 0 : switch_pid();
    for (const std::string &device : step.leaving) {
        if (pid && pid == step.switch_pid && if_nametoindex(device.c_str())) {
            look_after(look_pause);
            port = device;
        }
    }
    return port.empty()
               ? std::nullopt
               : std::optional{"ovs-vswitchd has not let go of " + port};
}

void
Vswitch::await(Awaited step)
{
    step.since = clock_.now();
    look_after(step.timeout);
    awaited_.push_back(std::move(step));
    // This turn's look may be over.
    to_look_ = true;
    poll_immediate_wake();
}

void
Vswitch::look_after(std::chrono::milliseconds pause)
{
    clock_.after(pause, [this] { to_look_ = true; });
}

// With many ports at once, each has to wait for those before it: ovs-vswitchd
// is late only if it does nothing of all that it has to.
void
Vswitch::note_progress(Awaited &step)
{
    const size_t open = open_ports(step.ports).size();
    if (open > step.open) {
        progress_ = clock_.now();
        look_after(step.timeout);
    }
    step.open = open;
}

void
Vswitch::look()
{
    auto waiting = std::exchange(awaited_, {});
    std::ranges::for_each(waiting,
                          [this](Awaited &step) { note_progress(step); });
    for (Awaited &step : waiting) {
        if (const auto lost = find_lost(step)) {
            step.then(Error{ENODEV, *lost});
            continue;
        }
        if (are_closed(step.closing)) {
            step.closing.clear();
        }
        const auto lingering = find_lingering(step);
        const auto unready = lingering ? lingering : find_unready(step.ports);
        const auto deadline = std::max(step.since, progress_) + step.timeout;
        if (!unready) {
            step.then(Done{});
        } else if (clock_.now() >= deadline) {
            step.then(Error{ETIMEDOUT, "no answer in time: " + *unready});
        } else {
            awaited_.push_back(std::move(step));
        }
    }
}

// Written is what shall be seen last: rows do not show what an earlier part
// of the same transaction made of their keys.
void
Vswitch::show(const std::string &router, const Status &status)
{
    forget_shown();
    std::map<Row_id, Shown_keys> shown;
    for (const auto &[id, row_status] : status.rows) {
        if (id.table == Table::interface) {
            shown[id] = to_show_[id] = {row_status, status.change};
        }
    }
    commits_.submit_latest(
        "status of " + router,
        [this, shown](ovsdb_idl_txn *) {
            for (const auto &[id, keys] : shown) {
                write_status_keys(idl_.get(), id, to_show_[id]);
            }
            return Outcome{Done{}};
        },
        [this, shown] {
            return std::ranges::all_of(shown, [this](const auto &row) {
                return shows_status_keys(idl_.get(), row.first, row.second);
            });
        });
}

void
Vswitch::settle(int64_t next_cfg)
{
    commits_.submit_latest(
        "snat-cfg",
        [this, next_cfg](ovsdb_idl_txn *) {
            write_settled_key(idl_.get(), next_cfg);
            return Outcome{Done{}};
        },
        [this, next_cfg] { return shows_settled_key(idl_.get(), next_cfg); });
}

void
Vswitch::rewrite(const Router_row &was, const Router_row &becomes,
                 Commits::Then then)
{
    commits_.submit(
        [this, was, becomes](ovsdb_idl_txn *) {
            return write_user_rows(idl_.get(), was, becomes);
        },
        [this, was, becomes] {
            return shows_user_rows(idl_.get(), was, becomes);
        },
        std::move(then));
}

} // namespace snat
