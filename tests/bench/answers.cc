// How long ovs-appctl waits for the commands that list what a node with many
// routers has: at rest, and while many of them are changed at once.

#include "bench.hh"

#include <chrono>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace bench {
namespace {

constexpr int routers = 1000, changed = 100, rounds = 20;

struct Question {
    const char *command, *argument;
};
constexpr Question questions[] = {
    {"router/list", "--format=text"}, {"router/list", "--format=json"},
    {"router/show", "r0500"},         {"limits/show", "--format=json"},
    {"change/list", "--format=text"}, {"change/list", "--format=json"},
    {"orphan/list", "--format=json"}, {"metrics/show", nullptr},
};

// ovs-appctl without the start of a program.
class Appctl {
public:
    Appctl()
    {
        const std::string run = ovs_rundir();
        std::string pid;
        std::ifstream{run + "/ovs-snatd.pid"} >> pid;
        const std::string path = run + "/ovs-snatd." + pid + ".ctl";
        if (unixctl_client_create(path.c_str(), &rpc_)) {
            give_up("ovs-snatd does not listen");
        }
        known_ = ask({"list-commands", nullptr});
    }

    bool
    knows(const Question &question) const
    {
        return known_.find(std::string{"  "} + question.command)
               != known_.npos;
    }

    std::string
    ask(const Question &question)
    {
        char *argument = const_cast<char *>(question.argument);
        char *answer = nullptr, *error = nullptr;
        if (unixctl_client_transact(rpc_, question.command, argument ? 1 : 0,
                                    &argument, &answer, &error)
            || error) {
            give_up(error ? error : "ovs-snatd has hung up");
        }
        std::string text = answer ? answer : "";
        free(answer);
        return text;
    }

    double
    time(const Question &question)
    {
        const auto start = std::chrono::steady_clock::now();
        ask(question);
        return std::chrono::duration<double, std::milli>(
                   std::chrono::steady_clock::now() - start)
            .count();
    }

private:
    jsonrpc *rpc_ = nullptr; // Open as long as the program.
    std::string known_;
};

std::string
numbered(const char *prefix, int number)
{
    const std::string digits = std::to_string(number);
    return prefix + std::string(4 - digits.size(), '0') + digits;
}

void
add_router(ovsdb_idl_txn *txn, int number)
{
    const std::string outside = "198.18." + std::to_string(number / 250) + "."
                                + std::to_string(number % 250 + 1) + "/15";
    auto *router = snatrec_router_insert(txn);
    snatrec_router_set_name(router, numbered("r", number).c_str());
    const snatrec_router_port *ports[] = {
        add_port(txn, numbered("qg-", number).c_str(), "br-ex",
                 outside.c_str(), "veth"),
        add_port(txn, numbered("sg-", number).c_str(), "br-int", "10.0.0.1/24",
                 "veth"),
    };
    snatrec_router_set_ports(router, const_cast<snatrec_router_port **>(ports),
                             std::size(ports));
}

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

// ovs-vswitchd needs longer for all at once than the daemon waits for it.
void
add_routers(Client &client)
{
    for (int first = 0; first < routers; first += changed) {
        client.time(
            [&](ovsdb_idl_txn *txn) {
                const auto *global = snatrec_snat_global_first(client.idl());
                for (const auto &[key, value] :
                     {std::pair{"change-rate", "0"},
                      std::pair{"switch-timeout", "3600000"}}) {
                    snatrec_snat_global_update_options_setkey(global, key,
                                                              value);
                }
                for (int i = first; i < first + changed; i++) {
                    add_router(txn, i);
                }
                count_up(client.idl());
            },
            [&] { return are_all_active(client.idl()); });
    }
}

void
delete_routers(Client &client)
{
    client.time(
        [&](ovsdb_idl_txn *) {
            for (const auto *router :
                 snat::rows<snatrec_router>(client.idl())) {
                snatrec_router_delete(router);
            }
            count_up(client.idl());
        },
        [&] { return are_all_active(client.idl()); });
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
    add_routers(client);
    Appctl appctl;
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
