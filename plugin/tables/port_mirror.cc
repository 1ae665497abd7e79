#include "tables/port_mirror.hh"

#include "tables/port_rows.hh"

namespace snat {
namespace {

auto
port_ids(const ovsrec_bridge *bridge)
{
    return std::span{bridge->ports, bridge->n_ports}
           | std::views::transform(
               [](const ovsrec_port *port) { return port->header_.uuid; });
}

// Erases an empty entry, too.
void
erase(auto &all, const std::string &key, const std::string &name)
{
    const auto found = all.find(key);
    if (found != all.end()) {
        found->second.erase(name);
        if (found->second.empty()) {
            all.erase(found);
        }
    }
}

} // namespace

// A port that changes has its bridge tracked, too, but not as updated.
void
Port_mirror::follow(const ovsdb_idl *idl, bool anew, Changed &changed)
{
    Uuids due;
    if (anew) {
        *this = {};
        for (const auto *bridge : rows<ovsrec_bridge>(idl)) {
            take(bridge, due);
        }
    }
    const ovsrec_bridge *bridge;
    OVSREC_BRIDGE_FOR_EACH_TRACKED(bridge, idl)
    {
        if (ovsrec_bridge_is_deleted(bridge)) {
            drop_bridge(bridge->header_.uuid, due);
        } else if (ovsrec_bridge_is_new(bridge)
                   || ovsrec_bridge_is_updated(bridge,
                                               OVSREC_BRIDGE_COL_PORTS)) {
            take(bridge, due);
        }
    }
    const ovsrec_port *port;
    OVSREC_PORT_FOR_EACH_TRACKED(port, idl)
    {
        due.insert(port->header_.uuid);
    }
    // A name may have come to another row.
    for (const uuid &id : due) {
        drop(id, changed);
    }
    for (const uuid &id : due) {
        take(idl, id, changed);
    }
}

void
Port_mirror::take(const ovsrec_bridge *row, Uuids &due)
{
    const uuid id = row->header_.uuid;
    Of_bridge &bridge = bridges_[id];
    bridge.name = row->name; // Never another one.
    const auto [gone, fresh] = difference(bridge.ports, port_ids(row));
    for (const uuid &port : gone) {
        const auto found = bridge_of_.find(port);
        if (found != bridge_of_.end() && uuid_equals(&found->second, &id)) {
            bridge_of_.erase(found);
        }
    }
    for (const uuid &port : fresh) {
        bridge_of_[port] = id;
    }
    due.insert(gone.begin(), gone.end());
    due.insert(fresh.begin(), fresh.end());
    if (!gone.empty() || !fresh.empty()) {
        const auto now = port_ids(row);
        bridge.ports.assign(now.begin(), now.end());
    }
}

void
Port_mirror::drop_bridge(const uuid &id, Uuids &due)
{
    const auto gone = bridges_.extract(id);
    if (!gone) {
        return;
    }
    for (const uuid &port : gone.mapped().ports) {
        const auto found = bridge_of_.find(port);
        if (found != bridge_of_.end() && uuid_equals(&found->second, &id)) {
            bridge_of_.erase(found);
        }
        due.insert(port);
    }
}

void
Port_mirror::drop(const uuid &port, Changed &changed)
{
    const auto gone = names_of_.extract(port);
    if (!gone) {
        return;
    }
    for (const std::string &name : gone.mapped()) {
        const auto found = ports_.find(name);
        if (found == ports_.end()) {
            continue;
        }
        changed.ports.insert(name);
        if (!found->second.is_foreign) {
            changed.routers.insert(found->second.router);
        }
        erase(owned_, found->second.router, name);
        erase(users_, found->second.router, name);
        closed_.erase(name);
        old_status_.erase(name);
        ports_.erase(found);
    }
}

void
Port_mirror::take(const ovsdb_idl *idl, const uuid &id, Changed &changed)
{
    const auto *port = ovsrec_port_get_for_uuid(idl, &id);
    const auto bridge = bridge_of_.find(id);
    if (!port || bridge == bridge_of_.end()) {
        return;
    }
    for (size_t i = 0; i < port->n_interfaces; i++) {
        Seen seen;
        seen.interface = port->interfaces[i]->header_.uuid;
        seen.bridge = bridges_.at(bridge->second).name;
        add(port, port->interfaces[i], std::move(seen), changed);
    }
}

void
Port_mirror::add(const ovsrec_port *port, const ovsrec_interface *interface,
                 Seen seen, Changed &changed)
{
    const std::string name = interface->name;
    seen.router = get(interface->external_ids, "snat-router");
    seen.is_router_port = is_router_port(interface);
    seen.is_foreign = !seen.is_router_port && !is_owned(interface);
    if (is_owned(interface)) {
        owned_[seen.router][name]
            = read_switch_port(seen.bridge, port, interface);
    } else if (seen.is_router_port) {
        users_[seen.router].insert(name);
    }
    if (is_closed(interface)) {
        closed_.insert(name);
    }
    if (has_old_status(interface)) {
        old_status_.insert(name);
    }
    changed.ports.insert(name);
    if (!seen.is_foreign) {
        changed.routers.insert(seen.router);
    }
    names_of_[port->header_.uuid].push_back(name);
    ports_.insert_or_assign(name, std::move(seen));
}

const Port_mirror::Seen *
Port_mirror::find(const std::string &port) const
{
    const auto found = ports_.find(port);
    return found == ports_.end() ? nullptr : &found->second;
}

const std::set<std::string> &
Port_mirror::ports_of(const std::string &router) const
{
    static const std::set<std::string> none;
    const auto found = users_.find(router);
    return found == users_.end() ? none : found->second;
}

} // namespace snat
