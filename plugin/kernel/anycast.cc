#include "kernel/anycast.hh"

#include "kernel/addresses.hh"
#include "kernel/links.hh"

#include <algorithm>

namespace snat {

Result<bool>
loses_anycast(Netlink &route, const Set_addresses &step)
{
    const auto goes = [&](const Network &network) {
        return !network.ip.is_v4()
               && std::ranges::find(step.becomes, network)
                      == step.becomes.end();
    };
    if (step.becomes.empty() || std::ranges::none_of(step.was, goes)) {
        return false;
    }
    const auto link = find_link(route, step.link);
    if (!link || !*link) {
        return link ? Result<bool>{false} : link.error();
    }
    const auto seen = see_addresses(route, (*link)->index);
    if (!seen) {
        return seen.error();
    }
    const auto found = seen->find((*link)->index);
    return found != seen->end() && found->second.tentative;
}

Outcome
become_router_again(Namespace &inside, Sysctls &sysctls,
                    const std::string &link)
{
    const std::string key = "net/ipv6/conf/" + link + "/forwarding";
    if (sysctls.read(inside, {key})[key] != "1") {
        return Done{}; // No router has no such address.
    }
    const Outcome off = sysctls.write(inside, key, "0");
    const Outcome on = sysctls.write(inside, key, "1");
    return off ? on : off;
}

} // namespace snat
