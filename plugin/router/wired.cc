#include "wired.hh"

#include "external_addresses.hh"
#include "rules.hh"
#include "translate.hh"
#include "wire_routes.hh"

#include <algorithm>

namespace snat {
namespace {

bool
has_ipv6_gateway(const Port &port)
{
    for (const Ip &ip : port.gateway_ips) {
        if (!ip.is_v4()) {
            return true;
        }
    }
    return false;
}

bool
is_ipv6_default(const Static_route &route)
{
    return !route.prefix.ip.is_v4() && !route.prefix.length && !route.by_source
           && route.table.empty();
}

bool
has_ipv6_default(const Router &router)
{
    return std::ranges::any_of(router.routes, is_ipv6_default)
           || std::ranges::any_of(router.ports, [](const auto &item) {
                  return std::ranges::any_of(item.second.routes,
                                             is_ipv6_default);
              });
}

// Router advertisements are taken where nobody says what the next hop is:
// 2 means also while forwarding (Documentation/networking/ip-sysctl.rst).
const char *
accept_ra(const Router &router, const Port &port)
{
    const bool listens = port.role == Role::gateway && !has_ipv6_gateway(port)
                         && !has_ipv6_default(router);
    return listens ? "2" : "0";
}

void
add_address(Link &link, const Network &address)
{
    if (is_host(address)) {
        link.hosts.insert(address.ip);
    } else {
        link.addresses.push_back(address);
    }
}

// The port's own addresses, and those that the rules bring it beside them.
void
add_addresses(Link &link, const Port &port, const External_addresses &external)
{
    link.hosts = external.ipv4(port.name);
    for (const Network &own : port.networks) {
        link.hosts.erase(own.ip);
    }
    std::ranges::for_each(port.networks,
                          [&](const auto &own) { add_address(link, own); });
    for (const Ip &ip : external.ipv6(port.name)) {
        if (!std::ranges::count(port.networks, ip, &Network::ip)) {
            link.addresses.push_back(host_network(ip));
        }
    }
}

Link
wire_link(const Port &port, const External_addresses &external)
{
    Link link;
    link.device.wiring = port.wiring;
    link.device.mac = port.mac;
    link.device.mtu = port.mtu;
    // A userspace datapath takes a packet as it is, so a checksum left to
    // the hardware is never filled in.
    link.device.checksum_offload
        = port.wiring == Wiring::internal || !port.userspace;
    link.up = true;
    add_addresses(link, port, external);
    link.proxies = proxies_of(port.ndp_proxy);
    return link;
}

Wired
wire_by(Translator &translator, const Router &router)
{
    Wired wired;
    wired.name = Name_state::ours;
    wired.exists = true;
    wired.sysctls = wire_sysctls(router);
    wired.nat = translator.translate(router);
    for (const auto &[name, port] : router.ports) {
        wired.links[name] = wire_link(port, translator.external());
    }
    wire_routes(router, wired);
    return wired;
}

} // namespace

// What Neutron sets in its SNAT namespaces: forward, answer ARP only for
// addresses of the asked link and ask from one of the link, keep the other
// addresses of a network when its first is removed, let programs inside use
// addresses that are yet to come, track TCP that a window or a reset does not
// fit as long as it is tracked at all, and let no segment that belongs to no
// connection be taken for the start of one, since it would be translated in
// the middle of a flow.
const std::map<std::string, std::string> &
usual_sysctls()
{
    static const std::map<std::string, std::string> sysctls = {
        {"net/ipv4/conf/all/arp_announce", "2"},
        {"net/ipv4/conf/all/arp_ignore", "1"},
        {"net/ipv4/conf/all/promote_secondaries", "1"},
        {"net/ipv4/ip_forward", "1"},
        {"net/ipv4/ip_nonlocal_bind", "1"},
        {"net/ipv6/conf/all/forwarding", "1"},
        {"net/netfilter/nf_conntrack_tcp_be_liberal", "1"},
        {"net/netfilter/nf_conntrack_tcp_loose", "0"},
    };
    return sysctls;
}

bool
is_host(const Network &address)
{
    return address.ip.is_v4() && address == host_network(address.ip);
}

std::vector<Ip>
missing(const Hosts &all, const Hosts &some)
{
    std::vector<Ip> out;
    for_each_difference(some, all, [&](const Ip &ip, bool is_in_all) {
        if (is_in_all) {
            out.push_back(ip);
        }
    });
    return out;
}

bool
Link::has(const Ip &address) const
{
    return hosts.contains(address)
           || std::ranges::count(addresses, address, &Network::ip);
}

bool
Link::has_ipv4() const
{
    return !hosts.empty()
           || std::ranges::any_of(addresses, [](const Network &network) {
                  return network.ip.is_v4();
              });
}

std::set<Route_rule>
born_route_rules()
{
    return {{Family::ipv4, main_rule_priority, "", {}, 0},
            {Family::ipv6, main_rule_priority, "", {}, 0}};
}

uint32_t
usual_metric(Family family)
{
    return family == Family::ipv4 ? 0 : 1024;
}

bool
is_on_link(const Route &route)
{
    return std::ranges::none_of(
        route.hops, [](const Hop &hop) { return hop.via.has_value(); });
}

const Nat_table &
Nat::table(const std::string &name) const
{
    static const Nat_table empty;
    const auto found = tables.find(name);
    return found == tables.end() ? empty : found->second;
}

void
Nat::set(const std::string &table, const std::string &key,
         const std::optional<std::string> &value)
{
    Nat_table &entries = tables[table];
    if (value) {
        entries.set(key, *value);
    } else {
        entries.erase(key);
    }
    if (entries.empty()) {
        tables.erase(table);
    }
}

Digest
Nat::digest() const
{
    Digest sum = digest_of(damaged ? "damaged" : "");
    for (const auto &[name, table] : tables) {
        sum += digest_of(name, table.digest());
    }
    return sum;
}

std::string
namespace_name(const std::string &router)
{
    return "snat-" + router;
}

std::array<std::string, 2>
link_sysctls(const std::string &link)
{
    const std::string of_link = "net/ipv6/conf/" + link;
    return {of_link + "/accept_ra", of_link + "/proxy_ndp"};
}

std::map<std::string, std::string>
wire_sysctls(const Router &router)
{
    auto sysctls = usual_sysctls();
    for (const auto &[path, value] : router.settings.sysctls) {
        sysctls[path] = value;
    }
    for (const auto &[name, port] : router.ports) {
        if (port.mtu >= least_ipv6_mtu) {
            const auto [advertisements, proxies] = link_sysctls(name);
            sysctls[advertisements] = accept_ra(router, port);
            if (!port.ndp_proxy.empty()) {
                sysctls[proxies] = "1";
            }
        }
    }
    return sysctls;
}

Wired
wire(const Router &router, Translator &translator)
{
    if (has_few_rules(router)) {
        translator = {};
        return wire(router);
    }
    return wire_by(translator, router);
}

Wired
wire(const Router &router)
{
    Translator translator;
    return wire_by(translator, router);
}

} // namespace snat
