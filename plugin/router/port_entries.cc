#include "port_entries.hh"

#include "entries.hh"
#include "rules.hh"

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace snat {
namespace {

using Entries = std::vector<Nat_entry>;

// Of two that would have the same number the later one gets the next.
std::map<std::string, uint32_t>
number_scopes(const Router &router, Family family)
{
    std::map<std::string, uint32_t> numbers;
    for (const auto &[name, port] : router.ports) {
        numbers[port.scopes.of(family)];
    }
    std::set<uint32_t> taken{no_scope};
    for (auto &[scope, number] : numbers) {
        if (!scope.empty()) {
            number = hash_of(scope);
            while (!taken.insert(number).second) {
                number++;
            }
        }
    }
    return numbers;
}

// Where no port names a scope, packets find nothing to go by.
void
append_scopes(const Router &router, Family family, Entries &entries)
{
    const auto numbers = number_scopes(router, family);
    if (numbers.rbegin()->first.empty()) {
        return;
    }
    for (const auto &[name, port] : router.ports) {
        const std::string scope
            = mark_text(numbers.at(port.scopes.of(family)));
        entries.push_back({nat_table("scopes", family), name, scope});
        entries.push_back(
            {nat_table("within", family), entry_key({scope, name}), ""});
    }
}

void
append_mss_clamp(const Port &port, Entries &entries)
{
    if (port.mss_clamp.to_path) {
        entries.push_back({"mss_of_path", port.name, ""});
    } else if (port.mss_clamp.most) {
        entries.push_back(
            {"most_mss", port.name, std::to_string(port.mss_clamp.most)});
    }
}

// Of the networks inside that are in the port's scope, what it does not answer
// for.
std::vector<Ip_range>
unlisted(const Router &router, const Port &port)
{
    std::vector<Ip_range> inside, listed;
    for (const auto &[name, other] : router.ports) {
        if (other.role == Role::gateway
            || other.scopes.ipv6 != port.scopes.ipv6) {
            continue;
        }
        for (const Network &network : other.networks) {
            if (!network.ip.is_v4() && !network.ip.is_link_local()) {
                inside.push_back(range_of(network));
            }
        }
    }
    for (const Network &prefix : port.ndp_proxy) {
        listed.push_back(range_of(prefix));
    }
    return subtract(std::move(inside), listed);
}

void
append_unlisted(const Router &router, const Port &port, Entries &entries)
{
    if (!port.ndp_proxy.empty()) {
        for (const Ip_range &range : unlisted(router, port)) {
            entries.push_back(
                {"unlisted6", entry_key({port.name, to_string(range)}), ""});
        }
    }
}

} // namespace

std::vector<Nat_entry>
port_entries(const Router &router)
{
    Entries entries;
    if (router.ports.empty()) {
        return entries;
    }
    for (const Family family : {Family::ipv4, Family::ipv6}) {
        append_scopes(router, family, entries);
    }
    for (const auto &[name, port] : router.ports) {
        append_mss_clamp(port, entries);
        append_unlisted(router, port, entries);
    }
    return entries;
}

} // namespace snat
