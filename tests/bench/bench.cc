// How quick the daemon is, seen by a client that edits and monitors its
// database.  Runs in a node (utilities/quickstart bench [WHAT]...) and prints
// a table and a JSON line for each row of it.
//
// The floor is measured in the same run: a transaction that changes nothing
// but SNAT_Global.external_ids, seen back by the same client.

#include "bench.hh"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <set>
#include <string>

namespace bench {

double
Timing::at(double share) const
{
    auto sorted = ms;
    std::ranges::sort(sorted);
    const auto last = static_cast<double>(sorted.size() - 1);
    return sorted[static_cast<size_t>(share * last)];
}

void
print(const std::string &what, const Timing &timing, const Timing &floor)
{
    const double median = timing.at(0.5), p99 = timing.at(0.99);
    const double ratio = median / floor.at(0.5);
    printf("%-24s median %7.2f ms  p99 %7.2f ms  %6.1f x one transaction\n",
           what.c_str(), median, p99, ratio);
    printf("{\"what\": \"%s\", \"median_ms\": %.3f, \"p99_ms\": %.3f, "
           "\"ratio\": %.2f}\n",
           what.c_str(), median, p99, ratio);
}

namespace {

Timing
measure_floor(Client &client)
{
    Timing floor;
    for (int i = 0; i < 20; i++) {
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

struct Measurement {
    std::string name;
    void (*measure)(Client &, const Timing &);
};

// In this order: the last but one leaves its router, the last no daemon.
const Measurement all[] = {
    {"answers", measure_answers},
    {"routers", measure_routers},
    {"floating-ips", measure_floating_ips},
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
            bench::give_up("expected answers, routers, floating-ips, traffic, "
                           "or nothing: all");
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
