// Acceptance of static routes, of a row of table Static_Route or of a key of
// door 1.
#pragma once

#include "accept_port.hh"
#include "router.hh"
#include "rows.hh"

#include <map>
#include <set>
#include <string>
#include <tuple>

namespace snat {

// Fills 'route' with what the row says, whatever else is in the router.
Check read_route_row(const Route_row &row, Static_route &route);

// Door 1's "PREFIX=NEXTHOP" of snat-routes.
Check read_route_key(const std::string &text, Static_route &route);

// The name of a table of routes: as for routers (router/names.hh).
Check read_route_table(const Options &options, std::string &table);

// The routes of one router, which must fit its ports and one another.
class Static_routes {
public:
    // None of 'rules' may have a next hop as its external address.
    explicit Static_routes(const Router &router, const Nat_set &rules = {});

    // Takes the route, unless the router or a route before it forbids it.  The
    // port that it goes by is filled in if the row does not say it.
    Check add(Static_route &route);
    // That alone.
    Check find_port(Static_route &route) const;

private:
    // Routes of one place are one, by several next hops.
    using Place = std::tuple<bool, std::string, Network, uint32_t>;
    struct Taken {
        std::set<Static_route> routes;
        bool leads_to_next_hop = false; // What a next hop needs to be reached.
    };

    static Place place_of(const Static_route &route);
    void take(const Static_route &route);
    std::optional<Static_route> way_to_next_hop(const Static_route &) const;
    Check check_prefix(const Static_route &route) const;
    Check check_end(const Static_route &route) const;
    Check check_shadow(const Static_route &route) const;
    Check check_mtu(const Static_route &route) const;
    Check check_next_hop(const Static_route &route) const;
    Check check_way(const Static_route &route) const;
    Check check_place(const Static_route &route) const;

    bool shadows(const Static_route &route, const Static_route &other) const;

    const Router &router_; // Its ports.
    std::map<Place, Taken> taken_;
    std::set<Static_route> all_; // Those of the ports included.
    std::set<Ip> external_;
    std::set<Static_route> rows_;
};

} // namespace snat
