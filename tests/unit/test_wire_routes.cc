// Which routes and routing rules a router has, and which a packet takes.
#include "router/route_lookup.hh"
#include "router/wire_routes.hh"
#include "samples.hh"

using namespace samples;

namespace {

Static_route
from_source(const char *prefix, const char *next_hop, const char *port)
{
    Static_route route = static_route(prefix, next_hop, port);
    route.by_source = true;
    return route;
}

Static_route
in_table(Static_route route, const char *table)
{
    route.table = table;
    return route;
}

Router
with(const std::set<Static_route> &routes)
{
    Router router = three_ports(true);
    router.ports["sg-b"].route_table = "blue";
    router.routes = routes;
    return router;
}

// The words of the hop that a packet takes; "none", or "discard".
std::string
way(const Router &router, const char *in_port, const char *src,
    const char *dst)
{
    const auto found
        = look_up_route(wire(router), in_port, *parse_ip(src), *parse_ip(dst));
    if (!found || found->hops.empty()) {
        return found ? "discard" : "none";
    }
    std::string out;
    for (const Hop &hop : found->hops) {
        out += (out.empty() ? "" : " or ")
               + (hop.via ? to_string(*hop.via) + " " : std::string{})
               + hop.link;
    }
    return out;
}

std::vector<uint32_t>
priorities(const Wired &wired)
{
    std::vector<uint32_t> out;
    for (const Route_rule &rule : wired.route_rules) {
        out.push_back(rule.priority);
    }
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(wire_routes_)

BOOST_AUTO_TEST_CASE(without_special_tables_there_is_no_rule)
{
    const Router router
        = with({static_route("203.0.113.0/24", "198.51.100.2", "qg-a")});
    BOOST_TEST((wire(router).route_rules == born_route_rules()));
    BOOST_TEST(way(router, "sg-a", "10.0.0.5", "203.0.113.7")
               == "198.51.100.2 qg-a");
    BOOST_TEST(way(router, "sg-a", "10.0.0.5", "9.9.9.9")
               == "198.51.100.1 qg-a");
    BOOST_TEST(way(router, "sg-a", "10.0.0.5", "10.0.1.9") == "sg-b");
    BOOST_TEST(way(router, "sg-a", "2001:db8::5", "2001:db8::9") == "none");
}

BOOST_AUTO_TEST_CASE(equal_prefixes_are_one_route)
{
    const Router router
        = with({static_route("203.0.113.0/24", "198.51.100.2", "qg-a"),
                static_route("203.0.113.0/24", "198.51.100.3", "qg-a"),
                static_route("0.0.0.0/0", "198.51.100.4", "qg-a")});
    BOOST_TEST(wire(router).routes.size() == 2u);
    BOOST_TEST(way(router, "sg-a", "10.0.0.5", "203.0.113.7")
               == "198.51.100.2 qg-a or 198.51.100.3 qg-a");
    BOOST_TEST(way(router, "sg-a", "10.0.0.5", "9.9.9.9")
               == "198.51.100.1 qg-a or 198.51.100.4 qg-a");
}

BOOST_AUTO_TEST_CASE(the_lower_metric_is_taken)
{
    Static_route worse = static_route("203.0.113.0/24", "", "");
    worse.metric = 7;
    const Static_route better
        = static_route("203.0.113.0/24", "198.51.100.2", "qg-a");
    BOOST_TEST(way(with({worse, better}), "sg-a", "10.0.0.5", "203.0.113.7")
               == "198.51.100.2 qg-a");
    BOOST_TEST(way(with({worse}), "sg-a", "10.0.0.5", "203.0.113.7")
               == "discard");
}

// That of IPv6 is not the lowest.
BOOST_AUTO_TEST_CASE(the_usual_metric_has_its_place)
{
    Static_route hole = static_route("2001:db8:9::/48", "", "");
    const Static_route usual
        = static_route("2001:db8:9::/48", "fe80::2", "qg-a");
    for (const auto &[metric, where] :
         {std::pair{1023u, "discard"}, {1025u, "fe80::2 qg-a"}}) {
        hole.metric = metric;
        BOOST_TEST(
            way(with({hole, usual}), "sg-a", "2001:db8::5", "2001:db8:9::7")
            == where);
    }
}

BOOST_AUTO_TEST_CASE(a_next_hop_elsewhere_is_led_to_first)
{
    const Wired wired
        = wire(with({static_route("203.0.113.0/24", "192.168.7.1", "qg-a")}));
    const Route &way = wired.routes.at(network("192.168.7.1/32"));
    BOOST_TEST(is_on_link(way));
    BOOST_TEST((way.hops == std::set<Hop>{{std::nullopt, "qg-a"}}));
}

BOOST_AUTO_TEST_CASE(sources_come_after_what_is_specific)
{
    const Router router
        = with({from_source("10.0.0.0/24", "198.51.100.9", "qg-a"),
                from_source("10.0.0.128/25", "198.51.100.8", "qg-a"),
                static_route("203.0.113.0/24", "198.51.100.2", "qg-a")});
    BOOST_TEST((priorities(wire(router))
                == std::vector<uint32_t>{1000, 4103, 4104, 32766, 32766}));
    BOOST_TEST(way(router, "sg-a", "10.0.0.5", "203.0.113.7")
               == "198.51.100.2 qg-a");
    BOOST_TEST(way(router, "sg-a", "10.0.0.5", "10.0.1.9") == "sg-b");
    BOOST_TEST(way(router, "sg-a", "10.0.0.5", "9.9.9.9")
               == "198.51.100.9 qg-a");
    BOOST_TEST(way(router, "sg-a", "10.0.0.200", "9.9.9.9")
               == "198.51.100.8 qg-a");
    BOOST_TEST(way(router, "sg-b", "10.0.1.5", "9.9.9.9")
               == "198.51.100.1 qg-a");
}

// As the kernel has it, which else would show it otherwise.
BOOST_AUTO_TEST_CASE(a_source_that_is_everywhere_is_none)
{
    const Router router
        = with({from_source("0.0.0.0/0", "198.51.100.9", "qg-a")});
    BOOST_TEST(std::ranges::none_of(
        wire(router).route_rules,
        [](const Route_rule &rule) { return rule.from.has_value(); }));
    BOOST_TEST(way(router, "sg-a", "10.0.0.5", "9.9.9.9")
               == "198.51.100.9 qg-a");
}

// One that is advertised would stand where that of a row does.
BOOST_AUTO_TEST_CASE(with_a_default_route_nothing_else_is_listened_to)
{
    const auto listens = [](const Router &router) {
        return wire(router).sysctls.at("net/ipv6/conf/qg-a/accept_ra");
    };
    BOOST_TEST(listens(with({})) == "2");
    BOOST_TEST(listens(with({static_route("::/0", "fe80::2", "qg-a")}))
               == "0");
    BOOST_TEST(
        listens(with({from_source("::/0", "fe80::2", "qg-a"),
                      static_route("2001:db8:9::/48", "fe80::2", "qg-a")}))
        == "2");
}

BOOST_AUTO_TEST_CASE(a_table_is_for_what_comes_by_its_ports)
{
    const Router router = with(
        {in_table(static_route("203.0.113.0/24", "198.51.100.2", "qg-a"),
                  "blue"),
         in_table(static_route("0.0.0.0/0", "198.51.100.9", "qg-a"), "blue"),
         in_table(static_route("0.0.0.0/0", "198.51.100.8", "qg-a"), "red"),
         from_source("10.0.1.64/26", "198.51.100.7", "qg-a"),
         in_table(from_source("10.0.1.64/26", "198.51.100.6", "qg-a"),
                  "blue")});
    BOOST_TEST(way(router, "sg-b", "10.0.1.5", "203.0.113.7")
               == "198.51.100.2 qg-a");
    BOOST_TEST(way(router, "sg-b", "10.0.1.5", "9.9.9.9")
               == "198.51.100.9 qg-a");
    BOOST_TEST(way(router, "sg-b", "10.0.1.70", "9.9.9.9")
               == "198.51.100.6 qg-a");
    BOOST_TEST(way(router, "sg-b", "10.0.1.5", "10.0.0.9") == "sg-a");
    BOOST_TEST(way(router, "sg-a", "10.0.0.5", "203.0.113.7")
               == "198.51.100.1 qg-a");
    BOOST_TEST(way(router, "sg-a", "10.0.1.70", "9.9.9.9")
               == "198.51.100.7 qg-a");
}

BOOST_AUTO_TEST_CASE(a_tables_number_stays)
{
    const Static_route one
        = in_table(static_route("0.0.0.0/0", "198.51.100.9", "qg-a"), "blue");
    const Static_route other
        = in_table(static_route("0.0.0.0/0", "198.51.100.8", "qg-a"), "a");
    const Wired alone = wire(with({one})), both = wire(with({one, other}));
    for (const auto &[place, route] : alone.routes) {
        BOOST_TEST((both.routes.at(place) == route));
    }
}

BOOST_AUTO_TEST_CASE(routes_by_ports_that_are_not_there)
{
    Router router = with({static_route("172.16.0.0/12", "10.0.0.7", "sg-a")});
    router.ports.erase("sg-a");
    BOOST_TEST(!wire(router).routes.contains(network("172.16.0.0/12")));
}

BOOST_AUTO_TEST_CASE(who_asks_for_a_route)
{
    const Static_route one
        = static_route("203.0.113.0/24", "198.51.100.2", "qg-a");
    const Static_route far
        = static_route("192.168.0.0/16", "192.168.7.1", "qg-a");
    const Router router = with({one, far});
    BOOST_TEST(
        (asked_for_by(router, one.prefix) == std::set<Static_route>{one}));
    BOOST_TEST((asked_for_by(router, network("192.168.7.1/32"))
                == std::set<Static_route>{far}));
    BOOST_TEST(asked_for_by(router, network("0.0.0.0/0")).empty());
}

BOOST_AUTO_TEST_SUITE_END()
