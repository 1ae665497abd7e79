#include "tables/vswitch.hh"

#include "tables/port_rows.hh"

#include <algorithm>

VLOG_DEFINE_THIS_MODULE(snat_vswitch);

namespace snat {
namespace {

constexpr const char *lock_name = "ovs_snatd";

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
        ovsdb_idl_add_column(idl, column);
    }
}

bool
has_port_number(const ovsrec_interface *interface)
{
    return interface->n_ofport && interface->ofport[0] > 0;
}

} // namespace

Vswitch::Vswitch(const std::string &remote, Clock &clock)
    : idl_{ovsdb_idl_create(remote.c_str(), &ovsrec_idl_class, false, true)},
      commits_{idl_.get(), "ovs-snatd"}, clock_{clock}
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
Vswitch::run()
{
    ovsdb_idl_run(idl_.get());
    if (ovsdb_idl_is_lock_contended(idl_.get())) {
        static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 1);
        VLOG_WARN_RL(&rl, "another ovs-snatd holds the lock %s: standing by",
                     lock_name);
    }
    const unsigned seqno = ovsdb_idl_get_seqno(idl_.get());
    const bool changed = seqno != seqno_;
    seqno_ = seqno;
    if (changed) {
        index();
    }
    commits_.settle();
    await();
    if (!closed_.empty() && is_ready()) {
        open_again();
    }
    return changed;
}

void
Vswitch::wait() const
{
    ovsdb_idl_wait(idl_.get());
    commits_.wait();
}

void
Vswitch::index()
{
    owned_.clear();
    interfaces_.clear();
    closed_.clear();
    for (const auto *bridge : rows<ovsrec_bridge>(idl_.get())) {
        for (size_t i = 0; i < bridge->n_ports; i++) {
            const ovsrec_port *port = bridge->ports[i];
            for (size_t j = 0; j < port->n_interfaces; j++) {
                const ovsrec_interface *interface = port->interfaces[j];
                interfaces_[interface->name] = interface;
                if (is_closed(interface)) {
                    closed_.insert(interface->name);
                }
                if (is_owned(interface)) {
                    owned_[get(interface->external_ids, "snat-router")]
                          [interface->name]
                        = read_switch_port(bridge, port, interface);
                }
            }
        }
    }
}

void
Vswitch::read(Snapshot &snapshot) const
{
    Surroundings &around = snapshot.around;
    for (const auto *bridge : rows<ovsrec_bridge>(idl_.get())) {
        around.bridges[bridge->name]
            = !strcmp(bridge->datapath_type, "netdev");
        for (size_t i = 0; i < bridge->n_ports; i++) {
            const ovsrec_port *port = bridge->ports[i];
            for (size_t j = 0; j < port->n_interfaces; j++) {
                const ovsrec_interface *interface = port->interfaces[j];
                if (is_router_port(interface)) {
                    Port_row row = read_port_row(bridge, interface);
                    if (row.wiring == "internal"
                        && !has_port_number(interface)) {
                        around.missing_devices[row.name]
                            = interface->error ? interface->error : "";
                    }
                    const std::string router
                        = get(interface->external_ids, "snat-router");
                    snapshot.routers[router].name = router;
                    snapshot.routers[router].ports.push_back(std::move(row));
                } else if (!is_owned(interface)) {
                    around.foreign_ports.insert(interface->name);
                }
            }
        }
    }
    if (const auto *root = ovsrec_open_vswitch_first(idl_.get())) {
        snapshot.numbers.vswitch_next_cfg = root->next_cfg;
    }
}

std::map<std::string, Switch_port>
Vswitch::owned(const std::string &router) const
{
    const auto found = owned_.find(router);
    return found == owned_.end() ? std::map<std::string, Switch_port>{}
                                 : found->second;
}

const ovsrec_interface *
Vswitch::find_interface(const std::string &name) const
{
    const auto found = interfaces_.find(name);
    return found == interfaces_.end() ? nullptr : found->second;
}

std::set<std::string>
Vswitch::user_ports(const std::vector<std::string> &ports) const
{
    std::set<std::string> names;
    for (const std::string &name : ports) {
        const auto *interface = find_interface(name);
        if (interface && !is_owned(interface)) {
            names.insert(name);
        }
    }
    return names;
}

std::set<std::string>
Vswitch::open_ports(const std::vector<std::string> &ports) const
{
    std::set<std::string> names;
    for (const std::string &name : ports) {
        const auto *interface = find_interface(name);
        if (interface && has_port_number(interface)) {
            names.insert(name);
        }
    }
    return names;
}

std::optional<std::string>
Vswitch::find_unready(const std::vector<std::string> &ports) const
{
    for (const std::string &name : ports) {
        const auto *interface = find_interface(name);
        if (!interface) {
            return "the switch has no port " + name;
        }
        if (!has_port_number(interface)) {
            return "ovs-vswitchd has not taken up the port " + name
                   + (interface->error ? ": " + std::string{interface->error}
                                       : "");
        }
    }
    return std::nullopt;
}

void
Vswitch::apply(const Set_switch &step, std::chrono::milliseconds timeout,
               std::function<void(Outcome)> then)
{
    std::vector<std::string> added;
    for (const auto &item : step.ports) {
        if (item.becomes && !item.was) {
            added.push_back(item.port);
        }
    }
    commits_.submit(
        [this, step](ovsdb_idl_txn *txn) {
            return write_switch_ports(idl_.get(), txn, step);
        },
        [this, added, timeout, then = std::move(then)](Outcome outcome) {
            if (!outcome || added.empty()) {
                then(std::move(outcome));
                return;
            }
            awaited_.push_back({added, clock_.now() + timeout, then});
            clock_.after(timeout, [] {}); // Wakes the loop for await().
        });
}

// The way to be opened anew leads over being closed.
void
Vswitch::apply(const Set_open &step, std::chrono::milliseconds timeout,
               std::function<void(Outcome)> then)
{
    if (!step.becomes) {
        then(Done{});
        return;
    }
    const auto deadline = clock_.now() + timeout;
    clock_.after(timeout, [] {});
    awaited_.push_back({step.ports, deadline, std::move(then), true});
    commits_.submit(
        [this, ports = step.ports](ovsdb_idl_txn *) {
            for (const std::string &port : ports) {
                write_closed(find_interface(port));
            }
            return Outcome{Done{}};
        },
        [](const Outcome &) {});
}

bool
Vswitch::are_closed(const std::vector<std::string> &ports) const
{
    return std::ranges::all_of(ports, [this](const std::string &port) {
        const auto *interface = find_interface(port);
        return !interface || !has_port_number(interface);
    });
}

// What has been closed, be it in an earlier life, gets its type back.
void
Vswitch::open_again()
{
    auto ports = closed_;
    for (const Awaited &step : awaited_) {
        for (const std::string &port : step.ports) {
            if (step.closing) {
                ports.erase(port);
            }
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
        [this](const Outcome &) { opening_ = false; });
}

void
Vswitch::await()
{
    auto waiting = std::exchange(awaited_, {});
    for (Awaited &step : waiting) {
        step.closing = step.closing && !are_closed(step.ports);
        const auto unready = find_unready(step.ports);
        if (!unready && !step.closing) {
            step.then(Done{});
        } else if (clock_.now() >= step.deadline) {
            step.then(Error{ETIMEDOUT, "no answer in time: " + *unready});
        } else {
            awaited_.push_back(std::move(step));
        }
    }
}

void
Vswitch::show(const Status &status)
{
    for (const auto &[id, row_status] : status.rows) {
        if (id.table == Table::interface) {
            commits_.submit(
                [this, id = id, row_status = row_status,
                 change = status.change](ovsdb_idl_txn *) {
                    write_status_keys(idl_.get(), id, row_status, change);
                    return Outcome{Done{}};
                },
                [](const Outcome &) {});
        }
    }
}

void
Vswitch::settle(int64_t next_cfg)
{
    commits_.submit(
        [this, next_cfg](ovsdb_idl_txn *) {
            write_settled(idl_.get(), next_cfg);
            return Outcome{Done{}};
        },
        [](const Outcome &) {});
}

} // namespace snat
