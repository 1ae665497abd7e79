// How long a router takes from the client's commit until a client that
// monitors the database sees it active, and until it sees it gone again: one
// gateway and two internal ports, both wirings.  Runs in a node
// (utilities/quickstart bench) and prints a table and a JSON line for each.
//
// The floor is measured in the same run: a transaction that changes nothing
// but SNAT_Global.external_ids, seen back by the same client.

#include "tables/idl.hh"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

namespace {

using snat::Idl;
using snat::Txn;
using Clock = std::chrono::steady_clock;

constexpr int rounds = 20;
constexpr std::chrono::seconds patience{30};

struct Timing {
    std::vector<double> ms;

    double
    at(double share) const
    {
        auto sorted = ms;
        std::ranges::sort(sorted);
        const auto last = static_cast<double>(sorted.size() - 1);
        return sorted[static_cast<size_t>(share * last)];
    }
};

class Client {
public:
    Client()
        : idl_{ovsdb_idl_create(
            (std::string{"unix:"} + ovs_rundir() + "/ovs_snat_db.sock")
                .c_str(),
            &snatrec_idl_class, true, true)}
    {
        wait_for([this] { return ovsdb_idl_has_ever_connected(idl()); });
    }

    ovsdb_idl *
    idl() const
    {
        return idl_.get();
    }

    // Milliseconds from the commit of what 'compose' writes until 'seen'.
    double
    time(const std::function<void(ovsdb_idl_txn *)> &compose,
         const std::function<bool()> &seen)
    {
        Txn txn{ovsdb_idl_txn_create(idl())};
        compose(txn.get());
        const auto start = Clock::now();
        ovsdb_idl_txn_commit(txn.get()); // Sends it; the answer comes later.
        wait_for([&] {
            const auto status = ovsdb_idl_txn_commit(txn.get());
            if (status == TXN_ERROR || status == TXN_ABORTED) {
                ovs_fatal_here(ovsdb_idl_txn_get_error(txn.get()));
            }
            return status != TXN_INCOMPLETE && seen();
        });
        return std::chrono::duration<double, std::milli>(Clock::now() - start)
            .count();
    }

private:
    [[noreturn]] static void
    ovs_fatal_here(const char *why)
    {
        fprintf(stderr, "bench: %s\n", why);
        exit(EXIT_FAILURE);
    }

    void
    wait_for(const std::function<bool()> &condition)
    {
        const auto end = Clock::now() + patience;
        for (;;) {
            ovsdb_idl_run(idl());
            if (condition()) {
                return;
            }
            if (Clock::now() > end) {
                ovs_fatal_here("gave up waiting");
            }
            ovsdb_idl_wait(idl());
            poll_timer_wait(100);
            poll_block();
        }
    }

    Idl idl_;
};

const snatrec_router_port *
add_port(ovsdb_idl_txn *txn, const char *name, const char *bridge,
         const char *network, const char *wiring)
{
    auto *port = snatrec_router_port_insert(txn);
    snatrec_router_port_set_name(port, name);
    snatrec_router_port_set_bridge(port, bridge);
    snatrec_router_port_set_networks(port, &network, 1);
    snatrec_router_port_update_options_setkey(port, "wiring", wiring);
    return port;
}

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

void
print(const char *what, const Timing &timing, const Timing &floor)
{
    const double median = timing.at(0.5), p99 = timing.at(0.99);
    printf("%-24s median %7.2f ms  p99 %7.2f ms  %6.1f x one transaction\n",
           what, median, p99, median / floor.at(0.5));
    printf("{\"what\": \"%s\", \"median_ms\": %.3f, \"p99_ms\": %.3f, "
           "\"ratio\": %.2f}\n",
           what, median, p99, median / floor.at(0.5));
}

void
measure(Client &client, const char *wiring, const Timing &floor)
{
    Timing added, deleted;
    for (int i = 0; i < rounds; i++) {
        added.ms.push_back(
            client.time([&](ovsdb_idl_txn *txn) { add_router(txn, wiring); },
                        [&] { return is_active(client.idl()); }));
        deleted.ms.push_back(client.time(
            [&](ovsdb_idl_txn *) {
                snatrec_router_delete(snatrec_router_first(client.idl()));
            },
            [&] { return is_gone(client.idl()); }));
    }
    print((std::string{"add, "} + wiring).c_str(), added, floor);
    print((std::string{"delete, "} + wiring).c_str(), deleted, floor);
}

Timing
measure_floor(Client &client)
{
    Timing floor;
    for (int i = 0; i < rounds; i++) {
        const std::string value = std::to_string(i);
        const auto *global = snatrec_snat_global_first(client.idl());
        floor.ms.push_back(client.time(
            [&](ovsdb_idl_txn *) {
                snatrec_snat_global_update_external_ids_setkey(global, "bench",
                                                               value.c_str());
            },
            [&] {
                return snat::get(global->external_ids, "bench") == value;
            }));
    }
    return floor;
}

} // namespace

int
main(int, char *argv[])
{
    set_program_name(argv[0]);
    vlog_set_levels(nullptr, VLF_CONSOLE, VLL_OFF);
    Client client;
    const Timing floor = measure_floor(client);
    print("one transaction", floor, floor);
    for (const char *wiring : {"veth", "internal"}) {
        measure(client, wiring, floor);
    }
}
