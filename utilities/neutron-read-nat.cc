// Floating IPs of a payload, their port forwardings, and the QoS policies that
// they and gateway ports may have.
#include "neutron-read.hh"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

namespace snat::neutron {
namespace {

// "80:90".
std::optional<Port_range>
parse_ports(std::string_view text)
{
    Port_range range;
    const char *end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, range.first);
    if (first.ec != std::errc{} || first.ptr == end || *first.ptr != ':') {
        return std::nullopt;
    }
    const auto last = std::from_chars(first.ptr + 1, end, range.last);
    const bool fine = last.ec == std::errc{} && last.ptr == end && range.first
                      && range.first <= range.last;
    return fine ? std::optional{range} : std::nullopt;
}

// 'which' is "external" or "internal"; a single port may stand by itself.
Port_range
read_port_range(const Place &at, const std::string &which)
{
    const Place range = at[which + "_port_range"];
    if (!range.is_there()) {
        const auto port
            = static_cast<uint16_t>(at[which + "_port"].integer(1, 65535));
        return {port, port};
    }
    const auto ports = parse_ports(range.text());
    if (!ports) {
        range.refuse("two ports such as 80:90, the lower one first");
    }
    return ports.value_or(Port_range{});
}

std::vector<Forward>
read_forwards(const Place &at)
{
    std::set<Forward> forwards;
    for (const Place &place : at.elements()) {
        const Forward forward{read_protocol(place["protocol"]),
                              place["internal_ip_address"].ip(Family::ipv4),
                              read_port_range(place, "external"),
                              read_port_range(place, "internal")};
        if (forward.external_ports.size() != forward.internal_ports.size()) {
            place["internal_port_range"].refuse(
                "as many ports as external_port_range has");
        }
        forwards.insert(forward);
    }
    return {forwards.begin(), forwards.end()};
}

Floating_ip
read_floating_ip(const Place &at, bool distributed, const Policies &policies)
{
    Floating_ip floating_ip;
    floating_ip.address = at["floating_ip_address"].ip();
    const bool bound_here = at["dvr_snat_bound"].boolean(false);
    if (at["fixed_ip_address"].is_there()) {
        const Ip fixed = at["fixed_ip_address"].ip(floating_ip.address.family);
        if (bound_here || !distributed) {
            floating_ip.fixed = fixed;
        }
    }
    floating_ip.forwards = read_forwards(at["port_forwardings"]);
    floating_ip.rates = read_rates(at["qos_policy_id"], policies);
    return floating_ip;
}

Rate
read_rate(const Place &rule)
{
    constexpr int64_t most_kbit = 4'000'000'000;
    const Place kbit = rule["max_kbps"];
    const Place burst = rule["max_burst_kbps"];
    Rate rate;
    rate.kbit = static_cast<uint32_t>(kbit.integer(0, most_kbit));
    if (rate.kbit && rate.kbit < 16) {
        kbit.refuse("0, for none, or at least 16");
    }
    if (rate.kbit && burst.is_there()) {
        rate.burst = static_cast<uint32_t>(burst.integer(0, most_kbit / 1000));
    }
    return rate;
}

// Rules of other types are not for routers.
Rates
read_rules(const Place &at)
{
    constexpr std::array<std::string_view, 2> directions{"ingress", "egress"};
    Rates rates;
    for (const Place &rule : at.elements()) {
        if (rule["type"].text() == "bandwidth_limit") {
            const auto direction = rule["direction"].one_of(directions);
            (direction == "ingress" ? rates.in : rates.out) = read_rate(rule);
        }
    }
    return rates;
}

} // namespace

Protocol
read_protocol(const Place &at)
{
    constexpr std::array<std::string_view, 3> words{"tcp", "udp", "sctp"};
    const auto word = at.one_of(words);
    return static_cast<Protocol>(std::ranges::find(words, word)
                                 - words.begin());
}

// Those with forwards are told in a list of their own, and may be in both.
std::vector<Floating_ip>
read_floating_ips(const Place &router, bool distributed,
                  const Policies &policies)
{
    std::map<Ip, Floating_ip> all;
    for (const char *key : {"_floatingips", "_pf_floatingips"}) {
        std::map<Ip, Floating_ip> list;
        for (const Place &at : router[key].elements()) {
            auto read = read_floating_ip(at, distributed, policies);
            if (!list.emplace(read.address, read).second) {
                at["floating_ip_address"].refuse(
                    "an address that no other entry of the list has");
            }
        }
        all.merge(list);
        for (const auto &[address, again] : list) {
            Floating_ip &known = all[address];
            if (known.forwards.empty()) {
                known.forwards = again.forwards;
            }
        }
    }
    std::vector<Floating_ip> out;
    for (auto &[address, floating_ip] : all) {
        out.push_back(std::move(floating_ip));
    }
    return out;
}

Policies
read_policies(const Place &at)
{
    Policies policies;
    for (const Place &place : at.elements()) {
        policies[place["id"].uuid()] = read_rules(place["rules"]);
    }
    return policies;
}

Rates
read_rates(const Place &at, const Policies &policies)
{
    if (!at.is_there()) {
        return {};
    }
    const auto found = policies.find(at.text());
    if (found == policies.end()) {
        at.refuse("the id of one of qos_policies");
        return {};
    }
    return found->second;
}

} // namespace snat::neutron
