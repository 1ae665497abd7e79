// One router, beside none and beside many: made, changed, deleted.

#include "bench.hh"
#include "crowd.hh"
#include "floor.hh"

#include <algorithm>
#include <chrono>
#include <thread>

namespace bench {
namespace {

constexpr int first_other = 0, ours = 4001, floors = 4002;

// Between ovs-snatd and the floor: so both have their part of whatever else
// the machine has to do.
constexpr int turns = 3;

// What is done to a router, one after the other.
enum Operation { add, add_floating_ip, add_one_port, remove_it, operations };
constexpr const char *names[operations]
    = {"router added", "floating IP added", "port added", "router deleted"};

// The sample as each operation leaves it.
Sample
after(Sample sample, Operation operation)
{
    sample.floating_ips += operation >= add_floating_ip;
    sample.internal_ports += operation >= add_one_port;
    return sample;
}

// The newest change is a committed one: the router is gone whole.
bool
is_gone(const ovsdb_idl *idl, const std::string &name)
{
    const snatrec_change *newest = nullptr;
    for (const auto *row : snat::rows<snatrec_change>(idl)) {
        if (!newest || row->number > newest->number) {
            newest = row;
        }
    }
    return newest && newest->router == name && !newest->after[0]
           && !strcmp(newest->state, "committed");
}

// By ovs-snatd.
double
time_ours(Client &client, const Sample &sample, Operation operation)
{
    const auto *idl = client.idl();
    const auto becomes = rows_of(after(sample, operation));
    if (operation == remove_it) {
        return client.time(
            [&](ovsdb_idl_txn *txn) { delete_rows(txn, becomes); },
            [&] { return is_gone(idl, becomes.name); });
    }
    const auto *was = find_router(idl, becomes.name);
    const int64_t last = was && was->n_change ? was->change[0] : 0;
    return client.time(
        [&](ovsdb_idl_txn *txn) {
            if (operation == add) {
                add_rows(txn, becomes);
            } else {
                add_more_rows(txn,
                              rows_of(after(sample, Operation(operation - 1))),
                              becomes);
            }
        },
        [&] {
            const auto *router = find_router(idl, becomes.name);
            return is_active(router) && router->n_change
                   && router->change[0] > last;
        });
}

double
time_floor(Floor &floor, const Sample &sample, Operation operation)
{
    const Sample becomes = after(sample, operation);
    switch (operation) {
    case add:
        return floor.add({becomes});
    case remove_it:
        return floor.remove({becomes});
    default:
        return floor.grow(after(sample, Operation(operation - 1)), becomes);
    }
}

struct Series {
    Timing timings[operations];
};

class Rounds {
public:
    explicit Rounds(Client &client) : client_{client}, floor_{client} {}

    void
    run(const std::string &wiring, int others)
    {
        const bool is_quick = wiring == "veth" && others <= 100;
        const int rounds = is_quick ? 10 : 4; // Each turn.
        Sample sample, of_floor;
        sample.wiring = of_floor.wiring = wiring;
        sample.number = ours;
        of_floor.number = floors;
        of_floor.is_floor = true;
        Series all, least;
        Timing gone;
        for (int turn = 0; turn < turns; turn++) {
            repeat(all, rounds, [&](Operation operation) {
                return time_ours(client_, sample, operation);
            });
            const Pause pause{processes_};
            repeat(least, rounds, [&](Operation operation) {
                const double ms = time_floor(floor_, of_floor, operation);
                if (operation == remove_it) {
                    gone.ms.push_back(floor_.wait_until_gone());
                }
                return ms;
            });
        }
        const std::string where
            = ", " + wiring + ", beside " + std::to_string(others);
        for (int i = 0; i < operations; i++) {
            print(names[i] + where, all.timings[i], least.timings[i]);
        }
        // As ovs-snatd waits for it.
        all.timings[remove_it].cpu.reset();
        print("its devices gone" + where, all.timings[remove_it], gone);
    }

private:
    // What an operation leaves to be done counts as processor time, but must
    // not be in the way of the next one.
    template <typename Time>
    void
    repeat(Series &series, int rounds, Time time)
    {
        for (int i = 0; i < rounds * operations; i++) {
            const auto operation = static_cast<Operation>(i % operations);
            Timing &timing = series.timings[operation];
            const Cpu before = processes_.used();
            timing.ms.push_back(time(operation));
            rest_after(timing.ms.back());
            timing.add((processes_.used() - before) / (turns * rounds));
            floor_.settle();
        }
    }

    static void
    rest_after(double ms)
    {
        std::this_thread::sleep_for(
            std::chrono::duration<double, std::milli>{std::max(50.0, ms)});
    }

    Client &client_;
    Processes processes_;
    Floor floor_;
};

} // namespace

void
measure_routers(Client &client, const Timing &)
{
    set_no_limits(client);
    Rounds rounds{client};
    int there = first_other;
    // More each time.
    auto asked = numbers_in("OTHERS", "0,100");
    std::ranges::sort(asked);
    for (const int others : asked) {
        for (; there < others; there += 100) {
            time_crowd(client, samples(there, std::min(100, others - there)),
                       false, add_rows);
        }
        there = others;
        for (const char *wiring : {"veth", "internal"}) {
            Processes{}.rest();
            rounds.run(wiring, others);
        }
    }
    if (there > first_other) {
        time_crowd(client, samples(first_other, there), false, delete_rows);
    }
}

} // namespace bench
