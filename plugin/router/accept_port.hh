// Acceptance of one port's row, whatever else is in the router.
#pragma once

#include "limits.hh"
#include "router.hh"
#include "rows.hh"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace snat {

// Why something is refused, in one sentence for a person.
struct Refused {
    std::string what;
    bool pending = false; // Waiting may help.
};
using Check = std::optional<Refused>;

inline Check
refuse(std::string what)
{
    return Refused{std::move(what)};
}

inline Check
wait_for(std::string what)
{
    return Refused{std::move(what), true};
}

bool
is_one_of(const auto &value, const auto &values)
{
    return std::ranges::find(values, value) != values.end();
}

// The keys of a port's row that a user may write: of external_ids in door 1,
// of options in door 2.
std::span<const char *const> known_port_keys(bool is_door1);

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
    // What the port is: accept_port.cc.
    Check read_name();
    Check check_claims() const;
    Check read_role();
    Check check_keys();
    Check check_key(const std::string &key) const;

    // What it has inside the namespace: accept_addresses.cc.
    Check read_mac();
    Check read_networks();
    Check read_gateway_ips();
    Check check_gateway_ip(const std::string &text, const Ip &ip) const;
    Check read_mtu();
    Check read_snat();
    Check read_nat();
    Check read_routes();

    // What may be forwarded by it: accept_forwarding.cc.
    Check read_scopes();
    Check read_mss_clamp();
    Check read_ndp_proxy();

    // Where it is on the switch: accept_switch.cc.
    Check read_bridge();
    Check read_wiring();
    Check check_reach() const;
    Check check_device() const;
    Check read_switch_port();
    std::string default_bridge() const;

    const Router_row &router_;
    const Port_row &row_;
    const Surroundings &around_;
    const Limits &limits_;
    Port port_;
};

} // namespace snat
