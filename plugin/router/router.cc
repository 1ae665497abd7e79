#include "router.hh"

namespace snat {

bool
in_networks(const Port &port, const Ip &ip)
{
    for (const Network &network : port.networks) {
        if (network.contains(ip)) {
            return true;
        }
    }
    return false;
}

std::vector<std::string>
port_names(const std::optional<Router> &router)
{
    std::vector<std::string> names;
    if (router) {
        for (const auto &[name, port] : router->ports) {
            names.push_back(name);
        }
    }
    return names;
}

const char *
to_string(Role role)
{
    return role == Role::gateway ? "gateway" : "internal";
}

const char *
to_string(Wiring wiring)
{
    return wiring == Wiring::veth ? "veth" : "internal";
}

const char *
switch_type(Wiring wiring)
{
    return wiring == Wiring::veth ? "" : "internal";
}

} // namespace snat
