// A client of the daemon's database that measures how long its edits take
// until it sees what came of them.
#pragma once

#include "tables/idl.hh"

#include <functional>
#include <string>

namespace bench {

class Client {
public:
    Client();

    ovsdb_idl *
    idl() const
    {
        return idl_.get();
    }

    // Milliseconds from the commit of what 'compose' writes until 'seen'.
    double time(const std::function<void(ovsdb_idl_txn *)> &compose,
                const std::function<bool()> &seen);

    // The same of so many transactions, which do not wait for one another.
    double time_each(int count,
                     const std::function<void(ovsdb_idl_txn *, int)> &compose,
                     const std::function<bool()> &seen);

    // Milliseconds from the commit of a transaction that changes nothing but
    // SNAT_Global.external_ids until it is seen.
    double time_nothing();

private:
    void wait_for(const std::function<bool()> &condition);

    snat::Idl idl_;
    int nothings_ = 0;
};

// A port in a transaction, to be put into a router.
const snatrec_router_port *add_port(ovsdb_idl_txn *txn, const char *name,
                                    const char *bridge, const char *network,
                                    const char *wiring);

// Of two pairs of octets one of 250 * 250 addresses.
std::string address(const char *beginning, int number);

const snatrec_nat *add_floating_ip(ovsdb_idl_txn *txn,
                                   const snatrec_router *router,
                                   const std::string &external,
                                   const std::string &logical);

// An edit that is counted is done when all routers are active and the daemon
// has counted as far.
void count_up(const ovsdb_idl *idl);
bool are_all_active(const ovsdb_idl *idl);

[[noreturn]] void give_up(const char *why);

} // namespace bench
