// What it takes to look at all routers, of which each is as it should be.

#include "bench.hh"

#include "facts.hh"
#include "fleet.hh"
#include "node.hh"
#include "processes.hh"
#include "stopwatch.hh"
#include "watch.hh"
#include "written.hh"

#include <string>

namespace bench {
namespace {

constexpr const char *looks = "ovs_snat_look_duration_seconds_count";

// So that no other looks are counted.
void
stop_sweep(Client &client)
{
    client.time(
        [&](ovsdb_idl_txn *) {
            snatrec_snat_global_update_options_setkey(
                snatrec_snat_global_first(client.idl()), "sweep-interval",
                "0");
            count_up(client.idl());
        },
        [&] { return are_all_active(client.idl()); });
}

} // namespace

void
measure_resync(Client &client, const Timing &)
{
    const int routers = fleet_size(1000);
    stop_sweep(client);
    add_routers(client, routers, "veth");
    let_settle();
    Written written;
    const Processes processes;
    Watch watch;
    const double looked = watch.samples().at(looks);
    const Cpu before = processes.used();
    const Stopwatch time;
    Appctl{}.ask({"router/resync"});
    watch.wait_until([&](const Samples &samples) {
        return samples.at(looks) >= looked + routers;
    });
    std::vector<Fact> all{{"until all are looked at", time.ms(), "ms"}};
    append(all, facts(processes.used() - before));
    let_settle();
    append(all, watch.facts());
    append(all, written.facts());
    print("resync of " + std::to_string(routers) + " routers", all);
    delete_routers(client);
}

} // namespace bench
