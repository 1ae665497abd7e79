// What the rows of the switch's database say.
#include "tables/vswitch.hh"

#include "router/names.hh"
#include "tables/port_rows.hh"
#include "tables/row_status.hh"

#include <algorithm>
#include <unistd.h>

namespace snat {
namespace {

bool
has_port_number(const ovsrec_interface *interface)
{
    return interface->n_ofport && interface->ofport[0] > 0;
}

} // namespace

void
Vswitch::index()
{
    owned_.clear();
    interfaces_.clear();
    closed_.clear();
    old_status_.clear();
    std::erase_if(to_show_, [this](const auto &row) {
        return !find_row<ovsrec_interface>(idl_.get(), row.first.uuid);
    });
    for (const auto *bridge : rows<ovsrec_bridge>(idl_.get())) {
        for (size_t i = 0; i < bridge->n_ports; i++) {
            const ovsrec_port *port = bridge->ports[i];
            for (size_t j = 0; j < port->n_interfaces; j++) {
                const ovsrec_interface *interface = port->interfaces[j];
                interfaces_[interface->name] = interface;
                if (is_closed(interface)) {
                    closed_.insert(interface->name);
                }
                if (has_old_status(interface)) {
                    old_status_.insert(interface->name);
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

// Adds a router port of door 1.
void
Vswitch::read_port(Snapshot &snapshot, const ovsrec_bridge *bridge,
                   const ovsrec_interface *interface) const
{
    const smap &ids = interface->external_ids;
    Port_row row = read_port_row(bridge, interface);
    if (row.wiring == "internal" && !has_port_number(interface)
        && !is_reopening(row.name)) {
        snapshot.around.missing_devices[row.name]
            = interface->error ? interface->error : "";
    }
    if (auto shown
        = read_row_status(get(ids, "snat-state"), get(ids, "snat-error"))) {
        snapshot.shown[row.id] = std::move(*shown);
    }
    const std::string router = get(ids, "snat-router");
    snapshot.routers[router].name = router;
    snapshot.routers[router].ports.push_back(std::move(row));
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
                    read_port(snapshot, bridge, interface);
                } else if (!is_owned(interface)) {
                    around.foreign_ports.insert(interface->name);
                }
            }
        }
    }
    if (const auto *root = ovsrec_open_vswitch_first(idl_.get())) {
        snapshot.numbers.vswitch_next_cfg = root->next_cfg;
        snapshot.realised.vswitch_next_cfg = read_settled_key(root);
    }
}

Database_state
Vswitch::state() const
{
    const auto *root = ovsrec_open_vswitch_first(idl_.get());
    return {!reconnect_.is_away(), reconnect_.times_back(),
            root
                ? root->next_cfg - std::max<int64_t>(0, read_settled_key(root))
                : 0};
}

std::map<std::string, Switch_port>
Vswitch::owned(const std::string &router) const
{
    const auto found = owned_.find(router);
    return found == owned_.end() ? std::map<std::string, Switch_port>{}
                                 : found->second;
}

std::set<std::string>
Vswitch::owners() const
{
    std::set<std::string> routers;
    for (const auto &[router, ports] : owned_) {
        routers.insert(router);
    }
    return routers;
}

const ovsrec_interface *
Vswitch::find_interface(const std::string &name) const
{
    const auto found = interfaces_.find(name);
    return found == interfaces_.end() ? nullptr : found->second;
}

std::map<std::string, std::string>
Vswitch::user_ports(const std::vector<std::string> &ports) const
{
    std::map<std::string, std::string> types;
    for (const std::string &name : ports) {
        const auto *interface = find_interface(name);
        if (interface && !is_owned(interface)) {
            types[name] = type_of(interface);
        }
    }
    return types;
}

std::optional<Port_row>
Vswitch::user_row(const std::string &port) const
{
    for (const auto *bridge : rows<ovsrec_bridge>(idl_.get())) {
        for (size_t i = 0; i < bridge->n_ports; i++) {
            const ovsrec_port *row = bridge->ports[i];
            for (size_t j = 0; j < row->n_interfaces; j++) {
                if (row->interfaces[j]->name == port
                    && !is_owned(row->interfaces[j])) {
                    return read_port_row(bridge, row->interfaces[j]);
                }
            }
        }
    }
    return std::nullopt;
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

// Its pid file is locked as long as it lives (lib/daemon-unix.c).  Where there
// is none, it may be kept elsewhere: then it is -1, and 0 if it is dead.
int
Vswitch::switch_pid() const
{
    const std::string file = std::string{ovs_rundir()} + "/ovs-vswitchd.pid";
    return access(file.c_str(), F_OK)
               ? -1
               : std::max(0, static_cast<int>(read_pidfile(file.c_str())));
}

bool
Vswitch::is_running() const
{
    return switch_pid() != 0;
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
                   + (interface->error ? ": " + plain(interface->error) : "");
        }
    }
    return std::nullopt;
}

// Somebody has deleted its row, or made it another kind of port: waiting for
// it to be open again would be in vain.
std::optional<std::string>
Vswitch::find_lost(const Awaited &step) const
{
    for (const auto &[name, type] : step.types) {
        const auto *interface = find_interface(name);
        if (!interface) {
            return "the switch has no port " + name + " any more";
        }
        if (type_of(interface) != type) {
            return "the port " + name + " has another type now";
        }
    }
    return std::nullopt;
}

bool
Vswitch::is_reopening(const std::string &port) const
{
    return closed_.contains(port)
           || std::ranges::any_of(awaited_, [&](const Awaited &step) {
                  return step.types.contains(port);
              });
}

bool
Vswitch::are_closed(const std::vector<std::string> &ports) const
{
    return std::ranges::all_of(ports, [this](const std::string &port) {
        const auto *interface = find_interface(port);
        return !interface || !has_port_number(interface);
    });
}

} // namespace snat
