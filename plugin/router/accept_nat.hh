// Acceptance of NAT rules, of a row of table NAT or of a key of door 1.
#pragma once

#include "accept_port.hh"
#include "nat.hh"
#include "router.hh"
#include "rows.hh"
#include "rules_by_address.hh"

#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace snat {

// Fills 'rule' with what the row says, whatever else is in the router.
Check read_nat_row(const Nat_row &row, Nat_rule &rule);

// Door 1's "EXTERNAL=INTERNAL" of snat-floating-ips and
// "PROTO:EXTERNAL:PORT=INTERNAL:PORT" of snat-port-forwards, where an IPv6
// address before a port stands in brackets.
Check read_floating_ip(const std::string &text, Nat_rule &rule);
Check read_port_forward(const std::string &text, Nat_rule &rule);

// The rules of one router, which must fit it and one another.
class Nat_rules {
public:
    Nat_rules() = default;
    explicit Nat_rules(const Router &router) : router_{router} {}

    // Takes the rule, unless the router or a rule before it forbids it.
    Check add(const Nat_rule &rule);
    // One that it has taken.
    void remove(const Nat_rule &rule);

private:
    Check check_gateway_port(const Nat_rule &rule) const;
    Check check_stateless(const Nat_rule &rule) const;
    Check check_addresses(const Nat_rule &rule) const;
    Check check_outside(const Nat_rule &rule) const;
    Check count_ports(const Nat_rule &rule);
    static size_t forwarded_ports_of(const Nat_rule &rule);

    // Rules can only conflict if they are of equal rank for the same address:
    // exceptions, rules that are for some peers only, all others.
    using Rank = std::tuple<bool, bool, std::string>;
    using Claims = std::map<Rank, std::multimap<Port_range, Nat_rule>>;
    struct Claim {
        Rank rank;
        Port_range ports;
    };
    static std::vector<Claim> claims_of(const Nat_rule &rule);
    bool conflict(const Nat_rule &a, const Nat_rule &b, bool by_source) const;
    const Nat_rule *find_rival(const Nat_rule &rule, const Claim &claim) const;

    Router router_; // Its ports.
    Claims taken_;
    Rules_by_address by_address_;
    size_t forwarded_ports_ = 0;
};

} // namespace snat
