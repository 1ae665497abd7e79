// Rows of the Open_vSwitch database, to values and back, one function each.
#pragma once

#include "change/world.hh"
#include "router/rows.hh"
#include "step/step.hh"
#include "tables/idl.hh"

namespace snat {

// Made by the daemon: it carries the mark in external_ids.
bool is_owned(const ovsrec_interface *interface);
// Made by a user to be a router port: door 1.
bool is_router_port(const ovsrec_interface *interface);

// A port whose type only says that ovs-vswitchd shall let go of its device
// for a moment, to open it anew.
bool is_closed(const ovsrec_interface *interface);
// The type that it has else.
std::string type_of(const ovsrec_interface *interface);
// Both leave alone what is not as they expect, null included.
void write_closed(const ovsrec_interface *interface);
void write_opened(const ovsrec_interface *interface);

// All keys that begin with "snat-", but those of the status.
Options read_port_keys(const ovsrec_interface *interface);
Port_row read_port_row(const std::string &bridge,
                       const ovsrec_interface *interface);
Switch_port read_switch_port(const std::string &bridge,
                             const ovsrec_port *port,
                             const ovsrec_interface *interface);

// Brings the rows of the step's ports to what they shall become.  What is
// so already is left alone; a row that is not ours is an error.
Outcome write_switch_ports(const ovsdb_idl *idl, ovsdb_idl_txn *txn,
                           const Set_switch &step);
// As for all shows_...(): whether the rows are as write_...() makes them.
bool shows_switch_ports(const ovsdb_idl *idl, const Set_switch &step);

// What the status keys of a row are made of.
struct Shown_keys {
    Row_status status;
    uint64_t change = 0; // 0: none.
};

// snat-state, snat-error, snat-change.  A row that is no router port, or gone,
// needs none.
void write_status_keys(const ovsdb_idl *idl, const Row_id &id,
                       const Shown_keys &keys);
bool shows_status_keys(const ovsdb_idl *idl, const Row_id &id,
                       const Shown_keys &keys);
// Not a router port any more, but still with such keys.
bool has_old_status(const ovsrec_interface *interface);
// Leaves alone what has none, null included.
void write_no_status(const ovsrec_interface *interface);

// snat-cfg of the Open_vSwitch row.
void write_settled_key(const ovsdb_idl *idl, int64_t next_cfg);
// -1: none, or not a number.
int64_t read_settled_key(const ovsrec_open_vswitch *root);
bool shows_settled_key(const ovsdb_idl *idl, int64_t next_cfg);

} // namespace snat
