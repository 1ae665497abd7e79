// Flows from one place to addresses that a router translates into those of
// another place.
#pragma once

#include "bench.hh"

#include <functional>
#include <netinet/in.h>
#include <string>
#include <vector>

namespace bench {

struct Way {
    std::string from, to;             // Places; their device is eth0.
    std::vector<in_addr_t> addresses; // Where flows go, in turn.
};

// Each is measured for a fifth of a second.  But for the last it is the median
// that counts, so that others on the machine do not.

// UDP packets a second that arrive, each of which begins a flow of its own.
double new_flows(const Way &way);

// The same, of one flow that has begun.
double packets(const Way &way);

// TCP connections a second, each opened and closed again.
double connections(const Way &way);

// Of one TCP connection, Gbit/s.
double throughput(const Way &way);

// A task done again and again.
Timing time_each(const std::function<void()> &task);

// A name for the kernel.
sockaddr_in socket_address(in_addr_t address, uint16_t port);

} // namespace bench
