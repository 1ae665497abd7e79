#include "bench.hh"
#include "processes.hh"

#include <cstring>
#include <iterator>
#include <string>

namespace bench {
namespace {

constexpr int few = 10, many = 10000, rounds = 300;

const snatrec_nat *
add_floating_ip(ovsdb_idl_txn *txn, int number)
{
    return bench::add_floating_ip(
        txn, snatrec_router_first(ovsdb_idl_txn_get_idl(txn)),
        address("203.0.", number), address("10.1.", number));
}

bool
are_rules_active(const ovsdb_idl *idl)
{
    for (const auto *row : snat::rows<snatrec_nat>(idl)) {
        if (!row->state || strcmp(row->state, "active")) {
            return false;
        }
    }
    const auto *router = snatrec_router_first(idl);
    return router && router->state && !strcmp(router->state, "active");
}

void
add_router(Client &client)
{
    client.time(
        [&](ovsdb_idl_txn *txn) {
            snatrec_snat_global_update_options_setkey(
                snatrec_snat_global_first(client.idl()), "change-rate", "0");
            auto *router = snatrec_router_insert(txn);
            snatrec_router_set_name(router, "bench");
            const snatrec_router_port *ports[] = {
                add_port(txn, "qg-bench", "br-ex", "198.51.100.10/24", "veth"),
                add_port(txn, "sg-bench", "br-int", "10.0.0.1/24", "veth"),
            };
            snatrec_router_set_ports(router,
                                     const_cast<snatrec_router_port **>(ports),
                                     std::size(ports));
        },
        [&] { return are_rules_active(client.idl()); });
}

void
print_used(const std::string &what, const Used &main, const Used &kernel)
{
    printf("%-24s %.2f ms in ovs-snatd, %.2f ms in its kernel process, of "
           "that %.2f ms in the kernel\n",
           "  processor time", main.all, kernel.all, kernel.in_kernel);
    printf("{\"what\": \"%s\", \"main_cpu_ms\": %.3f, \"kernel_cpu_ms\": "
           "%.3f, \"system_ms\": %.3f}\n",
           what.c_str(), main.all, kernel.all, kernel.in_kernel);
}

class Measurement {
public:
    Measurement(Client &client, const Timing &floor)
        : client_{client}, floor_{floor}
    {
        add_router(client);
    }

    // Milliseconds on the processors for one more, of both processes.
    double
    run(int have)
    {
        fill(have);
        processes_.rest();
        Timing timing;
        const Cpu before = processes_.used();
        for (int i = 0; i < rounds; i++) {
            timing.ms.push_back(add_one());
        }
        const Cpu one = (processes_.used() - before) / rounds;
        const Used &in_main = one[Process::daemon],
                   &in_kernel = one[Process::kernel_process];
        const std::string what = "floating IP beside " + std::to_string(have);
        print(what, timing, floor_);
        print_used(what, in_main, in_kernel);
        return in_main.all + in_kernel.all;
    }

private:
    void
    fill(int wanted)
    {
        client_.time(
            [&](ovsdb_idl_txn *txn) {
                while (number_ < wanted) {
                    add_floating_ip(txn, number_++);
                }
            },
            [&] { return are_rules_active(client_.idl()); });
    }

    double
    add_one()
    {
        ovsdb_idl_txn *txn = nullptr;
        uuid inserted;
        return client_.time(
            [&](ovsdb_idl_txn *ours) {
                txn = ours;
                inserted = add_floating_ip(txn, number_++)->header_.uuid;
            },
            [&] {
                const uuid *real
                    = ovsdb_idl_txn_get_insert_uuid(txn, &inserted);
                const auto *row
                    = real ? snatrec_nat_get_for_uuid(client_.idl(), real)
                           : nullptr;
                return row && row->state && !strcmp(row->state, "active");
            });
    }

    Client &client_;
    const Timing &floor_;
    Processes processes_;
    int number_ = 0;
};

// What one more address costs at least.
void
print_kernel_alone(bool is_cold)
{
    const double of_few = kernel_alone_ms(few, rounds, is_cold),
                 of_many = kernel_alone_ms(many, rounds, is_cold);
    const char *how = is_cold ? "cold" : "warm";
    printf("%-24s %.2f ms beside %d, %.2f ms beside %d, caches %s\n",
           "the kernel alone", of_few, few, of_many, many, how);
    printf("{\"what\": \"the kernel alone, %s\", \"few_ms\": %.3f, "
           "\"many_ms\": %.3f}\n",
           how, of_few, of_many);
}

} // namespace

void
measure_floating_ips(Client &client, const Timing &floor)
{
    Measurement measurement{client, floor};
    const double of_few = measurement.run(few);
    const double of_many = measurement.run(many);
    printf("%-24s %.2f x the processor time beside %d\n",
           ("  beside " + std::to_string(many)).c_str(), of_many / of_few,
           few);
    printf("{\"what\": \"floating IP, %d : %d\", \"ratio\": %.3f}\n", many,
           few, of_many / of_few);
    print_kernel_alone(false);
    print_kernel_alone(true);
}

} // namespace bench
