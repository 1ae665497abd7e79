// What one NAT rule says, read strictly.

#include "accept_nat.hh"

#include "accept_nat_options.hh"
#include "known_keys.hh"
#include "names.hh"
#include "rules.hh"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

namespace snat {
namespace {

constexpr std::array nat_options = {
    "no-nat",           "random",    "allowed-ext",
    "exempted-ext",     "stateless", "log",
    "rate-in",          "rate-out",  "port-block-size",
    "max-translations", "burst-in",  "burst-out",
};

// What a rule may have an entry for each of.
constexpr unsigned most_host_bits = 16;

constexpr const char *expected_ports
    = ": expected a port such as 80 or a range such as 8000-8010";

// An address that can stand on one side of a translation.
Check
read_address(const char *column, const std::string &text, Ip &out)
{
    const auto ip = parse_ip(text);
    if (!ip) {
        return refuse(std::string{column} + " " + ip.error().what);
    }
    const char *kind = ip->is_unspecified() ? "the unspecified address"
                       : ip->is_loopback()  ? "a loopback address"
                       : ip->is_multicast() ? "a multicast or reserved address"
                       : ip->is_link_local() ? "a link-local address"
                                             : nullptr;
    if (kind) {
        return refuse(std::string{column} + " " + quoted(text) + " is " + kind
                      + ": expected the address of a host");
    }
    out = *ip;
    return std::nullopt;
}

Check
read_port(std::string_view text, uint16_t &out)
{
    const char *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, out);
    const bool is_port = error == std::errc{} && stop == end && out > 0
                         && text.front() != '0';
    return is_port ? Check{} : refuse("");
}

Check
read_ports(const char *column, const std::string &text,
           std::optional<Port_range> &out)
{
    if (text.empty()) {
        return std::nullopt;
    }
    const size_t dash = text.find('-');
    const std::string_view all{text};
    Port_range range;
    if (read_port(all.substr(0, dash), range.first)
        || read_port(dash == all.npos ? all : all.substr(dash + 1), range.last)
        || range.first > range.last) {
        return refuse(std::string{column} + " " + quoted(text)
                      + expected_ports);
    }
    out = range;
    return std::nullopt;
}

// Reads one row, column by column.
unsigned
host_bits(const Network &network)
{
    return 8u * unsigned(network.ip.size()) - network.length;
}

class Nat_reader {
public:
    explicit Nat_reader(const Nat_row &row) : row_{row} {}

    Check
    read(Nat_rule &rule)
    {
        constexpr Check (Nat_reader::*parts[])()
            = {&Nat_reader::read_type,     &Nat_reader::read_options,
               &Nat_reader::read_external, &Nat_reader::read_logical,
               &Nat_reader::read_protocol, &Nat_reader::read_port_columns,
               &Nat_reader::check_families};
        for (const auto part : parts) {
            if (Check refused = (this->*part)()) {
                return refused;
            }
        }
        rule_.gateway_port = row_.gateway_port;
        rule = std::move(rule_);
        return std::nullopt;
    }

private:
    Check read_type();
    Check read_options();
    Check read_random();
    Check read_stateless();
    Check read_port_block();
    Check read_max_flows();
    Check check_hosts() const;
    Check read_rates();
    Check read_external();
    Check read_logical();
    Check read_protocol();
    Check read_port_columns();
    Check check_forward() const;
    Check check_families();
    Check check_blocks() const;

    bool
    is_snat() const
    {
        return rule_.type == Nat_type::snat;
    }

    const Nat_row &row_;
    Nat_rule rule_;
};

Check
Nat_reader::read_type()
{
    for (auto type :
         {Nat_type::snat, Nat_type::dnat, Nat_type::dnat_and_snat}) {
        if (row_.type == to_string(type)) {
            rule_.type = type;
            return std::nullopt;
        }
    }
    return refuse("type " + quoted(row_.type)
                  + ": expected snat, dnat or dnat_and_snat");
}

Check
Nat_reader::read_options()
{
    for (const auto &[key, value] : row_.options) {
        if (auto unknown = find_unknown("option", key, nat_options)) {
            return refuse(std::move(*unknown));
        }
    }
    Check refused = read_boolean(row_.options, "no-nat", rule_.no_nat);
    if (rule_.no_nat && rule_.type == Nat_type::dnat_and_snat) {
        return refuse("option no-nat on a floating IP: expected it on snat "
                      "or dnat");
    }
    if (!refused) {
        refused = read_random();
    }
    if (!refused) {
        refused = read_peers(row_.options, "allowed-ext", rule_.allowed);
    }
    if (!refused) {
        refused = read_peers(row_.options, "exempted-ext", rule_.exempted);
    }
    if (!refused) {
        refused = read_boolean(row_.options, "log", rule_.log);
    }
    if (!refused) {
        refused = read_stateless();
    }
    if (!refused) {
        refused = read_port_block();
    }
    if (!refused) {
        refused = read_max_flows();
    }
    return refused ? refused : read_rates();
}

// Its packets are translated before anybody knows what flow they are of.
Check
Nat_reader::read_stateless()
{
    Check refused = read_boolean(row_.options, "stateless", rule_.stateless);
    if (refused || !rule_.stateless) {
        return refused;
    }
    if (rule_.type != Nat_type::dnat_and_snat) {
        return refuse("option stateless on a rule that is no floating IP: "
                      "expected it on dnat_and_snat only");
    }
    return rule_.has_peers() || rule_.log || rule_.random_ports
               ? refuse("option stateless beside allowed-ext, exempted-ext, "
                        "log or random, which need connection tracking")
               : Check{};
}

Check
Nat_reader::read_port_block()
{
    constexpr uint32_t most = 64512; // From 1024 on.
    uint32_t size = 0;
    Check refused
        = read_option(row_.options, "port-block-size", 1, most, size);
    if (!refused && size && (!is_snat() || rule_.no_nat)) {
        return refuse("option port-block-size on a rule that is not snat: "
                      "expected it on snat only");
    }
    rule_.port_block = static_cast<uint16_t>(size);
    return refused;
}

// The kernel goes through the flows of a host for each new one.
Check
Nat_reader::read_max_flows()
{
    if (Check refused = read_option(row_.options, "max-translations", 1, 65536,
                                    rule_.max_flows)) {
        return refused;
    }
    const bool is_fit
        = rule_.translates_source() && !rule_.no_nat && !rule_.stateless;
    return rule_.max_flows && !is_fit
               ? refuse("option max-translations on a rule that makes no "
                        "flows of a source its own: expected it on snat, or "
                        "on dnat_and_snat that is not stateless")
               : Check{};
}

Check
Nat_reader::check_hosts() const
{
    const unsigned bits
        = rule_.max_flows ? host_bits(*rule_.logical) : most_host_bits;
    return bits <= most_host_bits
               ? Check{}
               : refuse("option max-translations with logical_ip "
                        + to_string(*rule_.logical)
                        + ": expected a network of at most "
                        + std::to_string(1u << most_host_bits) + " addresses");
}

Check
Nat_reader::read_rates()
{
    if (Check refused = read_rate_options(row_.options, rule_.in, rule_.out)) {
        return refused;
    }
    const bool any = rule_.in != Rate{} || rule_.out != Rate{};
    return any && rule_.type != Nat_type::dnat_and_snat
               ? refuse("a rate on a rule that is no floating IP: expected it "
                        "on dnat_and_snat only, or on a gateway port")
               : Check{};
}

// With one external address a source always has the same, so what is left of
// "persistent" is to keep the ports.
Check
Nat_reader::read_random()
{
    const auto found = row_.options.find("random");
    const bool translates = rule_.translates_source() && !rule_.no_nat;
    rule_.random_ports = translates && is_snat();
    if (found == row_.options.end()) {
        return std::nullopt;
    }
    const std::string &value = found->second;
    if (value != "full" && value != "none" && value != "persistent") {
        return refuse("option random " + quoted(value)
                      + ": expected full, none or persistent");
    }
    if (!translates) {
        return refuse("option random on a rule that translates no sources: "
                      "expected it on snat and dnat_and_snat only");
    }
    rule_.random_ports = value == "full";
    return std::nullopt;
}

Check
Nat_reader::read_external()
{
    if (rule_.no_nat && is_snat()) {
        return row_.external_ip.empty()
                   ? Check{}
                   : refuse("external_ip with no-nat: expected none, since "
                            "what comes from logical_ip leaves as it is");
    }
    Ip ip;
    if (Check refused = read_address("external_ip", row_.external_ip, ip)) {
        return refused;
    }
    rule_.external = ip;
    return std::nullopt;
}

Check
Nat_reader::read_logical()
{
    if (rule_.no_nat && !is_snat()) {
        return row_.logical_ip.empty()
                   ? Check{}
                   : refuse("logical_ip with no-nat: expected none, since "
                            "what is sent to external_ip stays as it is");
    }
    if (!is_snat()) {
        Ip ip;
        Check refused = read_address("logical_ip", row_.logical_ip, ip);
        rule_.logical = host_network(ip);
        return refused;
    }
    rule_.logical = parse_network_or_host(row_.logical_ip);
    if (!rule_.logical || rule_.logical->base() != *rule_.logical) {
        return refuse("logical_ip " + quoted(row_.logical_ip)
                      + ": expected an address or a network such as "
                        "10.0.0.5 or 10.0.0.0/24");
    }
    return std::nullopt;
}

Check
Nat_reader::read_protocol()
{
    if (row_.protocol.empty()) {
        return std::nullopt;
    }
    for (auto protocol : {Protocol::tcp, Protocol::udp, Protocol::sctp}) {
        if (row_.protocol == to_string(protocol)) {
            rule_.protocol = protocol;
        }
    }
    if (!rule_.protocol) {
        return refuse("protocol " + quoted(row_.protocol)
                      + ": expected tcp, udp or sctp");
    }
    return rule_.type == Nat_type::dnat
               ? Check{}
               : refuse("protocol on a rule of type "
                        + std::string{to_string(rule_.type)}
                        + ": expected it on port forwards only, which are of "
                          "type dnat");
}

Check
Nat_reader::read_port_columns()
{
    Check refused = read_ports("external_port", row_.external_port,
                               rule_.external_ports);
    if (!refused) {
        refused = read_ports("internal_port", row_.internal_port,
                             rule_.internal_ports);
    }
    if (refused) {
        return refused;
    }
    if (rule_.type == Nat_type::dnat_and_snat && rule_.external_ports) {
        return refuse("external_port on a floating IP: expected it on "
                      "port forwards (dnat) and as source ports (snat)");
    }
    if (!rule_.is_forward() && rule_.internal_ports) {
        return refuse("internal_port without protocol: expected it on port "
                      "forwards only");
    }
    if (is_snat() && rule_.no_nat && rule_.external_ports) {
        return refuse("external_port with no-nat: expected none");
    }
    return rule_.type == Nat_type::dnat ? check_forward() : std::nullopt;
}

Check
Nat_reader::check_forward() const
{
    const auto &[external, internal]
        = std::tie(rule_.external_ports, rule_.internal_ports);
    if (rule_.is_forward() != external.has_value()) {
        return refuse(external ? "external_port without protocol: expected "
                                 "both for a port forward"
                               : "protocol without external_port: expected "
                                 "both for a port forward");
    }
    if (internal && rule_.no_nat) {
        return refuse("internal_port with no-nat: expected none");
    }
    if (internal && internal->size() != external->size()) {
        return refuse("internal_port " + to_string(*internal) + " is of "
                      + std::to_string(internal->size())
                      + " ports and external_port " + to_string(*external)
                      + " of " + std::to_string(external->size())
                      + ": expected as many");
    }
    return std::nullopt;
}

// Each host has a block of its own, so there must be as many.
Check
Nat_reader::check_blocks() const
{
    if (!rule_.port_block) {
        return std::nullopt;
    }
    const uint32_t blocks = blocks_of(rule_);
    const unsigned bits = host_bits(*rule_.logical);
    const bool is_enough = bits < 32 && (uint64_t{1} << bits) <= blocks;
    return is_enough ? Check{}
                     : refuse("logical_ip " + to_string(*rule_.logical)
                              + " has more hosts than external_ip has blocks "
                                "of "
                              + std::to_string(rule_.port_block)
                              + " ports: expected a network of at most "
                              + std::to_string(blocks) + " addresses");
}

// Also fills in what follows from the others.
Check
Nat_reader::check_families()
{
    const Family family = rule_.family();
    if (rule_.logical && rule_.logical->ip.family != family) {
        return refuse(
            "external_ip and logical_ip are of different families, which "
            "would be NAT64: Linux cannot translate between IPv4 and IPv6 "
            "without another program, so expected both of one family");
    }
    for (const auto *peers : {&rule_.allowed, &rule_.exempted}) {
        for (const Network &network : *peers) {
            if (network.ip.family != family) {
                return refuse("the network " + to_string(network)
                              + " of allowed-ext or exempted-ext is of "
                                "another family than the rule's addresses");
            }
        }
    }
    if (rule_.is_forward() && !rule_.no_nat && !rule_.internal_ports) {
        rule_.internal_ports = rule_.external_ports;
    }
    const Check refused = check_blocks();
    return refused ? refused : check_hosts();
}

} // namespace

Check
read_nat_row(const Nat_row &row, Nat_rule &rule)
{
    return Nat_reader{row}.read(rule);
}

} // namespace snat
