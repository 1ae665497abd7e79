// How NAT rules must fit the router and one another.

#include "accept_nat.hh"

#include "names.hh"
#include "rules.hh"

#include <algorithm>

namespace snat {
namespace {

// Each port of a forward is an element of its own in the kernel, but those of
// exceptions are ranges.
constexpr size_t most_forwarded_ports = 65536;

constexpr Port_range all_ports{0, 65535};

bool
have_common(const auto &some, const auto &others)
{
    return std::ranges::any_of(
        some, [&](const auto &one) { return is_one_of(one, others); });
}

bool
overlap(const std::vector<Ip_range> &some, const std::vector<Ip_range> &others)
{
    return std::ranges::any_of(some, [&](const Ip_range &a) {
        return std::ranges::any_of(others, [&](const Ip_range &b) {
            return a.first <= b.last && b.first <= a.last;
        });
    });
}

// What the port's next hops and networks leave to be used.
Check
check_network(const Ip &external, const Port &port)
{
    if (is_one_of(external, port.gateway_ips)) {
        return refuse("external_ip " + to_string(external)
                      + " is a next hop of the gateway port " + port.name
                      + ": expected an address that nobody has");
    }
    for (const Network &network : port.networks) {
        const Network there{external, network.length};
        if (network.contains(external)
            && (there.is_base() || there.is_broadcast())) {
            return refuse("external_ip " + to_string(external)
                          + " is the first or the last address of a network "
                            "of the gateway port "
                          + port.name + ": expected one of a host");
        }
    }
    return std::nullopt;
}

// The rule is for the address that the port's default SNAT sends from.
Check
check_default_snat(const Nat_rule &rule, const Port &port)
{
    if ((rule.in.kbit && port.in.kbit) || (rule.out.kbit && port.out.kbit)) {
        return refuse("external_ip " + to_string(*rule.external)
                      + " has rates of the gateway port " + port.name
                      + " already: expected those only, or another address");
    }
    return rule.port_block
               ? refuse("options:port-block-size on the address that the "
                        "default SNAT of the gateway port "
                        + port.name
                        + " takes any source port of: expected another "
                          "external_ip, or no default SNAT")
               : Check{};
}

} // namespace

Check
Nat_rules::add(const Nat_rule &rule)
{
    Check refused = check_gateway_port(rule);
    for (const auto check :
         {&Nat_rules::check_stateless, &Nat_rules::check_addresses,
          &Nat_rules::check_outside}) {
        refused = refused ? refused : (this->*check)(rule);
    }
    refused = refused ? refused : by_address_.check(rule);
    const auto claims = claims_of(rule);
    for (const Claim &claim : claims) {
        const Nat_rule *rival = refused ? nullptr : find_rival(rule, claim);
        if (rival) {
            refused = refuse("conflicts with the rule " + to_string(*rival)
                             + ": expected one of them only");
        }
    }
    if (!refused) {
        refused = count_ports(rule);
    }
    if (!refused) {
        for (const Claim &claim : claims) {
            taken_[claim.rank].emplace(claim.ports, rule);
        }
        by_address_.add(rule);
    }
    return refused;
}

void
Nat_rules::remove(const Nat_rule &rule)
{
    for (const Claim &claim : claims_of(rule)) {
        const auto found = taken_.find(claim.rank);
        std::erase_if(found->second,
                      [&](const auto &taken) { return taken.second == rule; });
        if (found->second.empty()) {
            taken_.erase(found);
        }
    }
    by_address_.remove(rule);
    forwarded_ports_ -= forwarded_ports_of(rule);
}

size_t
Nat_rules::forwarded_ports_of(const Nat_rule &rule)
{
    return rule.is_forward() && !rule.no_nat ? rule.external_ports->size() : 0;
}

Check
Nat_rules::check_gateway_port(const Nat_rule &rule) const
{
    if (rule.gateway_port.empty()) {
        return std::nullopt;
    }
    const auto found = router_.ports.find(rule.gateway_port);
    return found != router_.ports.end() && found->second.role == Role::gateway
               ? Check{}
               : refuse("gateway_port " + quoted(rule.gateway_port)
                        + ": expected the name of a gateway port of this "
                          "router");
}

// Whichever way its host's packets go, they are not tracked, so no other rule
// can take them.
Check
Nat_rules::check_stateless(const Nat_rule &rule) const
{
    const auto gateways = std::ranges::count(
        router_.ports, Role::gateway,
        [](const auto &port) { return port.second.role; });
    const auto own = std::ssize(gateway_ports_of(router_, rule));
    return rule.stateless && own < gateways ? refuse(
               "options:stateless on a rule for " + std::to_string(own)
               + " of " + std::to_string(gateways)
               + " gateway ports: expected one for all of them, "
                 "since what leaves by others is not translated")
                                            : Check{};
}

Check
Nat_rules::check_outside(const Nat_rule &rule) const
{
    if (!rule.external || rule.no_nat) {
        return std::nullopt;
    }
    for (const auto &[name, port] : router_.ports) {
        if (port.role != Role::gateway) {
            continue;
        }
        Check refused = check_network(*rule.external, port);
        if (!refused && rule.external == port.snat_ip) {
            refused = check_default_snat(rule, port);
        }
        if (refused) {
            return refused;
        }
    }
    const auto route = std::ranges::find(router_.routes, rule.external,
                                         &Static_route::next_hop);
    return route == router_.routes.end()
               ? std::nullopt
               : refuse("external_ip " + to_string(*rule.external)
                        + " is the next hop of the route \""
                        + to_string(*route) + "\": expected another address");
}

Check
Nat_rules::check_addresses(const Nat_rule &rule) const
{
    for (const auto &[name, port] : router_.ports) {
        for (const Network &network : port.networks) {
            if (rule.external == network.ip && port.role == Role::internal) {
                return refuse("external_ip " + to_string(network.ip)
                              + " is the address of the internal port " + name
                              + ": expected one of the outside");
            }
            if (rule.external == network.ip && port.role == Role::gateway
                && !is_one_of(name, gateway_ports_of(router_, rule))) {
                return refuse("external_ip " + to_string(network.ip)
                              + " is the address of the gateway port " + name
                              + ", which the rule is not for");
            }
            if (rule.translates_destination() && rule.logical
                && rule.logical->ip == network.ip) {
                return refuse("logical_ip " + to_string(network.ip)
                              + " is the router's own address, of port " + name
                              + ": expected that of a host");
            }
        }
    }
    return std::nullopt;
}

Check
Nat_rules::count_ports(const Nat_rule &rule)
{
    const size_t more = forwarded_ports_of(rule);
    if (forwarded_ports_ + more > most_forwarded_ports) {
        return refuse("with its " + std::to_string(more)
                      + " ports the router would forward "
                      + std::to_string(forwarded_ports_ + more)
                      + ": expected at most "
                      + std::to_string(most_forwarded_ports));
    }
    forwarded_ports_ += more;
    return std::nullopt;
}

std::vector<Nat_rules::Claim>
Nat_rules::claims_of(const Nat_rule &rule)
{
    std::vector<Claim> claims;
    if (rule.translates_destination()) {
        std::string what = "to " + to_string(*rule.external);
        if (rule.is_forward()) {
            what += std::string{" "} + to_string(*rule.protocol);
        }
        claims.push_back({{rule.no_nat, rule.has_peers(), what},
                          rule.external_ports.value_or(all_ports)});
    }
    if (rule.translates_source()) {
        claims.push_back({{rule.no_nat, rule.has_peers(),
                           std::string{"from "} + to_string(rule.type) + " "
                               + to_string(*rule.logical)},
                          all_ports});
    }
    return claims;
}

// A destination is one whatever port it comes in by.
bool
Nat_rules::conflict(const Nat_rule &a, const Nat_rule &b, bool by_source) const
{
    return a == b // Be it for nobody.
           || (overlap(peers_of(a), peers_of(b))
               && (!by_source
                   || have_common(gateway_ports_of(router_, a),
                                  gateway_ports_of(router_, b))));
}

// Rules for all peers never overlap, so of those only the last that begins
// early enough can be in the way.
const Nat_rule *
Nat_rules::find_rival(const Nat_rule &rule, const Claim &claim) const
{
    const auto found = taken_.find(claim.rank);
    if (found == taken_.end()) {
        return nullptr;
    }
    const bool by_source = std::get<2>(claim.rank).starts_with("from ");
    const auto &rivals = found->second;
    auto at = rivals.upper_bound({claim.ports.last, all_ports.last});
    while (at != rivals.begin()) {
        --at;
        if (at->first.overlaps(claim.ports)
            && conflict(rule, at->second, by_source)) {
            return &at->second;
        }
        if (!rule.has_peers() && !by_source) {
            break;
        }
    }
    return nullptr;
}

} // namespace snat
