// How long until all routers forward again when ovs-vswitchd is restarted.

#include "bench.hh"

#include "facts.hh"
#include "fleet.hh"
#include "flow.hh"
#include "node.hh"
#include "processes.hh"
#include "stopwatch.hh"
#include "watch.hh"

#include <string>

namespace bench {
namespace {

// For so long nothing more happens: it was over before.
constexpr double quiet_ms = 3000;

bool
is_well(const Samples &samples, int routers)
{
    return Watch::active(samples) >= routers
           && samples.at("ovs_snat_switch_running") > 0
           && samples.at("ovs_snat_changes_queued") == 0
           && samples.at("ovs_snat_changes_under_way") == 0;
}

// When it became well for good.
double
wait_until_well(Watch &watch, Flow &flow, const Stopwatch &time, int routers)
{
    double since = time.ms();
    watch.wait_until([&](const Samples &samples) {
        if (!flow.is_through() || !is_well(samples, routers)) {
            since = time.ms();
        }
        return time.ms() - since > quiet_ms;
    });
    return since;
}

// By whatever cause.
double
count_changes(const Samples &samples)
{
    double sum = 0;
    for (const auto &[name, value] : samples) {
        if (name.starts_with("ovs_snat_changes_total{")
            && name.find("committed") != name.npos) {
            sum += value;
        }
    }
    return sum;
}

void
restart_switch(Client &client, const std::string &wiring, int routers)
{
    add_routers(client, routers, wiring.c_str());
    {
        Flow flow{routers - 1};
        let_settle();
        Processes processes;
        Watch watch;
        const double before = count_changes(watch.samples());
        Cpu used = processes.used();
        used[Process::vswitchd] = {};
        const Stopwatch time;
        end_process(processes.pid(Process::vswitchd),
                    "ovs-appctl -t ovs-vswitchd exit");
        const double ended = time.ms();
        start_switch();
        const double started = time.ms();
        const double well = wait_until_well(watch, flow, time, routers);
        std::vector<Fact> all{
            {"until it has ended", ended, "ms"},
            {"until it is there again", started, "ms"},
            {"until all is well", well, "ms"},
            {"changes", count_changes(watch.samples()) - before, ""}};
        append(all, facts(Processes{}.used() - used));
        append(all, watch.facts());
        append(all, flow.facts());
        print("ovs-vswitchd restarted, " + wiring + ", "
                  + std::to_string(routers) + " routers",
              all);
    }
    delete_routers(client);
}

} // namespace

void
measure_switch_restart(Client &client, const Timing &)
{
    restart_switch(client, "veth", fleet_size(1000));
    restart_switch(client, "internal", fleet_size(100));
}

} // namespace bench
