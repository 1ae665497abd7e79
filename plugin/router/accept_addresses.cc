// What a port's row asks for inside the namespace: addresses, next hops, MTU,
// SNAT.

#include "accept_nat.hh"
#include "accept_nat_options.hh"
#include "accept_port.hh"
#include "accept_routes.hh"

#include "names.hh"

namespace snat {
namespace {

constexpr uint32_t least_mtu = 68; // RFC 791
constexpr uint32_t most_mtu = 65535;
constexpr size_t most_next_hops = 64; // Of one port's default routes.

// Why an interface cannot have this address, if so.
const char *
find_unfit(const Network &network)
{
    const Ip &ip = network.ip;
    return ip.is_unspecified()      ? "the unspecified address"
           : ip.is_loopback()       ? "a loopback address"
           : ip.is_multicast()      ? "a multicast or reserved address"
           : network.length == 0    ? "an address of everybody"
           : network.is_base()      ? "its network's own address"
           : network.is_broadcast() ? "its network's broadcast address"
                                    : nullptr;
}

std::vector<Ip>
ipv4_of(const std::vector<Network> &networks)
{
    std::vector<Ip> out;
    for (const Network &network : networks) {
        if (network.ip.is_v4()) {
            out.push_back(network.ip);
        }
    }
    return out;
}

} // namespace

Check
Port_reader::read_mac()
{
    if (row_.mac.empty()) {
        return std::nullopt;
    }
    auto mac = parse_mac(row_.mac);
    if (!mac) {
        return refuse(mac.error().what);
    }
    if (mac->is_multicast() || mac->is_zero()) {
        return refuse(
            quoted(row_.mac)
            + " is not the MAC address of one device: expected a unicast "
              "address like 02:00:00:00:00:01");
    }
    port_.mac = *mac;
    return std::nullopt;
}

Check
Port_reader::read_networks()
{
    if (row_.networks.empty()) {
        return refuse(
            std::string{row_.is_door1() ? "snat-networks" : "networks"}
            + " is empty: expected at least one address with its prefix "
              "length, like 198.51.100.10/24");
    }
    if (row_.networks.size() > limits_.max_addresses_per_port) {
        return refuse(std::to_string(row_.networks.size())
                      + " addresses: expected at most "
                      + std::to_string(limits_.max_addresses_per_port)
                      + " (option max-addresses-per-port)");
    }
    for (const std::string &text : row_.networks) {
        auto network = parse_network(text);
        if (!network) {
            return refuse(network.error().what);
        }
        if (const char *kind = find_unfit(*network)) {
            return refuse(quoted(text) + " is " + kind
                          + ": expected the address of a host with its "
                            "prefix length");
        }
        port_.networks.push_back(*network);
    }
    // An OVSDB set has no order of its own; door 1's text has.
    if (!row_.is_door1()) {
        std::ranges::sort(port_.networks);
    }
    return std::nullopt;
}

Check
Port_reader::read_gateway_ips()
{
    if (row_.gateway_ips.size() > most_next_hops) {
        return refuse(std::to_string(row_.gateway_ips.size())
                      + " next hops: expected at most "
                      + std::to_string(most_next_hops));
    }
    for (const std::string &text : row_.gateway_ips) {
        auto ip = parse_ip(text);
        if (!ip) {
            return refuse(ip.error().what);
        }
        if (Check refused = check_gateway_ip(text, *ip)) {
            return refused;
        }
        port_.gateway_ips.push_back(*ip);
    }
    std::ranges::sort(port_.gateway_ips);
    return std::nullopt;
}

Check
Port_reader::check_gateway_ip(const std::string &text, const Ip &ip) const
{
    if (ip.is_unspecified() || ip.is_loopback() || ip.is_multicast()) {
        return refuse(
            quoted(text)
            + " is not a next hop: expected the address of one router");
    }
    if (std::ranges::find(port_.networks, ip, &Network::ip)
        != port_.networks.end()) {
        return refuse(
            "the next hop " + quoted(text)
            + " is the port's own address: expected another router's");
    }
    if (is_one_of(ip, port_.gateway_ips)) {
        return refuse("the next hop " + quoted(text) + " is given twice");
    }
    return std::nullopt;
}

Check
Port_reader::read_mtu()
{
    if (!row_.mtu) {
        return std::nullopt;
    }
    if (*row_.mtu < least_mtu || *row_.mtu > most_mtu) {
        return refuse("MTU " + std::to_string(*row_.mtu)
                      + ": expected 68 to 65535 bytes");
    }
    const auto is_v6 = [](const Ip &ip) { return !ip.is_v4(); };
    const bool has_ipv6
        = std::ranges::any_of(port_.networks, is_v6, &Network::ip)
          || std::ranges::any_of(port_.gateway_ips, is_v6);
    if (has_ipv6 && *row_.mtu < least_ipv6_mtu) {
        return refuse("MTU " + std::to_string(*row_.mtu)
                      + ": expected at least 1280 bytes on a port with IPv6");
    }
    port_.mtu = static_cast<uint32_t>(*row_.mtu);
    return std::nullopt;
}

Check
Port_reader::read_snat()
{
    const std::string &enable = row_.enable_snat;
    if (!enable.empty() && enable != "true" && enable != "false") {
        return refuse("snat-enable " + quoted(enable)
                      + ": expected true or false");
    }
    const std::vector<Ip> own = ipv4_of(port_.networks);
    std::optional<Ip> chosen;
    if (!row_.snat_address.empty()) {
        auto ip = parse_ip(row_.snat_address);
        if (!ip || !is_one_of(*ip, own)) {
            return refuse("snat-address " + quoted(row_.snat_address)
                          + ": expected one of the port's own IPv4 addresses");
        }
        chosen = *ip;
    } else if (!own.empty()) {
        chosen = own.front();
    }
    if (port_.role != Role::gateway) {
        return std::nullopt;
    }
    if (router_.enable_snat && enable != "false") {
        port_.snat_ip = chosen;
    } else if (!own.empty() && chosen != own.front()) {
        port_.first_ip = chosen; // For callers of external addresses.
    }
    return std::nullopt;
}

// Door 1's rules: lists with spaces or commas between their entries.
Check
Port_reader::read_nat()
{
    for (const auto &[texts, read] :
         {std::pair{&row_.floating_ips, &read_floating_ip},
          std::pair{&row_.port_forwards, &read_port_forward}}) {
        for (const std::string &text : *texts) {
            Nat_rule rule;
            if (Check refused = read(text, rule)) {
                return refused;
            }
            if (!port_.nat.insert(rule).second) {
                return refuse(quoted(text) + " is given twice");
            }
        }
    }
    if (!row_.is_door1()) {
        if (Check refused
            = read_rate_options(row_.options, port_.in, port_.out)) {
            return refused;
        }
        const bool any = port_.in != Rate{} || port_.out != Rate{};
        if (any && port_.role == Role::internal) {
            return refuse("a rate on an internal port: expected it on gateway "
                          "ports only");
        }
    }
    return std::nullopt;
}

// Its table, or door 1's routes, which go by this port.
Check
Port_reader::read_routes()
{
    if (!row_.is_door1()) {
        return read_route_table(row_.options, port_.route_table);
    }
    for (const std::string &text : row_.routes) {
        Static_route route;
        if (Check refused = read_route_key(text, route)) {
            return refused;
        }
        route.port = route.next_hop ? row_.name : "";
        if (!port_.routes.insert(route).second) {
            return refuse(quoted(text) + " is given twice");
        }
    }
    return std::nullopt;
}

} // namespace snat
