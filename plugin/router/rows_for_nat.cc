// NAT rules back to rows and keys that say them.

#include "rows_for.hh"

#include "accept_nat.hh"
#include "names.hh"

#include <algorithm>

namespace snat {
namespace {

std::string
list(const std::vector<Network> &networks)
{
    std::vector<std::string> texts;
    for (const Network &network : networks) {
        texts.push_back(to_string(network));
    }
    return joined(texts, ",");
}

std::string
endpoint(const Ip &ip, const Port_range &ports)
{
    const std::string text = to_string(ip);
    return (ip.is_v4() ? text : "[" + text + "]") + ":" + to_string(ports);
}

Nat_row
row_for(const Nat_rule &rule)
{
    Nat_row row;
    row.id = {Table::nat, ""};
    row.type = to_string(rule.type);
    row.external_ip = rule.external ? to_string(*rule.external) : "";
    if (rule.logical) {
        row.logical_ip = rule.type == Nat_type::snat
                             ? to_string(*rule.logical)
                             : to_string(rule.logical->ip);
    }
    row.protocol = rule.protocol ? to_string(*rule.protocol) : "";
    row.external_port
        = rule.external_ports ? to_string(*rule.external_ports) : "";
    if (rule.internal_ports && rule.internal_ports != rule.external_ports) {
        row.internal_port = to_string(*rule.internal_ports);
    }
    row.gateway_port = rule.gateway_port;
    if (rule.no_nat) {
        row.options["no-nat"] = "true";
    } else if (rule.translates_source()
               && rule.random_ports != (rule.type == Nat_type::snat)) {
        row.options["random"] = rule.random_ports ? "full" : "none";
    }
    if (rule.stateless) {
        row.options["stateless"] = "true";
    }
    if (rule.log) {
        row.options["log"] = "true";
    }
    if (rule.port_block) {
        row.options["port-block-size"] = std::to_string(rule.port_block);
    }
    if (rule.max_flows) {
        row.options["max-translations"] = std::to_string(rule.max_flows);
    }
    for (const auto &[key, value] : rate_options(rule.in, rule.out)) {
        row.options[key] = value;
    }
    if (!rule.allowed.empty()) {
        row.options["allowed-ext"] = list(rule.allowed);
    }
    if (!rule.exempted.empty()) {
        row.options["exempted-ext"] = list(rule.exempted);
    }
    return row;
}

} // namespace

Options
rate_options(const Rate &in, const Rate &out)
{
    Options options;
    const auto put = [&](const char *key, uint32_t value) {
        if (value) {
            options[key] = std::to_string(value);
        }
    };
    put("rate-in", in.kbit);
    put("burst-in", in.burst);
    put("rate-out", out.kbit);
    put("burst-out", out.burst);
    return options;
}

Nat_rows
nat_rows_for(const Nat_rows &there, const Shared_set<Nat_rule> &wanted,
             bool keep_refused)
{
    Nat_rows rows;
    Shared_set<Nat_rule> missing = wanted;
    for (const auto &[uuid, row] : there) {
        Nat_rule rule;
        const bool is_refused = read_nat_row(row, rule).has_value();
        if (is_refused ? keep_refused : missing.erase(rule)) {
            rows.set(uuid, row);
        }
    }
    // Some of those there may have such a name already.
    size_t n = 0;
    for (const Nat_rule &rule : missing) {
        while (!rows.insert("new " + std::to_string(n++), row_for(rule))) {
        }
    }
    return rows;
}

std::vector<std::string>
floating_ips_for(const std::set<Nat_rule> &rules)
{
    std::vector<std::string> texts;
    for (const Nat_rule &rule : rules) {
        if (rule.type == Nat_type::dnat_and_snat) {
            texts.push_back(to_string(*rule.external) + "="
                            + to_string(rule.logical->ip));
        }
    }
    return texts;
}

std::vector<std::string>
port_forwards_for(const std::set<Nat_rule> &rules)
{
    std::vector<std::string> texts;
    for (const Nat_rule &rule : rules) {
        if (rule.is_forward()) {
            texts.push_back(
                std::string{to_string(*rule.protocol)} + ":"
                + endpoint(*rule.external, *rule.external_ports) + "="
                + endpoint(rule.logical->ip, *rule.internal_ports));
        }
    }
    return texts;
}

} // namespace snat
