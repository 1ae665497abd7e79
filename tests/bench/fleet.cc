#include "fleet.hh"

#include "crowd.hh"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iterator>

namespace bench {
namespace {

constexpr int chunk = 100, most = 10000;

void
add_router(ovsdb_idl_txn *txn, int number, const char *wiring)
{
    const std::string outside = outside_address(number) + "/15",
                      inside = inside_network(number) + "1/24";
    auto *router = snatrec_router_insert(txn);
    snatrec_router_set_name(router, numbered("r", number).c_str());
    const snatrec_router_port *ports[] = {
        add_port(txn, numbered("qg-", number).c_str(), "br-ex",
                 outside.c_str(), wiring),
        add_port(txn, numbered("sg-", number).c_str(), "br-int",
                 inside.c_str(), wiring),
    };
    snatrec_router_set_ports(router, const_cast<snatrec_router_port **>(ports),
                             std::size(ports));
}

} // namespace

int
fleet_size(int otherwise)
{
    const char *wished = getenv("ROUTERS");
    const int size = wished ? atoi(wished) : otherwise;
    if (size < 1 || size > most) {
        give_up("ROUTERS: expected 1 to 10000");
    }
    return size;
}

std::string
numbered(const char *prefix, int number)
{
    const std::string digits = std::to_string(number);
    return prefix + std::string(4 - digits.size(), '0') + digits;
}

std::string
outside_address(int number)
{
    return "198.18." + std::to_string(number / 250) + "."
           + std::to_string(number % 250 + 1);
}

std::string
inside_network(int number)
{
    return "10." + std::to_string(number / 250) + "."
           + std::to_string(number % 250 + 1) + ".";
}

void
add_routers(Client &client, int count, const char *wiring,
            const std::function<void()> &meanwhile)
{
    set_no_limits(client);
    for (int first = 0; first < count; first += chunk) {
        client.time(
            [&](ovsdb_idl_txn *txn) {
                for (int i = first; i < std::min(first + chunk, count); i++) {
                    add_router(txn, i, wiring);
                }
                count_up(client.idl());
            },
            [&] {
                meanwhile();
                return are_all_active(client.idl());
            });
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

} // namespace bench
