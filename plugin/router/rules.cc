#include "rules.hh"

#include "entries.hh"

#include <algorithm>
#include <optional>
#include <set>

namespace snat {
namespace {

// Whose ports are not asked for by number.
constexpr Port_range unprivileged_ports{1024, 65535};

} // namespace

uint32_t
hash_of(const std::string &text)
{
    uint32_t value = 2166136261;
    for (const char c : text) {
        value = (value ^ static_cast<uint8_t>(c)) * 16777619;
    }
    return value;
}

std::vector<std::string>
gateway_ports_of(const Router &router, const Nat_rule &rule)
{
    if (!rule.gateway_port.empty()) {
        return {rule.gateway_port};
    }
    std::vector<std::string> holding, all;
    for (const auto &[name, port] : router.ports) {
        if (port.role == Role::gateway) {
            all.push_back(name);
            if (rule.external && in_networks(port, *rule.external)) {
                holding.push_back(name);
            }
        }
    }
    return holding.empty() ? all : holding;
}

std::vector<Ip_range>
peers_of(const Nat_rule &rule)
{
    std::vector<Ip_range> allowed, exempted;
    for (const Network &network : rule.allowed) {
        allowed.push_back(range_of(network));
    }
    for (const Network &network : rule.exempted) {
        exempted.push_back(range_of(network));
    }
    if (allowed.empty()) {
        allowed.push_back(everybody(rule.family()));
    }
    return subtract(allowed, exempted);
}

uint32_t
blocks_of(const Nat_rule &rule)
{
    return rule.external_ports.value_or(unprivileged_ports).size()
           / rule.port_block;
}

std::vector<Block>
all_blocks(const Nat_rule &rule)
{
    std::vector<Block> blocks;
    Port_range ports;
    ports.first = rule.external_ports.value_or(unprivileged_ports).first;
    for (const Ip &host : hosts_of(rule)) {
        ports.last = static_cast<uint16_t>(ports.first + rule.port_block - 1);
        blocks.push_back({host, ports});
        ports.first = static_cast<uint16_t>(ports.last + 1);
    }
    return blocks;
}

std::vector<Ip>
hosts_of(const Nat_rule &rule)
{
    const Ip_range range = range_of(*rule.logical);
    std::vector<Ip> hosts{range.first};
    while (hosts.back() != range.last) {
        hosts.push_back(next(hosts.back()));
    }
    return hosts;
}

std::vector<Nat_rule>
rules_of(const Router &router)
{
    std::vector<Nat_rule> rules{router.nat.begin(), router.nat.end()};
    for (const auto &[name, port] : router.ports) {
        for (Nat_rule rule : port.nat) {
            rule.gateway_port = name;
            rules.push_back(std::move(rule));
        }
    }
    return rules;
}

bool
has_few_rules(const Router &router)
{
    constexpr size_t few = 32;
    size_t count = router.nat.size();
    for (const auto &[name, port] : router.ports) {
        count += port.nat.size();
    }
    return count < few;
}

std::string
rule_words(const Nat_rule &rule)
{
    std::string words = to_string(rule);
    if (!rule.gateway_port.empty()) {
        words += " on " + rule.gateway_port;
    }
    if (rule.has_peers()) {
        std::string peers;
        for (const auto *list : {&rule.allowed, &rule.exempted}) {
            peers += "/";
            for (const Network &network : *list) {
                peers += " " + to_string(network);
            }
        }
        words += " peers " + mark_text(hash_of(peers));
    }
    return words;
}

Nat_rule
default_rule(const std::string &gateway_port, const Ip &snat_ip)
{
    Nat_rule rule;
    rule.external = snat_ip;
    rule.random_ports = true;
    rule.gateway_port = gateway_port;
    return rule;
}

std::string
default_words(const std::string &gateway_port, const Ip &snat_ip)
{
    return "default " + rule_words(default_rule(gateway_port, snat_ip));
}

} // namespace snat
