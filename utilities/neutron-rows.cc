// See neutron-rows.hh.
#include "neutron-rows.hh"

#include "router/names.hh"

#include <algorithm>
#include <set>

namespace snat::neutron {

const std::vector<std::string> router_options{"ct-helpers"};
const std::vector<std::string> port_options{
    "address-scope", "burst-in", "burst-out",   "ndp-proxy",
    "rate-in",       "rate-out", "snat-address"};
const std::vector<std::string> nat_options{"burst-in", "burst-out", "rate-in",
                                           "rate-out"};

namespace {

// Of a legacy router the server tells only the agents that have it.
bool
is_here(const Router &router, const Site &site)
{
    const bool told = router.distributed || router.gateway_host;
    return router.gateway && (!told || router.gateway_host == site.host);
}

// As an OVSDB set has them.
std::vector<std::string>
texts(const auto &values)
{
    std::set<std::string> sorted;
    for (const auto &value : values) {
        sorted.insert(to_string(value));
    }
    return {sorted.begin(), sorted.end()};
}

void
put_rates(const Rates &rates, Options &options)
{
    const auto put = [&](const char *key, uint32_t number) {
        if (number) {
            options[key] = std::to_string(number);
        }
    };
    put("rate-in", rates.in.kbit);
    put("burst-in", rates.in.burst);
    put("rate-out", rates.out.kbit);
    put("burst-out", rates.out.burst);
}

// One name for both families, or each family's own.
std::string
scope_option(const Port &port)
{
    if (port.scope_v4 == port.scope_v6) {
        return port.scope_v4;
    }
    std::string option;
    if (!port.scope_v4.empty()) {
        option = "4:" + port.scope_v4;
    }
    if (!port.scope_v6.empty()) {
        option += (option.empty() ? "6:" : ",6:") + port.scope_v6;
    }
    return option;
}

Port_row
port_row(const Port &port, const std::string &role, const std::string &bridge)
{
    const bool is_gateway = role == "gateway";
    Port_row row;
    row.id.table = Table::router_port;
    row.name = device_name(is_gateway ? "qg-" : "sg-", port);
    row.role = role;
    row.bridge = bridge;
    row.mac = to_string(port.mac);
    row.networks = texts(port.networks);
    row.mtu = port.mtu;
    row.external_ids["iface-id"] = port.id;
    if (const auto scope = scope_option(port); !scope.empty()) {
        row.options["address-scope"] = scope;
    }
    return row;
}

// Neutron sends from the first address, and a set has no order.
std::string
snat_address(const Port &gateway)
{
    std::vector<Ip> all;
    for (const Network &network : gateway.networks) {
        if (network.ip.is_v4()) {
            all.push_back(network.ip);
        }
    }
    return all.size() > 1 ? to_string(all.front()) : "";
}

// A default route of the router's takes the place of the subnets' ones.
std::vector<Ip>
gateways(const Router &router)
{
    std::vector<Ip> all = router.gateway->gateways;
    for (const Static_route &route : router.routes) {
        if (!route.destination.length) {
            std::erase_if(all, [&](const Ip &ip) {
                return ip.family == route.destination.ip.family;
            });
        }
    }
    return all;
}

Port_row
gateway_row(const Router &router, const std::string &bridge)
{
    const Port &port = *router.gateway;
    Port_row row = port_row(port, "gateway", bridge);
    row.gateway_ips = texts(gateways(router));
    put_rates(router.gateway_rates, row.options);
    if (const auto address = snat_address(port); !address.empty()) {
        row.options["snat-address"] = address;
    }
    if (const auto proxies = texts(router.ndp_proxies); !proxies.empty()) {
        row.options["ndp-proxy"] = joined(proxies, ",");
    }
    return row;
}

Nat_row
nat_row(const std::string &type, const Ip &external, const Ip &logical)
{
    Nat_row row;
    row.id.table = Table::nat;
    row.type = type;
    row.external_ip = to_string(external);
    row.logical_ip = to_string(logical);
    return row;
}

Nat_row
forward_row(const Ip &external, const Forward &forward)
{
    Nat_row row = nat_row("dnat", external, forward.internal);
    row.protocol = to_string(forward.protocol);
    row.external_port = to_string(forward.external_ports);
    row.internal_port = to_string(forward.internal_ports);
    return row;
}

void
put_floating_ip(const Floating_ip &floating_ip, Wanted_router &wanted)
{
    if (floating_ip.fixed) {
        Nat_row row = nat_row("dnat_and_snat", floating_ip.address,
                              *floating_ip.fixed);
        put_rates(floating_ip.rates, row.options);
        wanted.nat.push_back(row);
    } else if (!floating_ip.forwards.empty() && floating_ip.rates != Rates{}) {
        wanted.left_out.push_back(
            "the QoS policy of a floating IP that only forwards ports: rates "
            "are of whole addresses");
    }
    for (const Forward &forward : floating_ip.forwards) {
        wanted.nat.push_back(forward_row(floating_ip.address, forward));
    }
}

std::vector<Wanted_route>
routes(const Router &router)
{
    std::set<Wanted_route> all;
    for (const Static_route &route : router.routes) {
        all.insert(
            {to_string(route.destination), to_string(route.nexthop), ""});
    }
    for (const Network &network : router.gateway->on_link) {
        all.insert(
            {to_string(network), "", device_name("qg-", *router.gateway)});
    }
    return {all.begin(), all.end()};
}

std::string
helpers_option(const std::vector<Conntrack_helper> &helpers)
{
    std::set<std::string> sorted;
    for (const auto &[helper, protocol, port] : helpers) {
        sorted.insert(helper + ":" + std::to_string(port) + "/"
                      + to_string(protocol));
    }
    return joined({sorted.begin(), sorted.end()}, ",");
}

void
put_rows(const Router &router, const Site &site, Wanted_router &wanted)
{
    wanted.ports.push_back(gateway_row(router, site.external_bridge));
    for (const Port &port : router.internal) {
        wanted.ports.push_back(
            port_row(port, "internal", site.internal_bridge));
    }
    for (const Floating_ip &floating_ip : router.floating_ips) {
        put_floating_ip(floating_ip, wanted);
    }
    wanted.routes = routes(router);
    if (!router.helpers.empty()) {
        wanted.options["ct-helpers"] = helpers_option(router.helpers);
    }
}

} // namespace

Wanted_router
wanted_rows(const Router &router, const Site &site)
{
    Wanted_router wanted;
    wanted.name = router.id;
    wanted.here = is_here(router, site);
    if (!wanted.here) {
        if (router.gateway && router.gateway_host) {
            wanted.elsewhere = *router.gateway_host;
        }
        return wanted;
    }
    wanted.enabled = router.enabled;
    wanted.enable_snat = router.enable_snat;
    wanted.external_ids["neutron:router_id"] = router.id;
    if (router.revision) {
        wanted.external_ids["neutron:revision_number"]
            = std::to_string(*router.revision);
    }
    put_rows(router, site, wanted);
    return wanted;
}

} // namespace snat::neutron
