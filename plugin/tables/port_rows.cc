#include "tables/port_rows.hh"

#include <algorithm>
#include <array>
#include <charconv>

namespace snat {
namespace {

constexpr const char *owner = "ovs-snatd";

// What the type of a row that is to be opened anew is meanwhile, by what it is
// else.  No device has such a type: ovs-vswitchd lets go of the port.
struct Reopening {
    const char *type, *meanwhile;
};
constexpr std::array reopenings
    = {Reopening{"", "snat-reopening"},
       Reopening{"internal", "snat-reopening-internal"}};

// The keys of external_ids that the daemon keeps on its own ports; all others
// belong to others.
constexpr std::array kept_keys
    = {"snat-owner", "snat-router", "iface-id", "attached-mac"};

constexpr std::array status_keys = {"snat-state", "snat-error", "snat-change"};

bool
is_status_key(std::string_view key)
{
    return std::ranges::find(status_keys, key) != status_keys.end();
}

// By the order of status_keys; an empty value is a key that is not there.
std::array<std::string, status_keys.size()>
status_values(const Shown_keys &keys)
{
    return {to_string(keys.status.state), keys.status.error,
            keys.change ? std::to_string(keys.change) : ""};
}

// A row that can show its status, else null.
const ovsrec_interface *
find_router_port(const ovsdb_idl *idl, const Row_id &id)
{
    const auto *interface = find_row<ovsrec_interface>(idl, id.uuid);
    return interface && is_router_port(interface) ? interface : nullptr;
}

// Words separated by spaces or commas.
std::vector<std::string>
split(const std::string &text)
{
    constexpr const char *separators = " ,\t\n";
    std::vector<std::string> words;
    size_t at = text.find_first_not_of(separators);
    while (at != text.npos) {
        const size_t end = text.find_first_of(separators, at);
        words.push_back(text.substr(at, end - at));
        at = text.find_first_not_of(separators, end);
    }
    return words;
}

const ovsrec_bridge *
find_bridge(const ovsdb_idl *idl, const std::string &name)
{
    for (const auto *bridge : rows<ovsrec_bridge>(idl)) {
        if (bridge->name == name) {
            return bridge;
        }
    }
    return nullptr;
}

const ovsrec_port *
find_port(const ovsrec_bridge *bridge, const std::string &name)
{
    for (size_t i = 0; i < bridge->n_ports; i++) {
        if (bridge->ports[i]->name == name) {
            return bridge->ports[i];
        }
    }
    return nullptr;
}

void
write_kept_keys(const ovsrec_interface *interface,
                const std::map<std::string, std::string> &was,
                const std::map<std::string, std::string> &becomes)
{
    for (const auto &[key, value] : becomes) {
        ovsrec_interface_update_external_ids_setkey(interface, key.c_str(),
                                                    value.c_str());
    }
    for (const auto &[key, value] : was) {
        if (!becomes.contains(key)) {
            ovsrec_interface_update_external_ids_delkey(interface,
                                                        key.c_str());
        }
    }
}

void
write_tag(const ovsrec_port *port, const Switch_port &there)
{
    const int64_t tag = there.tag.value_or(0);
    ovsrec_port_set_tag(port, &tag, there.tag.has_value());
}

void
add_port(const ovsrec_bridge *bridge, ovsdb_idl_txn *txn,
         const std::string &name, const Switch_port &there)
{
    auto *interface = ovsrec_interface_insert(txn);
    ovsrec_interface_set_name(interface, name.c_str());
    ovsrec_interface_set_type(interface, switch_type(there.wiring));
    // Whole, for a new row has nothing else.
    smap ids = SMAP_INITIALIZER(&ids);
    for (const auto &[key, value] : there.external_ids) {
        smap_add(&ids, key.c_str(), value.c_str());
    }
    ovsrec_interface_set_external_ids(interface, &ids);
    smap_destroy(&ids);
    auto *port = ovsrec_port_insert(txn);
    ovsrec_port_set_name(port, name.c_str());
    ovsrec_port_set_interfaces(port, &interface, 1);
    write_tag(port, there);
    ovsrec_bridge_update_ports_addvalue(bridge, port);
}

// Where an item's port is or shall be.
struct Place {
    const ovsrec_bridge *bridge;
    const ovsrec_port *port; // Null: not there.
};

Place
find_place(const ovsdb_idl *idl, const Set_switch::Item &item)
{
    const auto &there = item.was ? item.was : item.becomes;
    const auto *bridge = find_bridge(idl, there->bridge);
    return {bridge, bridge ? find_port(bridge, item.port) : nullptr};
}

Outcome
check_item(const ovsdb_idl *idl, const Set_switch::Item &item)
{
    const Place place = find_place(idl, item);
    if (item.becomes && !place.bridge) {
        return Error{0,
                     "the bridge " + item.becomes->bridge + " does not exist"};
    }
    if (place.port
        && (place.port->n_interfaces != 1
            || !is_owned(place.port->interfaces[0]))) {
        return Error{0, "the port " + item.port
                            + " is not ours: its row lacks external_ids:"
                              "snat-owner=ovs-snatd"};
    }
    const auto &there = item.was ? item.was : item.becomes;
    const auto router = there->external_ids.find("snat-router");
    if (place.port && router != there->external_ids.end()
        && get(place.port->interfaces[0]->external_ids, "snat-router")
               != router->second) {
        return Error{0, "the port " + item.port
                            + " is that of another router by now: its row has"
                              " another external_ids:snat-router"};
    }
    return Done{};
}

bool
shows_item(const ovsdb_idl *idl, const Set_switch::Item &item)
{
    const Place place = find_place(idl, item);
    if (!item.becomes || !place.port) {
        return !item.becomes && !place.port;
    }
    return read_switch_port(place.bridge->name, place.port,
                            place.port->interfaces[0])
           == *item.becomes;
}

void
write_item(const ovsdb_idl *idl, ovsdb_idl_txn *txn,
           const Set_switch::Item &item)
{
    const Place place = find_place(idl, item);
    if (!item.becomes) {
        if (place.port) {
            ovsrec_bridge_update_ports_delvalue(place.bridge, place.port);
        }
    } else if (!place.port) {
        add_port(place.bridge, txn, item.port, *item.becomes);
    } else {
        write_tag(place.port, *item.becomes);
        write_kept_keys(place.port->interfaces[0],
                        item.was ? item.was->external_ids
                                 : item.becomes->external_ids,
                        item.becomes->external_ids);
    }
}

} // namespace

bool
is_owned(const ovsrec_interface *interface)
{
    return get(interface->external_ids, "snat-owner") == owner;
}

bool
is_router_port(const ovsrec_interface *interface)
{
    return !is_owned(interface)
           && smap_get(&interface->external_ids, "snat-router");
}

std::string
type_of(const ovsrec_interface *interface)
{
    const std::string type = interface->type;
    const auto closed
        = std::ranges::find(reopenings, type, [](const Reopening &reopening) {
              return reopening.meanwhile;
          });
    return closed == reopenings.end() ? type : closed->type;
}

bool
is_closed(const ovsrec_interface *interface)
{
    return type_of(interface) != interface->type;
}

void
write_closed(const ovsrec_interface *interface)
{
    for (const auto &[type, meanwhile] : reopenings) {
        if (interface && !strcmp(interface->type, type)) {
            ovsrec_interface_set_type(interface, meanwhile);
            return;
        }
    }
}

void
write_opened(const ovsrec_interface *interface)
{
    if (interface && is_closed(interface)) {
        ovsrec_interface_set_type(interface, type_of(interface).c_str());
    }
}

Options
read_port_keys(const ovsrec_interface *interface)
{
    Options keys;
    const smap_node *node;
    SMAP_FOR_EACH(node, &interface->external_ids)
    {
        if (std::string_view{node->key}.starts_with("snat-")
            && !is_status_key(node->key)) {
            keys[node->key] = node->value;
        }
    }
    return keys;
}

Port_row
read_port_row(const std::string &bridge, const ovsrec_interface *interface)
{
    const smap &ids = interface->external_ids;
    Port_row row;
    row.id = {Table::interface, uuid_text(interface->header_)};
    row.name = interface->name;
    row.role = get(ids, "snat-role");
    row.bridge = bridge;
    row.wiring = type_of(interface);
    row.mac = get(ids, "attached-mac");
    row.networks = split(get(ids, "snat-networks"));
    row.gateway_ips = split(get(ids, "snat-gateway-ips"));
    row.floating_ips = split(get(ids, "snat-floating-ips"));
    row.port_forwards = split(get(ids, "snat-port-forwards"));
    row.routes = split(get(ids, "snat-routes"));
    row.enable_snat = get(ids, "snat-enable");
    if (interface->n_mtu_request) {
        row.mtu = interface->mtu_request[0];
    }
    row.options = read_port_keys(interface);
    return row;
}

Switch_port
read_switch_port(const std::string &bridge, const ovsrec_port *port,
                 const ovsrec_interface *interface)
{
    Switch_port there;
    there.bridge = bridge;
    if (port->n_tag) {
        there.tag = static_cast<uint16_t>(port->tag[0]);
    }
    there.wiring
        = type_of(interface) == "internal" ? Wiring::internal : Wiring::veth;
    for (const char *key : kept_keys) {
        if (const char *value = smap_get(&interface->external_ids, key)) {
            there.external_ids[key] = value;
        }
    }
    return there;
}

Outcome
write_switch_ports(const ovsdb_idl *idl, ovsdb_idl_txn *txn,
                   const Set_switch &step)
{
    // First look, then write: half of a step must not go out with others'.
    for (const auto &item : step.ports) {
        if (auto outcome = check_item(idl, item); !outcome) {
            return outcome;
        }
    }
    for (const auto &item : step.ports) {
        write_item(idl, txn, item);
    }
    return Done{};
}

bool
shows_switch_ports(const ovsdb_idl *idl, const Set_switch &step)
{
    return std::ranges::all_of(
        step.ports, [idl](const auto &item) { return shows_item(idl, item); });
}

void
write_status_keys(const ovsdb_idl *idl, const Row_id &id,
                  const Shown_keys &keys)
{
    const auto *interface = find_router_port(idl, id);
    if (!interface) {
        return;
    }
    const auto values = status_values(keys);
    for (size_t i = 0; i < values.size(); i++) {
        const char *key = status_keys[i];
        const char *old = smap_get(&interface->external_ids, key);
        if (values[i].empty() && old) {
            ovsrec_interface_update_external_ids_delkey(interface, key);
        } else if (!values[i].empty() && (!old || values[i] != old)) {
            ovsrec_interface_update_external_ids_setkey(interface, key,
                                                        values[i].c_str());
        }
    }
}

bool
shows_status_keys(const ovsdb_idl *idl, const Row_id &id,
                  const Shown_keys &keys)
{
    const auto *interface = find_router_port(idl, id);
    if (!interface) {
        return true;
    }
    const auto values = status_values(keys);
    for (size_t i = 0; i < values.size(); i++) {
        if (get(interface->external_ids, status_keys[i]) != values[i]) {
            return false;
        }
    }
    return true;
}

bool
has_old_status(const ovsrec_interface *interface)
{
    return !is_owned(interface) && !is_router_port(interface)
           && std::ranges::any_of(status_keys, [&](const char *key) {
                  return smap_get(&interface->external_ids, key);
              });
}

void
write_no_status(const ovsrec_interface *interface)
{
    if (!interface || !has_old_status(interface)) {
        return;
    }
    for (const char *key : status_keys) {
        if (smap_get(&interface->external_ids, key)) {
            ovsrec_interface_update_external_ids_delkey(interface, key);
        }
    }
}

void
write_settled_key(const ovsdb_idl *idl, int64_t next_cfg)
{
    const auto *root = ovsrec_open_vswitch_first(idl);
    if (root && !shows_settled_key(idl, next_cfg)) {
        ovsrec_open_vswitch_update_external_ids_setkey(
            root, "snat-cfg", std::to_string(next_cfg).c_str());
    }
}

bool
shows_settled_key(const ovsdb_idl *idl, int64_t next_cfg)
{
    const auto *root = ovsrec_open_vswitch_first(idl);
    return root && read_settled_key(root) == next_cfg;
}

int64_t
read_settled_key(const ovsrec_open_vswitch *root)
{
    const std::string text = get(root->external_ids, "snat-cfg");
    int64_t number = -1;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

} // namespace snat
