// The flows that go by the address scopes of ports.  What may not pass any
// more needs no step, since every packet is asked; but what passed as it was
// must not do so when it shall be translated.

#include "plan/planner.hh"
#include "router/entries.hh"
#include "router/port_entries.hh"

#include <algorithm>
#include <string>

namespace snat {
namespace {

// Whether the gateway port leaves what comes by the other one as it is, since
// both are of one scope with a name.
bool
is_spared(const Nat &nat, const std::string &port, const std::string &gateway)
{
    const std::string *scope = nat.table("scopes4").find(port);
    return scope && entry_number(*scope) != no_scope
           && nat.table("within4").contains(entry_key({*scope, gateway}));
}

// What comes back from where it went is never dropped, and so is left alone.
bool
is_newly_translated(const Nat &was, const Nat &becomes,
                    const std::string &port)
{
    const Nat_table &before = was.table("default4");
    for (const auto &[gateway, mark] : becomes.table("default4")) {
        if (gateway != port && before.contains(gateway)
            && is_spared(was, port, gateway)
            && !is_spared(becomes, port, gateway)) {
            return true;
        }
    }
    return false;
}

// The IPv4 networks that are on the link, or that routes by it lead to.
void
append_networks(const Wired &wired, const std::string &name, const Link &link,
                std::vector<Ip_range> &ranges)
{
    for (const Network &network : link.addresses) {
        if (network.ip.is_v4()) {
            ranges.push_back(range_of(network));
        }
    }
    for (const auto &[place, route] : wired.routes) {
        const Network &prefix = place.prefix;
        const auto is_by_it = [&](const Hop &hop) { return hop.link == name; };
        if (prefix.ip.is_v4() && prefix.length
            && std::ranges::any_of(route.hops, is_by_it)) {
            ranges.push_back(range_of(prefix));
        }
    }
}

} // namespace

std::vector<Ip_range>
newly_translated(const Wired &was, const Wired &becomes)
{
    std::vector<Ip_range> ranges;
    if (!was.nat || !becomes.nat
        || was.nat->table("scopes4") == becomes.nat->table("scopes4")) {
        return ranges;
    }
    for (const auto &[name, link] : becomes.links) {
        if (is_newly_translated(*was.nat, *becomes.nat, name)) {
            append_networks(becomes, name, link, ranges);
        }
    }
    return ranges;
}

} // namespace snat
