#include "nat.hh"

#include <netinet/in.h>

namespace snat {

const char *
to_string(Nat_type type)
{
    constexpr const char *words[] = {"snat", "dnat", "dnat_and_snat"};
    return words[static_cast<size_t>(type)];
}

const char *
to_string(Protocol protocol)
{
    constexpr const char *words[] = {"tcp", "udp", "sctp"};
    return words[static_cast<size_t>(protocol)];
}

uint8_t
number_of(Protocol protocol)
{
    constexpr uint8_t numbers[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP};
    return numbers[static_cast<size_t>(protocol)];
}

std::string
to_string(const Port_range &range)
{
    return std::to_string(range.first)
           + (range.first == range.last ? ""
                                        : "-" + std::to_string(range.last));
}

std::string
to_string(const Nat_rule &rule)
{
    std::string out = rule.no_nat      ? "no-nat "
                      : rule.stateless ? "stateless "
                                       : "";
    out += to_string(rule.type);
    if (rule.external) {
        out += " " + to_string(*rule.external);
    }
    if (rule.logical) {
        out += " "
               + (rule.type == Nat_type::snat ? to_string(*rule.logical)
                                              : to_string(rule.logical->ip));
    }
    if (rule.protocol) {
        out += std::string{" "} + to_string(*rule.protocol);
    }
    for (const auto &ports : {rule.external_ports, rule.internal_ports}) {
        out += ports ? " " + to_string(*ports) : "";
    }
    return out;
}

Digest
digest_of(const Nat_rule &rule)
{
    std::string text = to_string(rule) + " " + rule.gateway_port;
    for (const uint32_t value :
         {uint32_t{rule.random_ports}, uint32_t{rule.port_block},
          rule.max_flows, uint32_t{rule.log}, rule.in.kbit, rule.in.burst,
          rule.out.kbit, rule.out.burst}) {
        text += " " + std::to_string(value);
    }
    for (const auto *peers : {&rule.allowed, &rule.exempted}) {
        text += " /";
        for (const Network &network : *peers) {
            text += " " + to_string(network);
        }
    }
    return digest_of(text);
}

} // namespace snat
