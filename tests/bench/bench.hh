// What is measured, and how it is printed.
#pragma once

#include "client.hh"

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

} // namespace bench
