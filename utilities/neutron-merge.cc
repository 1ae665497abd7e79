// See neutron-merge.hh.
#include "neutron-merge.hh"

#include <algorithm>
#include <map>
#include <tuple>

namespace snat::neutron {
namespace {

// What Neutron does not know of stays.
Port_row
port_becomes(const Port_row &was, const Port_row &wanted)
{
    Port_row port = was;
    port.role = wanted.role;
    port.bridge = wanted.bridge;
    port.mac = wanted.mac;
    port.networks = wanted.networks;
    port.gateway_ips = wanted.gateway_ips;
    port.mtu = wanted.mtu;
    port.options = merged(was.options, port_options, wanted.options);
    port.external_ids = wanted.external_ids;
    return port;
}

// In the order in which they were, so that the same ports are the same value.
std::vector<Port_row>
ports_become(const std::vector<Port_row> &was, std::vector<Port_row> wanted,
             const std::set<std::string> &foreign)
{
    std::vector<Port_row> all;
    for (const Port_row &port : was) {
        const auto found
            = std::ranges::find(wanted, port.name, &Port_row::name);
        if (foreign.contains(port.id.uuid)) {
            all.push_back(port);
        } else if (found != wanted.end()) {
            all.push_back(port_becomes(port, *found));
            wanted.erase(found);
        }
    }
    all.insert(all.end(), wanted.begin(), wanted.end());
    return all;
}

// What tells one rule from another.
auto
key_of(const Nat_row &row)
{
    return std::tie(row.type, row.external_ip, row.logical_ip, row.protocol,
                    row.external_port, row.internal_port, row.gateway_port);
}

// Rules are made or let go of, not changed: one with other options is a new
// row, with those of the old one that Neutron does not know of.  One of other
// people's that says the same is as good as ours, and beside it ours would be
// refused.
Nat_rows
nat_becomes(const Nat_rows &was, const std::vector<Nat_row> &wanted,
            const std::set<std::string> &foreign)
{
    std::map<decltype(key_of(wanted[0])), const Nat_row *> old;
    Nat_rows all;
    for (const auto &[id, row] : was) {
        if (foreign.contains(id)) {
            all.set(id, row);
        }
        old.emplace(key_of(row), &row);
    }
    for (Nat_row row : wanted) {
        const auto found = old.find(key_of(row));
        if (found != old.end()) {
            row.options
                = merged(found->second->options, nat_options, row.options);
        }
        if (found != old.end() && row.options == found->second->options) {
            all.set(found->second->id.uuid, *found->second);
        } else {
            all.set("new " + std::to_string(all.size()), row);
        }
    }
    return all;
}

} // namespace

Options
merged(Options there, const std::vector<std::string> &keys,
       const Options &wanted)
{
    for (const auto &key : keys) {
        there.erase(key);
    }
    there.insert(wanted.begin(), wanted.end());
    return there;
}

Router_row
becomes(const Router_row &was, const Wanted_router &wanted,
        const std::set<std::string> &foreign)
{
    Router_row row = was;
    row.ports = ports_become(was.ports, wanted.ports, foreign);
    row.nat = nat_becomes(was.nat, wanted.nat, foreign);
    if (wanted.here) {
        row.id = was.id.value_or(Row_id{});
        row.enabled = wanted.enabled;
        row.enable_snat = wanted.enable_snat;
    }
    return row;
}

} // namespace snat::neutron
