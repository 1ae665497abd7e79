// What a restart of ovs-snatd takes, and that it is not felt: the time until
// the new one has looked at each router, and what it writes meanwhile.

#include "bench.hh"

#include "facts.hh"
#include "fleet.hh"
#include "flow.hh"
#include "node.hh"
#include "processes.hh"
#include "stopwatch.hh"
#include "watch.hh"
#include "written.hh"

#include <string>

namespace bench {
namespace {

// Of the processes, our two are new: all that they have used.
Cpu
used_since(const Cpu &before)
{
    Cpu old = before;
    old[Process::daemon] = old[Process::kernel_process] = {};
    return Processes{}.used() - old;
}

// A router's state is shown as active once it has been looked at: what its
// rows say of it is of the daemon's last life.
void
restart(const std::string &how, const std::string &line, int routers)
{
    Flow flow{routers - 1};
    let_settle();
    Written written;
    const Processes processes;
    const Cpu before = processes.used();
    const Stopwatch time;
    end_process(processes.pid(Process::daemon), line);
    const double ended = time.ms();
    start_daemon();
    const double started = time.ms();
    Watch watch{true};
    watch.wait_until([&](const Samples &samples) {
        return Watch::active(samples) >= routers;
    });
    std::vector<Fact> all{{"until it has ended", ended, "ms"},
                          {"until the next one answers", started, "ms"},
                          {"until all are adopted", time.ms(), "ms"}};
    append(all, facts(used_since(before)));
    let_settle();
    append(all, watch.facts());
    append(all, written.facts());
    append(all, flow.facts(0));
    print("restart by " + how + ", " + std::to_string(routers) + " routers",
          all);
}

} // namespace

void
measure_restart(Client &client, const Timing &)
{
    const int routers = fleet_size(1000);
    add_routers(client, routers, "veth");
    restart("exit", "ovs-appctl -t ovs-snatd exit", routers);
    restart("SIGKILL", "kill -KILL $(< $OVS_RUNDIR/ovs-snatd.pid)", routers);
    delete_routers(client);
}

} // namespace bench
