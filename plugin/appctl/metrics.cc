#include "appctl/metrics.hh"

#include "appctl/uses.hh"

#include <algorithm>
#include <map>

namespace snat {
namespace {

using Type = Exposition::Type;

// By State; this is how many there are.
constexpr std::array states{State::pending,  State::active,   State::failed,
                            State::degraded, State::disabled, State::standby};

// As its rows show it.  An orphan has none.
State
state_of(const Life &life)
{
    return life.orphaned ? State::degraded
           : life.shown  ? life.shown->router.state
                         : State::pending;
}

void
tell_daemon(Exposition &out, const Surrounding_metrics &around)
{
    out.family(Type::info, "ovs_snat_build", "The version that runs.");
    out.sample({{"version", around.version}}, uint64_t{1});
    out.family(Type::gauge, "ovs_snat_ready",
               "Whether both databases have been read, and no other ovs-snatd "
               "is in charge.");
    out.sample({}, uint64_t{around.is_ready});
    out.family(Type::gauge, "ovs_snat_switch_running",
               "Whether ovs-vswitchd runs.");
    out.sample({}, uint64_t{around.switch_runs});
}

void
tell_databases(Exposition &out, const Surrounding_metrics &around)
{
    const auto each = [&](auto &&value_of) {
        out.sample({{"database", "OVS_SNAT"}}, value_of(around.own_database));
        out.sample({{"database", "Open_vSwitch"}},
                   value_of(around.switch_database));
    };
    out.family(Type::gauge, "ovs_snat_database_connected",
               "Whether the database can be reached.");
    each([](const auto &state) { return uint64_t{state.connected}; });
    out.family(Type::counter, "ovs_snat_database_reconnects",
               "Times that the database came back after it had been away.");
    each([](const auto &state) { return state.reconnects; });
    out.family(Type::gauge, "ovs_snat_configuration_lag",
               "Edits that are waited for (next_cfg) and neither realised nor "
               "refused yet.");
    each([](const auto &state) { return state.behind; });
}

void
tell_routers(Exposition &out, const Engine &engine)
{
    std::array<uint64_t, states.size()> by_state{};
    uint64_t orphans = 0, outstanding = 0, drifting = 0, unconfirmed = 0;
    for (const auto &[name, life] : engine.routers()) {
        by_state[static_cast<size_t>(state_of(life))]++;
        orphans += life.orphaned.has_value();
        outstanding += life.interrupted.has_value();
        drifting += !life.drift.empty();
        unconfirmed += life.confirm && life.confirm->is_waiting();
    }
    out.family(Type::gauge, "ovs_snat_routers",
               "Routers, by the state that their rows show.");
    for (const State state : states) {
        out.sample({{"state", to_string(state)}},
                   by_state[static_cast<size_t>(state)]);
    }
    const auto one = [&](const char *name, const char *help, uint64_t value) {
        out.family(Type::gauge, name, help);
        out.sample({}, value);
    };
    one("ovs_snat_orphans",
        "Routers that are wired and known neither to rows nor to the history.",
        orphans);
    one("ovs_snat_routers_outstanding",
        "Routers with a change that was interrupted or is not wholly undone, "
        "and will be tried again.",
        outstanding);
    one("ovs_snat_routers_drifting",
        "Routers with something that was changed by hand and is left so, or "
        "comes back again and again.",
        drifting);
    one("ovs_snat_routers_unconfirmed",
        "Routers with a change that waits to be confirmed.", unconfirmed);
}

void
tell_wired(Exposition &out, const Engine &engine)
{
    Tally all;
    for (const auto &[name, life] : engine.routers()) {
        all += life.tally;
    }
    out.family(Type::gauge, "ovs_snat_ports", "Router ports that are wired.");
    for (const Role role : {Role::gateway, Role::internal}) {
        for (const Wiring wiring : {Wiring::veth, Wiring::internal}) {
            out.sample(
                {{"role", to_string(role)}, {"wiring", to_string(wiring)}},
                uint64_t{all.ports[static_cast<size_t>(role)]
                                  [static_cast<size_t>(wiring)]});
        }
    }
    out.family(Type::gauge, "ovs_snat_nat_rules",
               "NAT rules that are in force.");
    for (size_t kind = 0; kind < rule_kinds.size(); kind++) {
        out.sample({{"kind", rule_kinds[kind]}}, uint64_t{all.rules[kind]});
    }
    out.family(Type::gauge, "ovs_snat_static_routes",
               "Static routes that are in force.");
    out.sample({}, uint64_t{all.routes});
}

void
tell_translated(Exposition &out, const Engine &engine)
{
    const Nat_count &all = engine.metrics().translated;
    out.family(Type::counter, "ovs_snat_translated_packets",
               "Packets that NAT rules have translated, of those who began "
               "the flows (request) and of the other sides (reply).");
    out.sample({{"direction", "request"}}, all.packets);
    out.sample({{"direction", "reply"}}, all.reply_packets);
    out.family(Type::counter, "ovs_snat_translated_bytes",
               "Bytes of these packets.", "bytes");
    out.sample({{"direction", "request"}}, all.bytes);
    out.sample({{"direction", "reply"}}, all.reply_bytes);
    const Nat_counts none;
    uint64_t flows = 0, counted = 0;
    for (const auto &[name, life] : engine.routers()) {
        counted += life.counted != nullptr;
        for (const auto &[rule, count] : life.counted ? *life.counted : none) {
            flows += count.flows;
        }
    }
    out.family(Type::gauge, "ovs_snat_translated_flows",
               "Flows that NAT rules translate at present.");
    out.sample({}, flows);
    out.family(Type::gauge, "ovs_snat_routers_counted",
               "Routers whose packets and flows are read at an interval.");
    out.sample({}, counted);
}

const char *
name_of(Table table)
{
    constexpr const char *names[]
        = {"Interface", "Router", "Router_Port", "NAT", "Static_Route"};
    return names[static_cast<size_t>(table)];
}

// What is refused of a router as such is its row's.
void
tell_refused(Exposition &out, const Engine &engine)
{
    std::map<std::pair<Table, bool>, uint64_t> refused;
    for (const Table table :
         {Table::interface, Table::router, Table::router_port, Table::nat,
          Table::static_route}) {
        refused[{table, false}] = refused[{table, true}] = 0;
    }
    for (const auto &[name, life] : engine.routers()) {
        for (const Refusal &refusal : life.accepted.refusals) {
            const Table table
                = refusal.row ? refusal.row->table : Table::router;
            refused[{table, refusal.pending}]++;
        }
    }
    out.family(Type::gauge, "ovs_snat_rows_refused",
               "Rows that are not fit (failed), or have to wait for something "
               "that they name (pending).");
    for (const auto &[which, count] : refused) {
        out.sample({{"table", name_of(which.first)},
                    {"state", which.second ? "pending" : "failed"}},
                   count);
    }
}

void
tell_changes(Exposition &out, const Metrics &metrics)
{
    out.family(Type::counter, "ovs_snat_changes",
               "Tries of changes, by cause and by how they ended.");
    for (size_t cause = 0; cause < Metrics::causes.size(); cause++) {
        for (size_t how = 0; how < tried_names.size(); how++) {
            out.sample({{"cause", Metrics::causes[cause]},
                        {"outcome", tried_names[how]}},
                       metrics.changes[cause][how]);
        }
    }
    out.family(Type::counter, "ovs_snat_steps",
               "Steps of changes that were done, and inverse steps by which "
               "they were undone.");
    out.sample({{"direction", "forward"}}, metrics.steps);
    out.sample({{"direction", "back"}}, metrics.inverse_steps);
    out.family(
        Type::counter, "ovs_snat_announced_addresses",
        "Addresses that were announced to the networks after a change.");
    out.sample({}, metrics.announced);
}

void
tell_times(Exposition &out, const Metrics &metrics)
{
    out.family(Type::histogram, "ovs_snat_queue_duration_seconds",
               "How long routers that were ready waited for their turn.",
               "seconds");
    out.sample({}, metrics.queued);
    out.family(Type::histogram, "ovs_snat_look_duration_seconds",
               "How long looks took that found nothing to do.", "seconds");
    out.sample({}, metrics.unchanged);
    out.family(Type::histogram, "ovs_snat_change_phase_duration_seconds",
               "How long changes were in each of their phases.", "seconds");
    for (size_t phase = 0; phase < metrics.phases.size(); phase++) {
        out.sample(
            {{"phase", to_string(static_cast<Transaction::Phase>(phase))}},
            metrics.phases[phase]);
    }
    out.family(Type::histogram, "ovs_snat_change_duration_seconds",
               "How long changes took from the first look to their end.",
               "seconds");
    for (const Tried how :
         {Tried::committed, Tried::undone, Tried::undo_failed}) {
        const auto index = static_cast<size_t>(how);
        out.sample({{"outcome", tried_names[index]}}, metrics.whole[index]);
    }
}

void
tell_load(Exposition &out, const Engine &engine, size_t changes)
{
    out.family(Type::gauge, "ovs_snat_changes_queued",
               "Routers that are ready and wait for their turn.");
    out.sample({}, uint64_t{engine.queued()});
    out.family(Type::gauge, "ovs_snat_changes_under_way",
               "Changes that have begun and not ended.");
    out.sample({}, static_cast<uint64_t>(std::ranges::count_if(
                       engine.routers(), [](const auto &entry) {
                           return entry.second.changing;
                       })));
    const auto used = uses(engine, changes);
    out.family(Type::gauge, "ovs_snat_limit",
               "Limits of the node, by the option that sets them.");
    for (const Limit &limit : all_limits) {
        if (used.contains(limit.key)) {
            out.sample({{"option", limit.key}},
                       uint64_t{engine.limits().*limit.value});
        }
    }
    out.family(Type::gauge, "ovs_snat_limit_used",
               "How much of each limit is taken, by the router that takes "
               "most.");
    for (const Limit &limit : all_limits) {
        const auto use = used.find(limit.key);
        if (use != used.end()) {
            out.sample({{"option", limit.key}}, uint64_t{use->second});
        }
    }
}

void
tell_loop(Exposition &out, const Surrounding_metrics &around)
{
    out.family(Type::histogram, "ovs_snat_loop_turn_duration_seconds",
               "How long turns of the main loop took, from its waking to its "
               "next wait.",
               "seconds");
    out.sample({}, around.turns);
    out.family(Type::gauge, "ovs_snat_loop_longest_turn_seconds",
               "The longest turn of the main loop since the start.",
               "seconds");
    out.sample({}, std::chrono::duration<double>{around.longest_turn}.count());
}

// Not by the names that are usual, "process_open_fds" and so on: there are two
// processes, and a collector that reads a file has metrics of these names
// itself.
void
tell_processes(Exposition &out, const Surrounding_metrics &around)
{
    const auto each = [&](auto &&value_of) {
        out.sample({{"process", "main"}}, value_of(around.main));
        if (around.kernel) {
            out.sample({{"process", "kernel"}}, value_of(*around.kernel));
        }
    };
    out.family(Type::counter, "ovs_snat_process_cpu_seconds",
               "Time of a processor that was used, in user and kernel mode.",
               "seconds");
    each([](const auto &usage) {
        return static_cast<double>(usage.cpu_us) / 1e6;
    });
    out.family(Type::gauge, "ovs_snat_process_resident_memory_bytes",
               "Memory that is used.", "bytes");
    each([](const auto &usage) { return usage.resident_bytes; });
    out.family(Type::gauge, "ovs_snat_process_virtual_memory_bytes",
               "Memory that is mapped.", "bytes");
    each([](const auto &usage) { return usage.virtual_bytes; });
    out.family(Type::gauge, "ovs_snat_process_open_fds", "Open descriptors.");
    each([](const auto &usage) { return usage.open_fds; });
    out.family(Type::gauge, "ovs_snat_process_max_fds",
               "Descriptors that may be open.");
    each([](const auto &usage) { return usage.max_fds; });
    out.family(Type::gauge, "ovs_snat_process_start_time_seconds",
               "When the process began, since the epoch.", "seconds");
    each([](const auto &usage) {
        return static_cast<double>(usage.started_at) / 1e3;
    });
    out.family(Type::gauge, "ovs_snat_kernel_process_silence_seconds",
               "For how long the kernel process has owed an answer.",
               "seconds");
    out.sample({},
               std::chrono::duration<double>{around.kernel_silence}.count());
}

} // namespace

std::string
view_metrics(const Engine &engine, const Surrounding_metrics &around,
             Form form)
{
    Exposition out{form};
    tell_daemon(out, around);
    tell_databases(out, around);
    tell_routers(out, engine);
    tell_wired(out, engine);
    tell_translated(out, engine);
    tell_refused(out, engine);
    tell_changes(out, engine.metrics());
    tell_times(out, engine.metrics());
    tell_load(out, engine, around.changes);
    tell_loop(out, around);
    tell_processes(out, around);
    return std::move(out).end();
}

} // namespace snat
