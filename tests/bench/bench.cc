// How quick the daemon is, seen by a client that edits and monitors its
// database.  Runs in a node (utilities/quickstart bench [WHAT]...) and prints
// a table and a JSON line for each row of it.
//
// The floor is measured in the same run: for whole routers by who makes them
// with nothing but the system calls and transactions that they need (Floor);
// for all else it is a transaction that changes nothing, seen back by the same
// client.

#include "bench.hh"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>

namespace bench {

namespace {

Timing
measure_floor(Client &client)
{
    Timing floor;
    for (int i = 0; i < 20; i++) {
        floor.ms.push_back(client.time_nothing());
    }
    return floor;
}

struct Measurement {
    std::string name;
    void (*measure)(Client &, const Timing &);
};

// In this order: the last but one leaves its router, the last no daemon.
const Measurement all[] = {
    {"answers", measure_answers}, {"restart", measure_restart},
    {"resync", measure_resync},   {"switch-restart", measure_switch_restart},
    {"memory", measure_memory},   {"routers", measure_routers},
    {"many", measure_many},       {"floating-ips", measure_floating_ips},
    {"traffic", measure_traffic},
};

bool
is_known(const std::string &name)
{
    return std::ranges::find(all, name, &Measurement::name) != std::end(all);
}

} // namespace
} // namespace bench

int
main(int argc, char *argv[])
{
    set_program_name(argv[0]);
    vlog_set_levels(nullptr, VLF_CONSOLE, VLL_OFF);
    const std::set<std::string> asked{argv + 1, argv + argc};
    for (const std::string &what : asked) {
        if (!bench::is_known(what)) {
            bench::give_up(
                "expected answers, restart, resync, switch-restart, memory, "
                "routers, many, floating-ips, traffic, or nothing: all; "
                "routers are "
                "measured beside OTHERS=0,100 others, many are "
                "ROUTERS=100,1000 (FULL=1: and 3000), restarts, resync and "
                "memory with the first of these");
        }
    }
    bench::Client client;
    const bench::Timing floor = bench::measure_floor(client);
    bench::print("one transaction", floor, floor);
    for (const auto &[name, measure] : bench::all) {
        if (asked.empty() || asked.contains(name)) {
            measure(client, floor);
        }
    }
}
