#include "bench.hh"

#include <cstring>
#include <iterator>

namespace bench {
namespace {

constexpr int rounds = 20;

void
add_router(ovsdb_idl_txn *txn, const char *wiring)
{
    auto *router = snatrec_router_insert(txn);
    snatrec_router_set_name(router, "bench");
    const snatrec_router_port *ports[] = {
        add_port(txn, "qg-bench", "br-ex", "198.51.100.10/24", wiring),
        add_port(txn, "sg-bench0", "br-int", "10.0.0.1/24", wiring),
        add_port(txn, "sg-bench1", "br-int", "10.0.1.1/24", wiring),
    };
    snatrec_router_set_ports(router, const_cast<snatrec_router_port **>(ports),
                             std::size(ports));
}

bool
is_active(const ovsdb_idl *idl)
{
    const auto *router = snatrec_router_first(idl);
    return router && router->state && !strcmp(router->state, "active");
}

// The newest change is a committed one: the router is gone whole.
bool
is_gone(const ovsdb_idl *idl)
{
    const snatrec_change *newest = nullptr;
    for (const auto *row : snat::rows<snatrec_change>(idl)) {
        if (!newest || row->number > newest->number) {
            newest = row;
        }
    }
    return !snatrec_router_first(idl) && newest && !newest->after[0]
           && !strcmp(newest->state, "committed");
}

} // namespace

void
measure_routers(Client &client, const Timing &floor)
{
    for (const std::string wiring : {"veth", "internal"}) {
        Timing added, deleted;
        for (int i = 0; i < rounds; i++) {
            added.ms.push_back(client.time(
                [&](ovsdb_idl_txn *txn) { add_router(txn, wiring.c_str()); },
                [&] { return is_active(client.idl()); }));
            deleted.ms.push_back(client.time(
                [&](ovsdb_idl_txn *) {
                    snatrec_router_delete(snatrec_router_first(client.idl()));
                },
                [&] { return is_gone(client.idl()); }));
        }
        print("add, " + wiring, added, floor);
        print("delete, " + wiring, deleted, floor);
    }
}

} // namespace bench
