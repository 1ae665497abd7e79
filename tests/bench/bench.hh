// What is measured, and how it is printed.
#pragma once

#include "client.hh"

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

struct Timing {
    std::vector<double> ms;

    double at(double share) const;
};

// One line for people, one of JSON for programs.
void print(const std::string &what, const Timing &timing, const Timing &floor);

// How long a router takes from the client's commit until it is seen active,
// and until it is seen gone again: one gateway and two internal ports, both
// wirings.
void measure_routers(Client &client, const Timing &floor);

// How long one more floating IP takes until it is seen active, and how much of
// the processors both our processes need for it, in a router with few and in
// one with many.
void measure_floating_ips(Client &client, const Timing &floor);

// How long ovs-appctl waits for an answer about a node with 1,000 routers, at
// rest and while a hundred of them are changed.
void measure_answers(Client &client, const Timing &floor);

// What passes through routers with few and with many floating IPs, beside
// routers with lists of rules.  The daemon ends with it.
void measure_traffic(Client &client, const Timing &floor);

// Milliseconds on the processor for one more IPv4 address of full length on a
// link that has so many, on average of so many: rtnetlink alone.  What it goes
// through is in the caches, or none of it is; between two changes, in which
// databases, the switch and a client have run, it is something between.
double kernel_alone_ms(uint32_t have, uint32_t rounds, bool is_cold);

} // namespace bench
