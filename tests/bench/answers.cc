// How long ovs-appctl waits for the commands that list what a node with many
// routers has: at rest, and while many of them are changed at once.

#include "appctl.hh"
#include "bench.hh"
#include "fleet.hh"

#include <string>

namespace bench {
namespace {

constexpr int changed = 100, rounds = 20;

constexpr Question questions[] = {
    {"router/list", "--format=text"}, {"router/list", "--format=json"},
    {"router/show", "r0500"},         {"limits/show", "--format=json"},
    {"change/list", "--format=text"}, {"change/list", "--format=json"},
    {"orphan/list", "--format=json"}, {"metrics/show"},
};
// What needs nothing but that the daemon listens.
constexpr Question least{"version"};

// Edits many routers, and asks until they are as they shall be.
void
ask_meanwhile(Client &client, Appctl &appctl, const Question &question,
              int64_t mtu, Timing &timing)
{
    client.time(
        [&](ovsdb_idl_txn *) {
            int left = changed;
            for (const auto *port :
                 snat::rows<snatrec_router_port>(client.idl())) {
                if (left-- > 0) {
                    snatrec_router_port_set_mtu(port, &mtu, 1);
                }
            }
            count_up(client.idl());
        },
        [&] {
            timing.ms.push_back(appctl.time(question));
            return are_all_active(client.idl());
        });
}

std::string
words_of(const Question &question)
{
    return std::string{question.command}
           + (question.argument ? std::string{" "} + question.argument : "");
}

} // namespace

void
measure_answers(Client &client, const Timing &floor)
{
    Appctl appctl;
    Timing wiring;
    add_routers(client, 1000, "veth",
                [&] { wiring.ms.push_back(appctl.time(least)); });
    print("version, while all are wired", wiring, floor);
    int64_t mtu = 1400;
    for (const Question &question : questions) {
        if (!appctl.knows(question)) {
            continue;
        }
        Timing at_rest, meanwhile;
        for (int i = 0; i < rounds; i++) {
            at_rest.ms.push_back(appctl.time(question));
        }
        while (meanwhile.ms.size() < rounds) {
            ask_meanwhile(client, appctl, question, mtu++, meanwhile);
        }
        print(words_of(question), at_rest, floor);
        print("  while changes run", meanwhile, floor);
    }
    delete_routers(client);
}

} // namespace bench
