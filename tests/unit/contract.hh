// What becomes of a flow, told from the rules by the order that the contract
// gives them.
#pragma once

#include "lookup.hh"

#include <tuple>

namespace lookup {

// The same, told from the rules.
class Contract {
public:
    explicit Contract(const Router &router) : router_{router} {}

    Taken
    destination(const Packet &packet) const
    {
        const Nat_rule *taker = first_of(
            [&](const Nat_rule &rule) {
                return rule.translates_destination()
                       && rule.external == packet.to
                       && is_for_peer(rule, packet.from)
                       && is_for_port(rule, packet);
            },
            [](const Nat_rule &rule) {
                return std::tuple{rule.no_nat, rule.is_forward(),
                                  rule.has_peers()};
            });
        if (!taker || taker->no_nat) {
            return taker ? kept(*taker) : Taken{};
        }
        const int shift
            = taker->is_forward()
                  ? taker->internal_ports->first - taker->external_ports->first
                  : 0;
        return {to_string(*taker), to_string(taker->logical->ip) + " . "
                                       + std::to_string(packet.port + shift)};
    }

    Taken
    source(const Packet &packet) const
    {
        const Nat_rule *taker = first_of(
            [&](const Nat_rule &rule) {
                return rule.translates_source()
                       && rule.logical->contains(packet.from)
                       && is_for_peer(rule, packet.to)
                       && is_on(rule, packet.out);
            },
            [](const Nat_rule &rule) {
                return std::tuple{
                    rule.no_nat, rule.type == Nat_type::dnat_and_snat,
                    rule.type == Nat_type::snat ? rule.logical->length : 0,
                    rule.has_peers()};
            });
        if (taker) {
            return taker->no_nat ? kept(*taker) : seen_as(*taker, packet);
        }
        const auto &own = router_.ports.at(packet.out).snat_ip;
        return own && packet.from.is_v4()
                   ? Taken{"default", to_string(*own) + " random"}
                   : Taken{};
    }

private:
    // Of those that fit the one of the highest rank.
    const Nat_rule *
    first_of(auto fits, auto rank) const
    {
        const Nat_rule *best = nullptr;
        for (const Nat_rule &rule : router_.nat) {
            if (fits(rule) && (!best || rank(*best) < rank(rule))) {
                best = &rule;
            }
        }
        return best;
    }

    static bool
    is_for_peer(const Nat_rule &rule, const Ip &peer)
    {
        const auto has = [&](const auto &networks) {
            return std::ranges::any_of(
                networks, [&](const Network &n) { return n.contains(peer); });
        };
        return (rule.allowed.empty() || has(rule.allowed))
               && !has(rule.exempted);
    }

    static bool
    is_for_port(const Nat_rule &rule, const Packet &packet)
    {
        return !rule.protocol
               || (number_of(*rule.protocol) == packet.protocol
                   && rule.external_ports->overlaps(
                       {packet.port, packet.port}));
    }

    bool
    is_on(const Nat_rule &rule, const std::string &port) const
    {
        if (!rule.gateway_port.empty()) {
            return rule.gateway_port == port;
        }
        const auto holds = [&](const Port &one) {
            return rule.external && one.role == Role::gateway
                   && std::ranges::any_of(one.networks, [&](const auto &n) {
                          return n.contains(*rule.external);
                      });
        };
        return holds(router_.ports.at(port))
               || std::ranges::none_of(router_.ports, [&](const auto &item) {
                      return holds(item.second);
                  });
    }

    static Taken
    kept(const Nat_rule &rule)
    {
        return {to_string(rule), "kept"};
    }

    static Taken
    seen_as(const Nat_rule &rule, const Packet &packet)
    {
        return {to_string(rule),
                to_string(*rule.external)
                    + (rule.random_ports ? " random" : "")
                    + (packet.has_ports() && rule.external_ports
                           ? " from " + to_string(*rule.external_ports)
                           : "")};
    }

    const Router &router_;
};

} // namespace lookup
