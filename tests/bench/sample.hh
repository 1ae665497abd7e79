// The router that is measured, as rows: one gateway and two internal ports,
// ten floating IPs, a default route.
#pragma once

#include "client.hh"

#include "router/rows.hh"
#include "router/wired.hh"

#include <functional>
#include <string>
#include <vector>

namespace bench {

struct Sample {
    int number = 0; // Whose names and external addresses are its own.
    std::string wiring = "veth";
    int internal_ports = 2;
    int floating_ips = 10;
    // The floor's has other names, so that ovs-snatd does not know them.
    bool is_floor = false;
};

snat::Router_row rows_of(const Sample &sample);

// The rows that a client writes: all, or only those that are in 'becomes' and
// not in 'was'.
void add_rows(ovsdb_idl_txn *txn, const snat::Router_row &rows);
void add_more_rows(ovsdb_idl_txn *txn, const snat::Router_row &was,
                   const snat::Router_row &becomes);
void delete_rows(ovsdb_idl_txn *txn, const snat::Router_row &rows);

// Milliseconds from the commit of what 'write' does with each of 'routers',
// in one transaction or in one each, until 'seen'.
using Write
    = std::function<void(ovsdb_idl_txn *txn, const snat::Router_row &rows)>;
double time_rows(Client &client, const std::vector<snat::Router_row> &routers,
                 bool apart, const Write &write,
                 const std::function<bool()> &seen);

// Null: there is none.
const snatrec_router *find_router(const ovsdb_idl *idl,
                                  const std::string &name);
bool is_active(const snatrec_router *router);

// What it asks of the kernel.
snat::Wired wired_of(const snat::Router_row &rows);

} // namespace bench
