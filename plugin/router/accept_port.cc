// What a port's row says the port is: its name, its role, and no key that has
// no meaning.

#include "accept_port.hh"

#include "known_keys.hh"
#include "names.hh"

#include <array>

namespace snat {
namespace {

// The keys of door 1 that a user may write, those of them that only a gateway
// port may have, and those that the daemon writes.
constexpr std::array users_keys = {
    "snat-router",        "snat-role",   "snat-networks",
    "snat-gateway-ips",   "snat-enable", "snat-floating-ips",
    "snat-port-forwards", "snat-routes", "snat-scope",
};
constexpr std::array gateway_keys = {
    "snat-gateway-ips",   "snat-enable", "snat-floating-ips",
    "snat-port-forwards", "snat-routes",
};
constexpr std::array daemons_keys
    = {"snat-state", "snat-error", "snat-change"};

// The options of door 2.
constexpr std::array port_options = {
    "wiring",    "snat-address", "rate-in",       "burst-in",  "rate-out",
    "burst-out", "route-table",  "address-scope", "mss-clamp", "ndp-proxy",
};

} // namespace

std::span<const char *const>
known_port_keys(bool is_door1)
{
    return is_door1 ? std::span<const char *const>{users_keys}
                    : std::span<const char *const>{port_options};
}

Check
Port_reader::read(Port &port)
{
    constexpr Check (Port_reader::*parts[])() = {
        &Port_reader::read_name,        &Port_reader::read_role,
        &Port_reader::check_keys,       &Port_reader::read_mac,
        &Port_reader::read_networks,    &Port_reader::read_gateway_ips,
        &Port_reader::read_mtu,         &Port_reader::read_snat,
        &Port_reader::read_nat,         &Port_reader::read_routes,
        &Port_reader::read_bridge,      &Port_reader::read_wiring,
        &Port_reader::read_switch_port, &Port_reader::read_scopes,
        &Port_reader::read_mss_clamp,   &Port_reader::read_ndp_proxy,
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
    return check_claims();
}

// Who holds the name keeps it; else the stock database goes first.
Check
Port_reader::check_claims() const
{
    const auto claims = around_.claims.find(row_.name);
    if (claims == around_.claims.end() || claims->second.size() < 2) {
        return std::nullopt;
    }
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
        if (Check refused = check_key(key)) {
            return refused;
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
Port_reader::check_key(const std::string &key) const
{
    const bool is_door1 = row_.is_door1();
    if (is_door1 && port_.role == Role::internal
        && is_one_of(key, gateway_keys)) {
        return refuse(key
                      + " on an internal port: expected on gateway ports "
                        "only");
    }
    if (is_door1 && is_one_of(key, daemons_keys)) {
        return std::nullopt;
    }
    auto unknown = find_unknown(is_door1 ? "key" : "option", key,
                                known_port_keys(is_door1));
    return unknown ? refuse(std::move(*unknown)) : std::nullopt;
}

} // namespace snat
