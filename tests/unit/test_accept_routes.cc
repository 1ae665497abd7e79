// Acceptance of static routes, of either door.
#include "asked.hh"

#include "router/accept_routes.hh"

using namespace asked;

namespace {

Route_row
route_row(const std::string &prefix, const std::string &next_hop,
          const std::string &port = "")
{
    Route_row row;
    row.id = {Table::static_route, "uuid-of-" + prefix + next_hop + port};
    row.ip_prefix = prefix;
    row.nexthop = next_hop;
    row.output_port = port;
    return row;
}

// With networks of both families, and next hops.
Router_row
with_routes(const std::vector<Route_row> &routes)
{
    Port_row gateway = make_gateway(false);
    gateway.networks = {"198.51.100.10/24", "2001:db8::10/64"};
    gateway.gateway_ips = {"198.51.100.1", "203.0.113.1"};
    Router_row row = demo({gateway, make_internal(false)});
    for (const Route_row &route : routes) {
        row.static_routes[route.id.uuid] = route;
    }
    return row;
}

Accepted
accept_routes(const std::vector<Route_row> &routes)
{
    return accept_demo(with_routes(routes));
}

std::string
only_route(const Route_row &row)
{
    const Accepted accepted = accept_routes({row});
    BOOST_TEST(accepted.refusals.empty(), summary(accepted.refusals));
    BOOST_REQUIRE(accepted.router.routes.size() == 1u);
    const Static_route route = *accepted.router.routes.begin();
    BOOST_TEST((accepted.routes.at(route) == row.id));
    return to_string(route);
}

// That one, and not the others.
void
check_route_refused(const Route_row &row,
                    const std::vector<std::string> &parts,
                    const std::vector<Route_row> &others = {})
{
    BOOST_TEST_CONTEXT(row.ip_prefix << " " << row.nexthop)
    {
        auto all = others;
        all.push_back(row);
        const Accepted accepted = accept_routes(all);
        BOOST_REQUIRE(accepted.refusals.size() == 1u);
        BOOST_TEST((accepted.refusals[0].row == row.id));
        check_sentence(accepted.refusals[0].what, parts);
        BOOST_TEST(accepted.router.routes.size() == others.size());
        BOOST_TEST(accepted.router.ports.size() == 2u);
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(accept_routes_)

BOOST_AUTO_TEST_CASE(good_rows)
{
    BOOST_TEST(only_route(route_row("203.0.113.0/24", "198.51.100.2"))
               == "203.0.113.0/24 via 198.51.100.2 on qg-a");
    BOOST_TEST(only_route(route_row("172.16.0.0/12", "10.0.0.7"))
               == "172.16.0.0/12 via 10.0.0.7 on sg-a");
    BOOST_TEST(only_route(route_row("192.168.0.0/16", "discard"))
               == "192.168.0.0/16 discard");
    BOOST_TEST(only_route(route_row("198.18.0.0/15", "", "qg-a"))
               == "198.18.0.0/15 on qg-a");
    BOOST_TEST(only_route(route_row("0.0.0.0/0", "10.9.9.9", "sg-a"))
               == "0.0.0.0/0 via 10.9.9.9 on sg-a");
    // RFC 8950's kind of next hop.
    BOOST_TEST(only_route(route_row("192.168.0.0/16", "fe80::9", "qg-a"))
               == "192.168.0.0/16 via fe80::9 on qg-a");
    BOOST_TEST(only_route(route_row("::/0", "2001:db8::1"))
               == "::/0 via 2001:db8::1 on qg-a");
    Route_row row = route_row("10.0.0.0/24", "198.51.100.2");
    row.policy = "src-ip";
    row.metric = 7;
    row.options["route-table"] = "blue";
    BOOST_TEST(only_route(row)
               == "from 10.0.0.0/24 via 198.51.100.2 on qg-a metric 7 in "
                  "table blue");
}

BOOST_AUTO_TEST_CASE(the_usual_metric_is_none)
{
    Route_row row = route_row("2001:db8:9::/48", "2001:db8::1");
    row.metric = 1024;
    BOOST_TEST(only_route(row) == "2001:db8:9::/48 via 2001:db8::1 on qg-a");
    row = route_row("203.0.113.0/24", "198.51.100.2");
    row.metric = 0;
    BOOST_TEST(only_route(row) == "203.0.113.0/24 via 198.51.100.2 on qg-a");
}

BOOST_AUTO_TEST_CASE(what_a_row_may_not_say)
{
    const auto check
        = [](const char *prefix, const char *next_hop,
             const std::vector<std::string> &parts, const char *port = "") {
              check_route_refused(route_row(prefix, next_hop, port), parts);
          };
    check("", "198.51.100.2", {"expected"});
    check("203.0.113.0", "198.51.100.2", {"prefix length"});
    check("203.0.113.7/24", "198.51.100.2", {"expected 203.0.113.0/24"});
    check("127.0.0.0/8", "198.51.100.2", {"127.0.0.0/8"});
    check("224.0.0.0/4", "198.51.100.2", {"224.0.0.0/4"});
    check("ff00::/8", "2001:db8::1", {"ff00::/8"});
    check("fe80::/10", "2001:db8::1", {"fe80::/10"});
    check("203.0.113.0/24", "banana", {"banana", "expected"});
    check("203.0.113.0/24", "0.0.0.0", {"0.0.0.0", "next hop"});
    check("203.0.113.0/24", "224.0.0.1", {"224.0.0.1", "next hop"});
    check("2001:db8:9::/48", "198.51.100.2", {"IPv6 prefix", "198.51.100.2"});
    check("203.0.113.0/24", "", {"neither nexthop nor output_port"});
    check("203.0.113.0/24", "discard", {"discard", "output_port"}, "qg-a");
    check("203.0.113.0/24", "198.51.100.2", {"sg-x", "port of this router"},
          "sg-x");
    for (const std::string &text : hostile) {
        check_route_refused(route_row(text, "198.51.100.2"), {});
        check_route_refused(route_row("203.0.113.0/24", text), {});
        check_route_refused(route_row("203.0.113.0/24", "", text), {});
    }
}

BOOST_AUTO_TEST_CASE(what_no_router_can_have)
{
    const auto check = [](const char *prefix, const char *next_hop,
                          const std::vector<std::string> &parts) {
        check_route_refused(route_row(prefix, next_hop), parts);
    };
    check("203.0.113.0/24", "192.168.7.7", {"192.168.7.7", "output_port"});
    check("2001:db8:9::/48", "fe80::9", {"fe80::9", "output_port"});
    check("203.0.113.0/24", "198.51.100.10", {"198.51.100.10", "qg-a"});
    check("203.0.113.0/24", "198.51.100.255", {"198.51.100.255"});
    check("10.0.0.0/24", "198.51.100.2", {"10.0.0.0/24", "sg-a"});
    check("198.51.100.10/32", "10.0.0.7", {"198.51.100.10/32", "qg-a"});
    // A next hop of the port has its own way there.
    check("203.0.113.1/32", "10.0.0.7", {"203.0.113.1/32", "another route"});
}

BOOST_AUTO_TEST_CASE(policies_metrics_and_options)
{
    Route_row row = route_row("203.0.113.0/24", "198.51.100.2");
    row.policy = "ip-src";
    check_route_refused(row, {"ip-src", "src-ip or dst-ip"});
    row.policy = "dst-ip";
    row.metric = int64_t{1} << 32;
    check_route_refused(row, {"4294967296", "4294967295"});
    row.metric = -1;
    check_route_refused(row, {"-1"});
    row.metric.reset();
    row.options["ecmp"] = "true";
    check_route_refused(row, {"unknown option \"ecmp\"", "route-table"});
    row.options = {{"route-table", "../x"}};
    check_route_refused(row, {"route-table", "../x"});
}

BOOST_AUTO_TEST_CASE(routes_to_one_prefix)
{
    const Route_row one = route_row("203.0.113.0/24", "198.51.100.2");
    const Accepted both
        = accept_routes({one, route_row("203.0.113.0/24", "198.51.100.3")});
    BOOST_TEST(both.refusals.empty(), summary(both.refusals));
    BOOST_TEST(both.router.routes.size() == 2u);

    Route_row twin = one;
    twin.id.uuid = "z";
    check_route_refused(twin, {"twice"}, {one});
    Route_row black_hole = route_row("203.0.113.0/24", "discard");
    black_hole.id.uuid = "z";
    check_route_refused(black_hole, {"203.0.113.0/24", "another metric"},
                        {one});
    black_hole.metric = 7;
    BOOST_TEST(accept_routes({one, black_hole}).refusals.empty());
    // The default route is also the port's.
    check_route_refused(route_row("0.0.0.0/0", "discard"), {"another metric"});
    BOOST_TEST(accept_routes({route_row("0.0.0.0/0", "198.51.100.1")})
                   .refusals.empty());

    const Route_row on_link = route_row("2001:db8:9::/48", "", "qg-a");
    Route_row beside = route_row("2001:db8:9::/48", "2001:db8::1");
    beside.id.uuid = "z";
    check_route_refused(beside, {"2001:db8:9::/48"}, {on_link});
}

BOOST_AUTO_TEST_CASE(a_next_hop_that_another_route_leads_to)
{
    const Route_row to_it = route_row("192.168.7.7/32", "10.0.0.7");
    Route_row by_it = route_row("203.0.113.0/24", "192.168.7.7", "qg-a");
    by_it.id.uuid = "z";
    check_route_refused(by_it, {"192.168.7.7", "on the link"}, {to_it});
}

BOOST_AUTO_TEST_CASE(who_is_in_force_stays)
{
    Route_row later = route_row("203.0.113.0/24", "198.51.100.2");
    later.id.uuid = "b";
    Route_row earlier = route_row("203.0.113.0/24", "discard");
    earlier.id.uuid = "a";
    const Router held = accept_routes({later}).router;
    const Accepted accepted
        = accept(with_routes({earlier, later}), bridges(), {}, &held);
    BOOST_REQUIRE(accepted.refusals.size() == 1u);
    BOOST_TEST((accepted.refusals[0].row == earlier.id));
}

BOOST_AUTO_TEST_CASE(no_more_than_the_limit)
{
    Limits limits;
    limits.max_routes_per_router = 1;
    Port_row gateway = make_gateway(true);
    gateway.routes = {"203.0.113.0/24=198.51.100.2"};
    Router_row row = demo({gateway});
    BOOST_TEST(accept_demo(row, limits).refusals.empty());
    const Route_row route = route_row("192.168.0.0/16", "discard");
    row.static_routes["r"] = route;
    check_router_refused(accept_demo(row, limits),
                         {"2 static routes", "max-routes-per-router"});
}

BOOST_AUTO_TEST_CASE(keys_of_door_1)
{
    Port_row row = make_gateway(true);
    row.routes = {"203.0.113.0/24=198.51.100.2", "192.168.0.0/16=discard",
                  "172.16.0.0/12=192.168.7.7"};
    const auto routes = read_good(row).routes;
    BOOST_REQUIRE(routes.size() == 3u);
    BOOST_TEST(to_string(*routes.begin())
               == "172.16.0.0/12 via 192.168.7.7 on qg-a");
    for (const auto &[text, part] :
         {std::pair{"203.0.113.0/24", "PREFIX=NEXTHOP"},
          {"203.0.113.0/24=", "203.0.113.0/24="},
          {"=198.51.100.2", "snat-routes"},
          {"203.0.113.0/24=198.51.100.10",
           "snat-routes \"203.0.113.0/24=198.51.100.10\": "}}) {
        row.routes = {text};
        check_port_refused(row, {part});
    }
    row.routes
        = {"203.0.113.0/24=198.51.100.2", "203.0.113.0/24=198.51.100.2"};
    check_port_refused(row, {"twice"});
    Port_row internal = make_internal(true);
    internal.options["snat-routes"] = "203.0.113.0/24=10.0.0.2";
    check_port_refused(internal, {"snat-routes", "gateway ports"});
}

// It is nothing wrong, and nothing is wired for its sake.
BOOST_AUTO_TEST_CASE(a_route_waits_for_ports)
{
    Router_row row = demo({});
    row.static_routes["r"] = route_row("203.0.113.0/24", "198.51.100.2");
    const Accepted accepted = accept_demo(row);
    BOOST_TEST(accepted.refusals.empty());
    BOOST_TEST(accepted.router.routes.empty());
}

BOOST_AUTO_TEST_CASE(a_default_that_discards_hides_what_comes_after_it)
{
    Route_row hole = route_row("0.0.0.0/0", "discard");
    hole.metric = 7;
    hole.id.uuid = "z";
    Route_row source = route_row("10.0.0.0/24", "198.51.100.2");
    source.policy = "src-ip";
    check_route_refused(hole, {"10.0.0.0/24", "hide"}, {source});
    Route_row in_table = route_row("203.0.113.0/24", "198.51.100.2");
    in_table.options["route-table"] = "blue";
    check_route_refused(hole, {"203.0.113.0/24", "hide"}, {in_table});
    // In the table itself there is nothing behind it.
    hole.options["route-table"] = "blue";
    BOOST_TEST(accept_routes({hole, in_table}).refusals.empty());
    check_route_refused(hole, {"hide"}, {source});
    BOOST_TEST(accept_routes({route_row("192.168.0.0/16", "discard"), source})
                   .refusals.empty());
}

// The kernel looks at it only when it is added, and that may be later.
BOOST_AUTO_TEST_CASE(an_ipv6_next_hop_stays_on_the_link)
{
    const Route_row by = route_row("2001:db8:9::/64", "2001:db8::200");
    Route_row over = route_row("2001:db8::200/120", "2001:db8::1");
    over.id.uuid = "z";
    check_route_refused(over, {"2001:db8:9::/64", "next hop"}, {by});
    const Route_row same = route_row("198.51.100.128/25", "198.51.100.2");
    BOOST_TEST(
        accept_routes({same, route_row("203.0.113.0/24", "198.51.100.200")})
            .refusals.empty());
}

BOOST_AUTO_TEST_CASE(a_next_hop_in_another_ports_network)
{
    check_route_refused(route_row("203.0.113.0/24", "10.0.0.9", "qg-a"),
                        {"10.0.0.9", "expected a route by sg-a"});
}

BOOST_AUTO_TEST_CASE(a_next_hop_that_is_an_external_address)
{
    const Route_row by = route_row("203.0.113.0/24", "198.51.100.20");
    Nat_row nat;
    nat.id = {Table::nat, "n"};
    nat.type = "dnat_and_snat";
    nat.external_ip = "198.51.100.20";
    nat.logical_ip = "10.0.0.5";
    Router_row row = with_routes({});
    row.nat = samples::nat_rows({nat});
    const Router held = accept_demo(row).router;
    row.static_routes[by.id.uuid] = by;
    const Accepted later = accept(row, bridges(), {}, &held);
    BOOST_REQUIRE(later.refusals.size() == 1u);
    BOOST_TEST((later.refusals[0].row == by.id));
    check_sentence(later.refusals[0].what, {"198.51.100.20", "external"});
    // Of two that are new the rule is the later.
    const Accepted both = accept_demo(row);
    BOOST_REQUIRE(both.refusals.size() == 1u);
    BOOST_TEST((both.refusals[0].row == nat.id));
    check_sentence(both.refusals[0].what, {"198.51.100.20", "next hop"});
}

BOOST_AUTO_TEST_CASE(a_port_too_small_for_ipv6)
{
    Router_row row = with_routes({route_row("2001:db8:9::/48", "", "sg-a")});
    row.ports[1].mtu = 1000;
    const Accepted accepted = accept_demo(row);
    BOOST_REQUIRE(accepted.refusals.size() == 1u);
    check_sentence(accepted.refusals[0].what, {"sg-a", "1280"});
}

BOOST_AUTO_TEST_SUITE_END()
