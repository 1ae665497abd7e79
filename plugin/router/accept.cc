#include "accept.hh"

#include "names.hh"

#include <algorithm>
#include <array>

namespace snat {
namespace {

constexpr uint32_t least_mtu = 68;        // RFC 791
constexpr uint32_t least_ipv6_mtu = 1280; // RFC 8200, section 5
constexpr uint32_t most_mtu = 65535;
constexpr int64_t most_tag = 4095;

// The keys of door 1 that a user may write, those that only a gateway port
// may have, and those that the daemon writes.
constexpr std::array known_keys = {
    "snat-router", "snat-role",  "snat-networks", "snat-gateway-ips",
    "snat-enable", "snat-state", "snat-error",    "snat-change",
};
constexpr std::array gateway_keys = {
    "snat-gateway-ips",   "snat-enable", "snat-floating-ips",
    "snat-port-forwards", "snat-routes",
};
// Part of the contract, but not of this version.
constexpr std::array future_keys = {
    "snat-floating-ips", "snat-port-forwards", "snat-routes",
    "snat-scope",        "address-scope",      "stateless",
};

struct Refused {
    std::string what;
    bool pending = false; // Waiting may help.
};
using Check = std::optional<Refused>;

Check
refuse(std::string what)
{
    return Refused{std::move(what)};
}

Check
wait_for(std::string what)
{
    return Refused{std::move(what), true};
}

bool
is_one_of(const auto &key, const auto &keys)
{
    return std::ranges::find(keys, key) != keys.end();
}

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

// Turns one Port_row into a Port, and stops at the first thing that is wrong.
class Port_reader {
public:
    Port_reader(const Router_row &router, const Port_row &row,
                const Surroundings &surroundings, const Limits &limits)
        : router_{router}, row_{row}, around_{surroundings}, limits_{limits}
    {
    }

    // Fills 'port', unless something is wrong with the row.
    Check read(Port &port);

private:
    Check read_name();
    Check read_role();
    Check check_keys();
    Check read_mac();
    Check read_networks();
    Check read_gateway_ips();
    Check read_mtu();
    Check read_snat();
    Check read_bridge();
    Check read_wiring();
    Check read_switch_port();
    std::string default_bridge() const;

    const Router_row &router_;
    const Port_row &row_;
    const Surroundings &around_;
    const Limits &limits_;
    Port port_;
};

Check
Port_reader::read(Port &port)
{
    constexpr Check (Port_reader::*parts[])() = {
        &Port_reader::read_name,        &Port_reader::read_role,
        &Port_reader::check_keys,       &Port_reader::read_mac,
        &Port_reader::read_networks,    &Port_reader::read_gateway_ips,
        &Port_reader::read_mtu,         &Port_reader::read_snat,
        &Port_reader::read_bridge,      &Port_reader::read_wiring,
        &Port_reader::read_switch_port,
    };
    for (const auto part : parts) {
        if (Check refused = (this->*part)()) {
            return refused;
        }
    }
    port = std::move(port_);
    return std::nullopt;
}

Check
Port_reader::read_name()
{
    if (auto fine = check_link_name(row_.name); !fine) {
        return refuse(fine.error().what);
    }
    port_.name = row_.name;
    if (!row_.is_door1() && around_.foreign_ports.contains(row_.name)) {
        return refuse("the switch already has an interface " + row_.name
                      + " that is not ours");
    }
    const auto claims = around_.claims.find(row_.name);
    if (claims == around_.claims.end() || claims->second.size() < 2) {
        return std::nullopt;
    }
    // Who holds the name keeps it; else the stock database goes first.
    const auto holder = around_.holders.find(row_.name);
    const Claim mine{router_.name, row_.is_door1()};
    const auto &all = claims->second;
    const Claim winner
        = holder != around_.holders.end()
                  && std::ranges::find(all, holder->second) != all.end()
              ? holder->second
              : *std::ranges::max_element(all, {}, &Claim::door1);
    if (winner != mine) {
        return refuse("the port name " + row_.name + " belongs to router "
                      + plain(winner.router) + " by a row of the database "
                      + (winner.door1 ? "Open_vSwitch" : "OVS_SNAT")
                      + ": a name may come from one row only");
    }
    return std::nullopt;
}

Check
Port_reader::read_role()
{
    if (row_.role == "gateway" || row_.role == "internal") {
        port_.role = row_.role == "gateway" ? Role::gateway : Role::internal;
    } else if (!row_.role.empty()) {
        return refuse("role " + quoted(row_.role)
                      + ": expected gateway or internal");
    } else if (row_.name.starts_with("qg-")) {
        port_.role = Role::gateway;
    } else if (!row_.name.starts_with("sg-")) {
        return refuse(
            "the role of " + row_.name
            + " is neither given nor told by its name: expected "
            + (row_.is_door1() ? "external_ids:snat-role" : "role")
            + "=gateway or internal, or a name that begins with qg- or "
              "sg-");
    }
    return std::nullopt;
}

Check
Port_reader::check_keys()
{
    for (const auto &[key, value] : row_.options) {
        if (is_one_of(key, future_keys)) {
            return refuse(key + " is not supported by this version");
        }
        if (!row_.is_door1()) {
            continue;
        }
        if (port_.role == Role::internal && is_one_of(key, gateway_keys)) {
            return refuse(key
                          + " on an internal port: expected on gateway ports "
                            "only");
        }
        if (!is_one_of(key, known_keys)) {
            return refuse(
                "unknown key " + quoted(key)
                + ": expected snat-router, snat-role, snat-networks, "
                  "snat-gateway-ips or snat-enable");
        }
    }
    if (port_.role == Role::internal && !row_.gateway_ips.empty()) {
        return refuse(
            "gateway_ips on an internal port: expected on gateway ports "
            "only");
    }
    return std::nullopt;
}

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
    for (const std::string &text : row_.gateway_ips) {
        auto ip = parse_ip(text);
        if (!ip) {
            return refuse(ip.error().what);
        }
        if (ip->is_unspecified() || ip->is_loopback() || ip->is_multicast()) {
            return refuse(quoted(text)
                          + " is not a next hop: expected the address "
                            "of one router");
        }
        if (std::ranges::find(port_.networks, *ip, &Network::ip)
            != port_.networks.end()) {
            return refuse(
                "the next hop " + quoted(text)
                + " is the port's own address: expected another router's");
        }
        if (is_one_of(*ip, port_.gateway_ips)) {
            return refuse("the next hop " + quoted(text) + " is given twice");
        }
        port_.gateway_ips.push_back(*ip);
    }
    std::ranges::sort(port_.gateway_ips);
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
    const bool has_ipv6
        = std::ranges::any_of(port_.networks, [](const Network &network) {
              return !network.ip.is_v4();
          });
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
    std::vector<Ip> own;
    for (const Network &network : port_.networks) {
        if (network.ip.is_v4()) {
            own.push_back(network.ip);
        }
    }
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
    if (port_.role == Role::gateway && router_.enable_snat
        && enable != "false") {
        port_.snat_ip = chosen;
    }
    return std::nullopt;
}

std::string
Port_reader::default_bridge() const
{
    return port_.role == Role::gateway ? limits_.default_gateway_bridge
                                       : limits_.default_internal_bridge;
}

Check
Port_reader::read_bridge()
{
    const std::string bridge = row_.bridge.value_or(default_bridge());
    const auto found = around_.bridges.find(bridge);
    if (found == around_.bridges.end()) {
        return wait_for("the bridge " + quoted(bridge) + " does not exist");
    }
    port_.userspace = found->second;
    if (!row_.is_door1()) {
        port_.switch_port.emplace();
        port_.switch_port->bridge = bridge;
    }
    return std::nullopt;
}

Check
Port_reader::read_wiring()
{
    if (row_.is_door1()) {
        if (!row_.wiring.empty() && row_.wiring != "internal") {
            return refuse("Interface type " + quoted(row_.wiring)
                          + ": expected internal, or empty for a veth pair");
        }
        port_.wiring = row_.wiring.empty() ? Wiring::veth : Wiring::internal;
    } else if (row_.wiring.empty() || row_.wiring == "auto") {
        port_.wiring = port_.userspace ? Wiring::veth : Wiring::internal;
    } else if (row_.wiring == "veth" || row_.wiring == "internal") {
        port_.wiring = row_.wiring == "veth" ? Wiring::veth : Wiring::internal;
    } else {
        return refuse("wiring " + quoted(row_.wiring)
                      + ": expected auto, veth or internal");
    }
    const auto missing = around_.missing_devices.find(row_.name);
    if (row_.is_door1() && port_.wiring == Wiring::internal
        && missing != around_.missing_devices.end()) {
        return wait_for(
            "ovs-vswitchd has not made the device " + row_.name
            + (missing->second.empty() ? "" : ": " + missing->second));
    }
    return std::nullopt;
}

Check
Port_reader::read_switch_port()
{
    if (!port_.switch_port) {
        return std::nullopt;
    }
    Switch_port &there = *port_.switch_port;
    if (row_.tag && (*row_.tag < 0 || *row_.tag > most_tag)) {
        return refuse("tag " + std::to_string(*row_.tag)
                      + ": expected a VLAN from 0 to 4095");
    }
    if (row_.tag) {
        there.tag = static_cast<uint16_t>(*row_.tag);
    }
    there.wiring = port_.wiring;
    there.external_ids = row_.external_ids;
    if (port_.mac) {
        there.external_ids["attached-mac"] = to_string(*port_.mac);
    }
    there.external_ids["snat-owner"] = "ovs-snatd";
    there.external_ids["snat-router"] = router_.name;
    return std::nullopt;
}

void
check_router(const Router_row &row, const Limits &limits,
             std::vector<Refusal> &refusals)
{
    const auto refuse = [&](std::string what) {
        refusals.push_back({std::nullopt, row.name, std::move(what)});
    };
    if (auto fine = check_router_name(row.name); !fine) {
        refuse(fine.error().what);
    }
    if (row.ports.size() > limits.max_ports_per_router) {
        refuse(std::to_string(row.ports.size()) + " ports: expected at most "
               + std::to_string(limits.max_ports_per_router)
               + " (option max-ports-per-router)");
    }
    for (const Row_id &id : row.nat) {
        refusals.push_back(
            {id, "NAT row", "NAT rows are not supported by this version"});
    }
    for (const Row_id &id : row.static_routes) {
        refusals.push_back(
            {id, "Static_Route row",
             "static routes are not supported by this version"});
    }
}

// An address given twice in the router, be it on one port or on two.
Check
check_twins(const Router &router, const Port &port)
{
    std::map<Ip, std::string> taken;
    for (const auto &[name, other] : router.ports) {
        for (const Network &network : other.networks) {
            taken[network.ip] = name;
        }
    }
    for (const Network &network : port.networks) {
        const auto [found, fresh] = taken.emplace(network.ip, port.name);
        if (!fresh) {
            return refuse("the address " + to_string(network)
                          + " is given twice in the router, also on "
                          + found->second + ": expected every address once");
        }
    }
    return std::nullopt;
}

} // namespace

Accepted
accept(const Router_row &row, const Surroundings &surroundings,
       const Limits &base)
{
    Accepted accepted;
    accepted.router.name = row.name;
    std::vector<std::string> errors;
    const Limits limits = read_limits(base, row.options, errors);
    for (std::string &what : errors) {
        accepted.refusals.push_back({std::nullopt, row.name, what});
    }
    check_router(row, limits, accepted.refusals);
    for (const Port_row &port_row : row.ports) {
        Port port;
        Check refused
            = Port_reader{row, port_row, surroundings, limits}.read(port);
        if (!refused) {
            refused = check_twins(accepted.router, port);
        }
        if (refused) {
            accepted.refusals.push_back(
                {port_row.id, port_row.name, refused->what, refused->pending});
        } else {
            accepted.router.ports.emplace(port.name, std::move(port));
        }
    }
    return accepted;
}

std::string
summary(const std::vector<Refusal> &refusals)
{
    constexpr size_t most_named = 3;
    std::string out;
    for (size_t i = 0; i < refusals.size() && i < most_named; i++) {
        const Refusal &refusal = refusals[i];
        out += (i ? "; " : "")
               + (refusal.row ? plain(refusal.name) + ": " : std::string{})
               + refusal.what;
    }
    if (refusals.size() > most_named) {
        out += "; and " + std::to_string(refusals.size() - most_named)
               + " more";
    }
    return out;
}

} // namespace snat
