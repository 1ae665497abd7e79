// What is measured, and how it is printed.
#pragma once

#include "client.hh"
#include "processes.hh"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bench {

struct Timing {
    std::vector<double> ms;
    std::optional<Cpu> cpu; // Of one, on average; empty: not measured.

    double at(double share) const;
    void add(const Cpu &more);
};

// One line for people, one of JSON for programs; 'floor' is what the same
// would take at least.
void print(const std::string &what, const Timing &timing, const Timing &floor);

// How long a router takes from the client's commit until it is seen active,
// changed, and seen gone again, in both wirings, beside so many others as
// OTHERS says in the environment ("0,100").
void measure_routers(Client &client, const Timing &floor);

// What each of many takes that are made at once and deleted at once; so many
// as ROUTERS says ("100,1000"; FULL: "100,1000,3000").
void measure_many(Client &client, const Timing &floor);

// How long one more floating IP takes until it is seen active, and how much of
// the processors both our processes need for it, in a router with few and in
// one with many.
void measure_floating_ips(Client &client, const Timing &floor);

// How long ovs-appctl waits for an answer about a node with 1,000 routers, at
// rest and while a hundred of them are changed.
void measure_answers(Client &client, const Timing &floor);

// What a restart of ovs-snatd takes with 1,000 routers, and what it writes.
void measure_restart(Client &client, const Timing &floor);

// The same of a look at all of them.
void measure_resync(Client &client, const Timing &floor);

// How much of it our two processes take for routers and for NAT rules.
void measure_memory(Client &client, const Timing &floor);

// How long until all routers forward again when ovs-vswitchd is restarted.
void measure_switch_restart(Client &client, const Timing &floor);

// What passes through routers with few and with many floating IPs, beside
// routers with lists of rules.  The daemon ends with it.
void measure_traffic(Client &client, const Timing &floor);

// Milliseconds on the processor for one more IPv4 address of full length on a
// link that has so many, on average of so many: rtnetlink alone.  What it goes
// through is in the caches, or none of it is; between two changes, in which
// databases, the switch and a client have run, it is something between.
double kernel_alone_ms(uint32_t have, uint32_t rounds, bool is_cold);

} // namespace bench
