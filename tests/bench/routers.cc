// One router, beside none and beside many: made, changed, deleted.

#include "bench.hh"
#include "crowd.hh"
#include "floor.hh"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <sstream>
#include <thread>

namespace bench {
namespace {

constexpr int first_other = 0, ours = 4001, floors = 4002;

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
        const int rounds = is_quick ? 30 : 12;
        Sample sample;
        sample.wiring = wiring;
        sample.number = ours;
        const Series all = repeat(rounds, [&](Operation operation) {
            return time_ours(client_, sample, operation);
        });
        sample.number = floors;
        sample.is_floor = true;
        const Pause pause{processes_};
        const Series least = repeat(rounds, [&](Operation operation) {
            return time_floor(floor_, sample, operation);
        });
        for (int i = 0; i < operations; i++) {
            print(names[i] + (", " + wiring) + ", beside "
                      + std::to_string(others),
                  all.timings[i], least.timings[i]);
        }
    }

private:
    // What an operation leaves to be done counts as processor time, but must
    // not be in the way of the next one.
    template <typename Time>
    Series
    repeat(int rounds, Time time)
    {
        Series series;
        for (int i = 0; i < rounds * operations; i++) {
            const auto operation = static_cast<Operation>(i % operations);
            Timing &timing = series.timings[operation];
            const Cpu before = processes_.used();
            timing.ms.push_back(time(operation));
            std::this_thread::sleep_for(
                std::chrono::duration<double, std::milli>{
                    std::max(50.0, timing.ms.back())});
            timing.add((processes_.used() - before) / rounds);
            floor_.settle();
        }
        return series;
    }

    Client &client_;
    Processes processes_;
    Floor floor_;
};

// How many others there are, each time; more each time.
std::vector<int>
asked_others()
{
    const char *asked = getenv("OTHERS");
    std::istringstream words{asked ? asked : "0,100"};
    std::vector<int> others;
    for (std::string word; std::getline(words, word, ',');) {
        others.push_back(std::atoi(word.c_str()));
    }
    std::ranges::sort(others);
    return others;
}

} // namespace

void
measure_routers(Client &client, const Timing &)
{
    set_no_limits(client);
    Rounds rounds{client};
    int there = first_other;
    for (const int others : asked_others()) {
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
