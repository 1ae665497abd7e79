// Acceptance of a router as a whole, whose ports are accepted one by one.

#include "accept.hh"

#include "accept_port.hh"
#include "names.hh"
#include "wired.hh"

namespace snat {
namespace {

void
check_router(const Router_row &row, const Limits &limits,
             std::vector<Refusal> &refusals)
{
    const auto refuse = [&](std::string what) {
        refusals.push_back({std::nullopt, row.name, std::move(what)});
    };
    if (auto fine = check_router_name(row.name); !fine) {
        refuse(fine.error().what);
    }
    if (row.ports.size() > limits.max_ports_per_router) {
        refuse(std::to_string(row.ports.size()) + " ports: expected at most "
               + std::to_string(limits.max_ports_per_router)
               + " (option max-ports-per-router)");
    }
    for (const Row_id &id : row.nat) {
        refusals.push_back(
            {id, "NAT row", "NAT rows are not supported by this version"});
    }
    for (const Row_id &id : row.static_routes) {
        refusals.push_back(
            {id, "Static_Route row",
             "static routes are not supported by this version"});
    }
}

using Taken = std::map<Ip, std::string>; // Which port has the address.

// An address given twice in the router, be it on one port or on two.
Check
check_twins(const Taken &taken, const Port &port)
{
    Taken own;
    for (const Network &network : port.networks) {
        const auto other = taken.find(network.ip);
        const bool fresh = own.emplace(network.ip, port.name).second;
        if (other != taken.end() || !fresh) {
            return refuse("the address " + to_string(network)
                          + " is given twice in the router, also on "
                          + (fresh ? other->second : port.name)
                          + ": expected every address once");
        }
    }
    return std::nullopt;
}

// The on-link routes to it would be one of several paths, and IPv6 has no such
// route without a next hop (ip6_route_info_create()).
Check
check_next_hops(const Taken &reached, const Port &port)
{
    for (const Ip &ip : port.gateway_ips) {
        const auto other = reached.find(ip);
        if (other != reached.end() && !ip.is_v4()
            && needs_on_link_route(port, ip)) {
            return refuse("the next hop " + to_string(ip)
                          + ", which is in none of its networks, is given on "
                          + other->second
                          + " too: expected it on one port, or a link-local "
                            "address");
        }
    }
    return std::nullopt;
}

} // namespace

Accepted
accept(const Router_row &row, const Surroundings &surroundings,
       const Limits &base)
{
    Accepted accepted;
    accepted.router.name = row.name;
    std::vector<std::string> errors;
    const Limits limits = read_router_limits(base, row.options, errors);
    for (std::string &what : errors) {
        accepted.refusals.push_back({std::nullopt, row.name, what});
    }
    check_router(row, limits, accepted.refusals);
    if (row.ports.size() > limits.max_ports_per_router) {
        return accepted; // However many, they cost nothing more.
    }
    Taken taken, reached;
    for (const Port_row &port_row : row.ports) {
        Port port;
        Check refused
            = Port_reader{row, port_row, surroundings, limits}.read(port);
        if (!refused) {
            refused = check_twins(taken, port);
        }
        if (!refused) {
            refused = check_next_hops(reached, port);
        }
        if (refused) {
            accepted.refusals.push_back(
                {port_row.id, port_row.name, refused->what, refused->pending});
        } else {
            for (const Network &network : port.networks) {
                taken[network.ip] = port.name;
            }
            for (const Ip &ip : port.gateway_ips) {
                if (needs_on_link_route(port, ip)) {
                    reached[ip] = port.name;
                }
            }
            accepted.router.ports.emplace(port.name, std::move(port));
        }
    }
    return accepted;
}

std::string
summary(const std::vector<Refusal> &refusals)
{
    constexpr size_t most_named = 3;
    std::string out;
    for (size_t i = 0; i < refusals.size() && i < most_named; i++) {
        const Refusal &refusal = refusals[i];
        out += (i ? "; " : "")
               + (refusal.row ? plain(refusal.name) + ": " : std::string{})
               + refusal.what;
    }
    if (refusals.size() > most_named) {
        out += "; and " + std::to_string(refusals.size() - most_named)
               + " more";
    }
    return out;
}

} // namespace snat
