// Routers with floating IPs and a host on either side: some that the daemon
// has made, and others of the same addresses whose rules are the lists that
// Neutron's L3 agent loads.
//
// The rules are to be measured, not the switch: once the routers are wired the
// daemon ends, and the other ends of their devices become those of hosts. Each
// packet then goes from one end to the other within the kernel, on one
// processor.
#pragma once

#include "client.hh"

#include <string>
#include <utility>
#include <vector>

namespace bench {

struct Site {
    std::string name, router, outside, inside; // The last three are places.
    std::string gateway_ip;
    std::vector<std::pair<std::string, std::string>> floating_ips;
    double load_ms = 0; // Of all floating IPs: rules and addresses.

    std::string
    device(const char *prefix) const
    {
        return prefix + name;
    }
};

// One for each of so many floating IPs; afterwards there is no daemon.
std::vector<Site> wire_by_daemon(Client &client,
                                 const std::vector<int> &sizes);

// The same as that one of the daemon's, but for the rules.
Site wire_by_lists(size_t index, int floating_ips);

} // namespace bench
