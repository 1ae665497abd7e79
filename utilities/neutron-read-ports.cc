// Ports of a payload: what the server adds to the dictionary of a port for L3
// agents (_populate_mtu_and_subnets_for_ports).
#include "neutron-read.hh"

#include <algorithm>

namespace snat::neutron {
namespace {

struct Subnet {
    Network network;
    std::optional<Ip> gateway;
};
using Subnets = std::map<std::string, Subnet>;

Subnets
read_subnets(const Place &at)
{
    Subnets subnets;
    for (const Place &place : at.elements()) {
        Subnet &subnet = subnets[place["id"].text()];
        subnet.network = place["cidr"].network();
        if (place["gateway_ip"].is_there()) {
            subnet.gateway = place["gateway_ip"].ip();
        }
    }
    return subnets;
}

// The server adds the length, which older ones leave to the subnet.
Network
read_fixed_ip(const Place &at, const Subnet *subnet)
{
    Network network{at["ip_address"].ip()};
    if (subnet && !at["prefixlen"].is_there()) {
        network.length = subnet->network.length;
    } else {
        network.length = static_cast<uint8_t>(
            at["prefixlen"].integer(1, network.ip.is_v4() ? 32 : 128));
    }
    return network;
}

void
read_addresses(const Place &at, Port &port)
{
    const Subnets subnets = read_subnets(at["subnets"]);
    for (const Place &place : at["fixed_ips"].elements()) {
        const Place id = place["subnet_id"];
        const auto found = subnets.find(id.is_there() ? id.text() : "");
        const Subnet *subnet
            = found == subnets.end() ? nullptr : &found->second;
        port.networks.push_back(read_fixed_ip(place, subnet));
        if (subnet && subnet->gateway
            && std::ranges::find(port.gateways, *subnet->gateway)
                   == port.gateways.end()) {
            port.gateways.push_back(*subnet->gateway);
        }
    }
    for (const Place &place : at["extra_subnets"].elements()) {
        port.on_link.push_back(place["cidr"].network());
    }
}

// 0 is what the server says when it does not know.
std::optional<int64_t>
read_mtu(const Place &at)
{
    const int64_t mtu = at.is_there() ? at.integer(0, 65535) : 0;
    if (mtu && mtu < 68) {
        at.refuse("0 or a whole number from 68 to 65535");
    }
    return mtu ? std::optional{mtu} : std::nullopt;
}

std::string
read_scope(const Place &at)
{
    return at.is_there() ? at.uuid() : "";
}

} // namespace

void
Names::take(const std::string &name, const Place &id)
{
    const auto [there, is_new] = places_.emplace(name, id.path());
    if (!is_new) {
        id.refuse("another one, for " + there->second + " makes the name "
                  + name + ", too");
    }
}

Port
read_port(const Place &at, std::string_view prefix, Reading &reading)
{
    Port port;
    port.id = at["id"].uuid();
    reading.names.take(device_name(prefix, port), at["id"]);
    port.mac = at["mac_address"].mac();
    port.mtu = read_mtu(at["mtu"]);
    read_addresses(at, port);
    if (const Place scopes = at["address_scopes"]; scopes.is_there()) {
        port.scope_v4 = read_scope(scopes["4"]);
        port.scope_v6 = read_scope(scopes["6"]);
    }
    return port;
}

// Ports without addresses, as a deleted subnet leaves behind, are no use.
std::vector<Port>
read_internal_ports(const Place &at, Reading &reading)
{
    std::vector<Port> ports;
    for (const Place &place : at.elements()) {
        Port port = read_port(place, "sg-", reading);
        if (!port.networks.empty()) {
            ports.push_back(std::move(port));
        }
    }
    return ports;
}

std::string
device_name(std::string_view prefix, const Port &port)
{
    return std::string{prefix} + port.id.substr(0, 11);
}

} // namespace snat::neutron
