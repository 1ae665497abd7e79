// NAT rules at random, of a space of addresses so small that they meet each
// other, and a router to have them.
#pragma once

#include "router/accept_nat.hh"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace samples {

using namespace snat;

// Two ways out and one in, of both families.
inline Router
two_gateways()
{
    const auto port
        = [](const char *name, Role role, std::vector<const char *> networks) {
              Port out;
              out.name = name;
              out.role = role;
              for (const char *text : networks) {
                  out.networks.push_back(*parse_network(text));
              }
              if (role == Role::gateway) {
                  out.snat_ip = out.networks[0].ip;
              }
              return out;
          };
    Router router;
    router.name = "demo";
    router.ports["qg-a"] = port("qg-a", Role::gateway,
                                {"198.51.100.10/24", "2001:db8:a::10/64"});
    router.ports["qg-b"]
        = port("qg-b", Role::gateway, {"192.0.2.10/24", "2001:db8:b::10/64"});
    router.ports["sg-a"]
        = port("sg-a", Role::internal, {"10.0.0.1/24", "2001:db8:1::1/64"});
    return router;
}

class Random_nat {
public:
    explicit Random_nat(unsigned seed) : random_{seed} {}

    unsigned
    below(unsigned n)
    {
        return std::uniform_int_distribution<unsigned>{0, n - 1}(random_);
    }

    bool
    one_in(unsigned n)
    {
        return below(n) == 0;
    }

    // One of eight hosts inside, of eight others outside.
    Ip
    inside(Family family)
    {
        return address(family == Family::ipv4 ? "10.0.0." : "2001:db8:1::",
                       below(8));
    }
    Ip
    outside(Family family)
    {
        return address(family == Family::ipv4 ? "203.0.113." : "2001:db8:2::",
                       below(8));
    }

    // An address of one of the ports, of one of the networks, or of none.
    Ip
    external(Family family)
    {
        static const char *const texts[][4]
            = {{"198.51.100.10", "198.51.100.20", "192.0.2.20", "100.64.0.1"},
               {"2001:db8:a::10", "2001:db8:a::20", "2001:db8:b::20",
                "2001:db8:9::1"}};
        return *parse_ip(texts[family == Family::ipv6][below(4)]);
    }

    // As a row of table NAT could say it.
    Nat_rule
    rule()
    {
        const Family family = one_in(3) ? Family::ipv6 : Family::ipv4;
        Nat_rule rule;
        rule.type = static_cast<Nat_type>(below(3));
        rule.no_nat = rule.type != Nat_type::dnat_and_snat && one_in(3);
        rule.random_ports
            = rule.translates_source() && !rule.no_nat && one_in(2);
        if (rule.type == Nat_type::snat) {
            fill_source(rule, family);
        } else {
            fill_destination(rule, family);
        }
        if (rule.type == Nat_type::dnat_and_snat && one_in(4)) {
            rule.max_flows = 1 + below(9);
        }
        if (one_in(3)) {
            rule.gateway_port = one_in(2) ? "qg-a" : "qg-b";
        }
        if (one_in(3)) {
            rule.allowed = peers(family);
        }
        if (one_in(4)) {
            rule.exempted = peers(family);
        }
        return rule;
    }

    // The router with as many of 'n' rules as can be together.
    Router
    router(size_t n)
    {
        Router router = two_gateways();
        for (auto &[name, port] : router.ports) {
            if (one_in(3)) {
                port.snat_ip.reset();
            }
        }
        Nat_rules rules{router};
        while (n-- > 0) {
            const Nat_rule one = rule();
            if (!rules.add(one)) {
                router.nat.insert(one);
            }
        }
        return router;
    }

private:
    static Ip
    address(const std::string &prefix, unsigned n)
    {
        return *parse_ip(prefix + std::to_string(n));
    }

    void
    fill_source(Nat_rule &rule, Family family)
    {
        const uint8_t full = family == Family::ipv4 ? 32 : 128;
        rule.logical = Network{
            inside(family), one_in(8) ? uint8_t(0) : uint8_t(full - below(4))};
        rule.logical = rule.logical->base();
        if (!rule.no_nat) {
            rule.external = external(family);
            if (one_in(3)) {
                rule.external_ports = Port_range{1024, 2047};
            }
        }
    }

    void
    fill_destination(Nat_rule &rule, Family family)
    {
        rule.external = external(family);
        if (!rule.no_nat) {
            rule.logical = Network{inside(family),
                                   uint8_t(family == Family::ipv4 ? 32 : 128)};
        }
        if (rule.type == Nat_type::dnat && !one_in(3)) {
            rule.protocol = one_in(2) ? Protocol::tcp : Protocol::udp;
            const auto first = uint16_t(80 + below(4)),
                       last = uint16_t(first + below(3));
            rule.external_ports = Port_range{first, last};
            const auto shift = uint16_t(one_in(2) ? 0 : 8000);
            if (!rule.no_nat) {
                rule.internal_ports = Port_range{uint16_t(first + shift),
                                                 uint16_t(last + shift)};
            }
        }
    }

    std::vector<Network>
    peers(Family family)
    {
        std::vector<Network> out;
        for (unsigned n = 1 + below(2); n > 0; n--) {
            const uint8_t full = family == Family::ipv4 ? 32 : 128;
            out.push_back(
                Network{outside(family), uint8_t(full - below(4))}.base());
        }
        std::ranges::sort(out);
        out.erase(std::unique(out.begin(), out.end()), out.end());
        return out;
    }

    std::mt19937 random_;
};

} // namespace samples
