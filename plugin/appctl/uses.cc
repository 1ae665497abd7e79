#include "appctl/uses.hh"

#include <algorithm>

namespace snat {

std::map<std::string, size_t>
uses(const Engine &engine, size_t changes)
{
    size_t ports = 0, addresses = 0, rules = 0, routes = 0;
    for (const auto &[name, life] : engine.routers()) {
        rules = std::max(rules, life.tally.rules_asked_for());
        routes = std::max(routes, life.tally.routes);
        if (!life.good) {
            continue;
        }
        ports = std::max(ports, life.good->ports.size());
        for (const auto &[port_name, port] : life.good->ports) {
            addresses = std::max(addresses, port.networks.size());
        }
    }
    return {{"max-routers", engine.routers().size()},
            {"max-ports-per-router", ports},
            {"max-nat-per-router", rules},
            {"max-routes-per-router", routes},
            {"max-addresses-per-port", addresses},
            {"change-history", changes}};
}

} // namespace snat
