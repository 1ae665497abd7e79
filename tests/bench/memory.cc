// How much memory and how many descriptors our two processes have, for routers
// and for NAT rules.

#include "bench.hh"

#include "facts.hh"
#include "fleet.hh"
#include "node.hh"
#include "processes.hh"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

namespace bench {
namespace {

constexpr std::array both{Process::daemon, Process::kernel_process};
constexpr int rules = 10000;

// Shall be at most so much: MB, and bytes for each router and each rule.
constexpr double base_mb = 24, router_bytes = 6000, rule_bytes = 300;

// In KiB, each of both processes.
struct Memory {
    std::array<double, both.size()> rss, pss, fds;

    double
    all() const
    {
        return rss[0] + rss[1];
    }
};

Memory
look()
{
    const Processes processes;
    Memory memory{};
    for (size_t i = 0; i < both.size(); i++) {
        const std::string directory = "/proc/" + processes.pid(both[i]);
        std::ifstream rollup{directory + "/smaps_rollup"};
        for (std::string word; rollup >> word;) {
            if (word == "Rss:") {
                rollup >> memory.rss[i];
            } else if (word == "Pss:") {
                rollup >> memory.pss[i];
            }
        }
        for ([[maybe_unused]] const auto &fd :
             std::filesystem::directory_iterator{directory + "/fd"}) {
            memory.fds[i]++;
        }
    }
    return memory;
}

// The allocator gives back what is free some seconds later.
Memory
look_when_settled()
{
    constexpr int seconds = 40, steady_for = 6;
    constexpr double step = 64;
    Memory before = look();
    for (int i = 0, steady = 0; i < seconds && steady < steady_for; i++) {
        std::this_thread::sleep_for(std::chrono::seconds{1});
        const Memory now = look();
        steady = std::abs(now.all() - before.all()) < step ? steady + 1 : 0;
        before = now;
    }
    return before;
}

Memory
tell(const std::string &what, int routers, int nat_rules)
{
    const Memory memory = look_when_settled();
    const double bound
        = (base_mb * 1e6 + routers * router_bytes + nat_rules * rule_bytes)
          / 1024;
    std::vector<Fact> facts;
    for (size_t i = 0; i < both.size(); i++) {
        const std::string name = process_names[static_cast<size_t>(both[i])];
        append(facts, {{"resident, " + name, memory.rss[i], "KiB"},
                       {"proportional, " + name, memory.pss[i], "KiB"},
                       {"descriptors, " + name, memory.fds[i], ""}});
    }
    facts.push_back(
        {"resident, both", memory.all(), "KiB", std::round(bound)});
    print("memory, " + what, facts);
    return memory;
}

void
restart_daemon()
{
    end_process(Processes{}.pid(Process::daemon),
                "ovs-appctl -t ovs-snatd exit");
    start_daemon();
}

bool
are_rules_active(const ovsdb_idl *idl)
{
    const auto all = snat::rows<snatrec_nat>(idl);
    return std::ranges::all_of(all, [](const snatrec_nat *nat) {
        return nat->state && !strcmp(nat->state, "active");
    });
}

// Floating IPs, the kind that needs most.
void
add_rules(Client &client)
{
    client.time(
        [&](ovsdb_idl_txn *txn) {
            const auto *router = snatrec_router_first(client.idl());
            for (int i = 0; i < rules; i++) {
                const std::string end = std::to_string(i / 250) + "."
                                        + std::to_string(i % 250 + 1);
                const auto *nat = snatrec_nat_insert(txn);
                snatrec_nat_set_type(nat, "dnat_and_snat");
                snatrec_nat_set_external_ip(nat, ("203.0." + end).c_str());
                snatrec_nat_set_logical_ip(nat, ("10.1." + end).c_str());
                snatrec_router_update_nat_addvalue(router, nat->header_.uuid);
            }
            count_up(client.idl());
        },
        [&] {
            return are_all_active(client.idl())
                   && are_rules_active(client.idl());
        });
}

double
kib_each(const Memory &now, const Memory &before, int number)
{
    return (now.all() - before.all()) / number;
}

} // namespace

void
measure_memory(Client &client, const Timing &)
{
    const int routers = fleet_size(1000);
    const Memory none = tell("no router", 0, 0);
    add_routers(client, routers, "veth");
    const std::string many = std::to_string(routers) + " routers";
    const Memory wired = tell(many, routers, 0);
    restart_daemon();
    const Memory adopted = tell(many + ", restarted", routers, 0);
    print("memory of a router",
          {{"when wired", kib_each(wired, none, routers), "KiB"},
           {"when adopted", kib_each(adopted, none, routers), "KiB"}});
    delete_routers(client);
    restart_daemon();
    add_routers(client, 1, "veth");
    const Memory one = tell("one router", 1, 0);
    add_rules(client);
    const Memory full = tell("one router, 10000 rules", 1, rules);
    restart_daemon();
    const Memory again = tell("the same, restarted", 1, rules);
    print("memory of a NAT rule",
          {{"when wired", kib_each(full, one, rules) * 1024, "B", rule_bytes},
           {"when adopted", kib_each(again, one, rules) * 1024, "B",
            rule_bytes}});
    delete_routers(client);
}

} // namespace bench
