// What the rows of the switch's database say.
#include "tables/vswitch.hh"

#include "router/names.hh"
#include "tables/port_rows.hh"
#include "tables/row_status.hh"

#include <algorithm>
#include <iterator>
#include <unistd.h>

namespace snat {
namespace {

bool
has_port_number(const ovsrec_interface *interface)
{
    return interface->n_ofport && interface->ofport[0] > 0;
}

} // namespace

// Rows that are new, gone, or otherwise than before.
void
Vswitch::follow()
{
    const bool is_back = reconnect_.has_come_anew();
    changed_.whole = changed_.whole || is_back;
    ports_.follow(idl_.get(), is_back, changed_);
    ovsdb_idl_track_clear(idl_.get());
}

// A device is not missing as long as its port is being opened anew; which no
// row tells.
void
Vswitch::note_reopening()
{
    std::set<std::string> now;
    for (const Awaited &step : awaited_) {
        for (const auto &[port, type] : step.types) {
            now.insert(port);
        }
    }
    std::ranges::set_symmetric_difference(
        reopening_, now, std::inserter(changed_.ports, changed_.ports.end()));
    reopening_ = std::move(now);
}

// Of rows that are gone.
void
Vswitch::forget_shown()
{
    constexpr size_t worth_it = 100;
    if (to_show_.size() > worth_it + 2 * ports_.all().size()) {
        std::erase_if(to_show_, [this](const auto &row) {
            return !find_row<ovsrec_interface>(idl_.get(), row.first.uuid);
        });
    }
}

Changed
Vswitch::take_changed()
{
    return std::exchange(changed_, {});
}

std::set<std::string>
Vswitch::routers() const
{
    std::set<std::string> names;
    for (const auto &[router, ports] : ports_.users()) {
        names.insert(router);
    }
    return names;
}

std::set<std::string>
Vswitch::ports() const
{
    std::set<std::string> names;
    for (const auto &[port, seen] : ports_.all()) {
        names.insert(port);
    }
    return names;
}

Port_there
Vswitch::look_at(const std::string &port) const
{
    Port_there there;
    const auto *seen = ports_.find(port);
    const auto *interface = find_interface(port);
    if (!seen || !interface) {
        return there;
    }
    there.is_foreign = seen->is_foreign;
    if (seen->is_router_port && type_of(interface) == "internal"
        && !has_port_number(interface) && !is_reopening(port)) {
        there.missing = interface->error ? interface->error : "";
    }
    return there;
}

void
Vswitch::read(const std::string &router, Rows_of_router &rows) const
{
    for (const std::string &name : ports_.ports_of(router)) {
        const auto *interface = find_interface(name);
        if (!interface) {
            continue;
        }
        const smap &ids = interface->external_ids;
        if (!rows.row) {
            rows.row.emplace();
            rows.row->name = router;
        }
        Port_row row = read_port_row(ports_.find(name)->bridge, interface);
        if (auto shown = read_row_status(get(ids, "snat-state"),
                                         get(ids, "snat-error"))) {
            rows.shown[row.id] = std::move(*shown);
        }
        rows.row->ports.push_back(std::move(row));
    }
}

void
Vswitch::read_global(Snapshot &snapshot) const
{
    for (const auto *bridge : rows<ovsrec_bridge>(idl_.get())) {
        snapshot.bridges[bridge->name]
            = !strcmp(bridge->datapath_type, "netdev");
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
    const auto found = ports_.owned().find(router);
    return found == ports_.owned().end() ? std::map<std::string, Switch_port>{}
                                         : found->second;
}

std::set<std::string>
Vswitch::owners() const
{
    std::set<std::string> routers;
    for (const auto &[router, ports] : ports_.owned()) {
        routers.insert(router);
    }
    return routers;
}

const ovsrec_interface *
Vswitch::find_interface(const std::string &name) const
{
    const auto *seen = ports_.find(name);
    return seen ? ovsrec_interface_get_for_uuid(idl_.get(), &seen->interface)
                : nullptr;
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
    const auto *interface = find_interface(port);
    return interface && !is_owned(interface) ? std::optional{read_port_row(
               ports_.find(port)->bridge, interface)}
                                             : std::nullopt;
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
    return ports_.closed().contains(port)
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
