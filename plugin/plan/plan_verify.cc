// The checks on the way of a change.

#include "plan/planner.hh"

#include <algorithm>

namespace snat {

// The IPv4 addresses of the link that it did not have at the beginning; one
// that it had is known to be ours, also when its device is replaced.
std::vector<Ip>
Planner::unverified(const std::string &name) const
{
    if (!checks_.duplicates) {
        return {};
    }
    const auto found = seen_.kernel.links.find(name);
    const Link before
        = found == seen_.kernel.links.end() ? Link{} : found->second;
    const Link &wished = wished_.kernel.links.at(name);
    std::vector<Ip> ips = missing(wished.hosts, before.hosts);
    for (const auto &network : wished.addresses) {
        if (network.ip.is_v4() && !before.has(network.ip)) {
            ips.push_back(network.ip);
        }
    }
    std::erase_if(ips, [&](const Ip &ip) { return before.has(ip); });
    return ips;
}

// All at once, since each takes the same while.
void
Planner::verify_addresses()
{
    if (!addresses_.links.empty()) {
        add(addresses_);
    }
    for (const auto &[name, ips] : addresses_.links) {
        add_addresses(name);
    }
}

void
Planner::verify_next_hops()
{
    if (!checks_.next_hops.empty()) {
        add(Verify{checks_.next_hops, true});
    }
}

std::map<std::string, std::vector<Ip>>
changed_next_hops(const std::optional<Router> &before,
                  const std::optional<Router> &after)
{
    std::map<std::string, std::vector<Ip>> hops;
    const std::map<std::string, Port> none;
    const auto &were = before ? before->ports : none;
    for (const auto &[name, port] : after ? after->ports : none) {
        const auto was = were.find(name);
        const bool changed = was == were.end() || was->second != port;
        if (changed && !port.gateway_ips.empty()) {
            hops[name] = port.gateway_ips;
        }
    }
    return hops;
}

} // namespace snat
