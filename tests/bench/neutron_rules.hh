// The same router as Neutron's L3 agent makes it (dvr_snat mode, version 21).
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace bench {

struct Listed_router {
    std::string gateway, internal; // The names of its two ports' devices.
    std::string gateway_ip;
    // External and internal addresses.
    std::vector<std::pair<std::string, std::string>> floating_ips;
};

// For iptables-restore(8).
std::string neutron_rules(const Listed_router &router);

} // namespace bench
