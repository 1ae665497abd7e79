#include "client.hh"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::minutes patience{20};

bool
is_over(ovsdb_idl_txn *txn)
{
    const auto status = ovsdb_idl_txn_commit(txn);
    if (status == TXN_ERROR || status == TXN_ABORTED) {
        give_up(ovsdb_idl_txn_get_error(txn));
    }
    return status != TXN_INCOMPLETE;
}

} // namespace

void
give_up(const char *why)
{
    fprintf(stderr, "bench: %s\n", why);
    exit(EXIT_FAILURE);
}

Client::Client()
    : idl_{ovsdb_idl_create(
        (std::string{"unix:"} + ovs_rundir() + "/ovs_snat_db.sock").c_str(),
        &snatrec_idl_class, true, true)}
{
    wait_for([this] { return ovsdb_idl_has_ever_connected(idl()); });
}

double
Client::time(const std::function<void(ovsdb_idl_txn *)> &compose,
             const std::function<bool()> &seen)
{
    return time_each(
        1, [&](ovsdb_idl_txn *txn, int) { compose(txn); }, seen);
}

double
Client::time_each(int count,
                  const std::function<void(ovsdb_idl_txn *, int)> &compose,
                  const std::function<bool()> &seen)
{
    std::deque<snat::Txn> sent;
    auto start = Clock::now();
    for (int i = 0; i < count; i++) {
        sent.emplace_back(ovsdb_idl_txn_create(idl()));
        compose(sent.back().get(), i);
        if (!i) {
            start = Clock::now();
        }
        ovsdb_idl_txn_commit(sent.back().get()); // The answer comes later.
    }
    wait_for([&] {
        while (!sent.empty() && is_over(sent.front().get())) {
            sent.pop_front();
        }
        return sent.empty() && seen();
    });
    return std::chrono::duration<double, std::milli>(Clock::now() - start)
        .count();
}

double
Client::time_nothing()
{
    const std::string value = std::to_string(nothings_++);
    const auto *global = snatrec_snat_global_first(idl());
    return time(
        [&](ovsdb_idl_txn *) {
            snatrec_snat_global_update_external_ids_setkey(global, "bench",
                                                           value.c_str());
        },
        [&] { return snat::get(global->external_ids, "bench") == value; });
}

void
Client::wait_for(const std::function<bool()> &condition)
{
    const auto end = Clock::now() + patience;
    for (;;) {
        ovsdb_idl_run(idl());
        if (condition()) {
            return;
        }
        if (Clock::now() > end) {
            give_up("gave up waiting");
        }
        ovsdb_idl_wait(idl());
        poll_timer_wait(100);
        poll_block();
    }
}

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

std::string
address(const char *beginning, int number)
{
    return beginning + std::to_string(number / 250) + "."
           + std::to_string(number % 250 + 1);
}

const snatrec_nat *
add_floating_ip(ovsdb_idl_txn *txn, const snatrec_router *router,
                const std::string &external, const std::string &logical)
{
    const auto *nat = snatrec_nat_insert(txn);
    snatrec_nat_set_type(nat, "dnat_and_snat");
    snatrec_nat_set_external_ip(nat, external.c_str());
    snatrec_nat_set_logical_ip(nat, logical.c_str());
    snatrec_router_update_nat_addvalue(router, nat->header_.uuid);
    return nat;
}

void
count_up(const ovsdb_idl *idl)
{
    const auto *global = snatrec_snat_global_first(idl);
    snatrec_snat_global_set_next_cfg(global, global->next_cfg + 1);
}

bool
are_all_active(const ovsdb_idl *idl)
{
    const auto *global = snatrec_snat_global_first(idl);
    const auto all = snat::rows<snatrec_router>(idl);
    return global->cur_cfg >= global->next_cfg
           && std::ranges::all_of(all, [](const snatrec_router *router) {
                  return router->state && !strcmp(router->state, "active");
              });
}

} // namespace bench
