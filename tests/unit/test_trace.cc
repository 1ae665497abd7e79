// What nat/trace and nat/who say, of a router as a value.
#include "router/trace.hh"

#include "samples.hh"

using namespace samples;

namespace {

Packet
packet(const char *in_port, const char *src, const char *dst)
{
    Packet out;
    out.in_port = in_port;
    out.src = *parse_ip(src);
    out.dst = *parse_ip(dst);
    return out;
}

Packet
tcp(const char *in_port, const char *src, const char *dst, uint16_t dport)
{
    Packet out = packet(in_port, src, dst);
    out.protocol = Protocol::tcp;
    out.sport = 40000;
    out.dport = dport;
    return out;
}

std::string
text(const std::optional<Taken> &taken)
{
    return !taken ? "kept"
                  : to_string(taken->address)
                        + (taken->ports ? " " + to_string(*taken->ports) : "");
}

// "from SOURCE to DESTINATION by PORT", as it is on the way out.
std::string
way(const Router &router, const Packet &packet)
{
    const Trace told = trace(router, packet);
    std::string ports;
    for (const std::string &port : told.out_ports) {
        ports += (ports.empty() ? "" : ",") + port;
    }
    return "from " + text(told.source) + " to " + text(told.destination) + " "
           + (told.is_local ? "here"
              : told.route  ? "by " + ports
                            : "nowhere");
}

std::vector<std::string>
behind(const Router &router, const char *external, uint16_t port)
{
    std::vector<std::string> out;
    for (const Behind &one : who_is(router, *parse_ip(external), port)) {
        out.push_back(to_string(one.inside)
                      + (one.ports ? " " + to_string(*one.ports) : ""));
    }
    return out;
}

Nat_rule
source(const char *external, const char *logical)
{
    Nat_rule rule;
    rule.external = *parse_ip(external);
    rule.logical = network(logical);
    return rule;
}

Nat_rule
only_for(Nat_rule rule, const char *peers)
{
    rule.allowed = {network(peers)};
    return rule;
}

Nat_rule
on(Nat_rule rule, const char *port)
{
    rule.gateway_port = port;
    return rule;
}

// An exception, of the kind that the rule is.
Nat_rule
not_for(Nat_rule rule)
{
    (rule.type == Nat_type::snat ? rule.external.reset()
                                 : rule.logical.reset());
    rule.internal_ports.reset();
    rule.no_nat = true;
    return rule;
}

Router
with(const Shared_set<Nat_rule> &rules)
{
    Router router = three_ports(true);
    router.nat = rules;
    return router;
}

const char *const host = "10.0.0.5", *const peer = "203.0.113.7";

using Strings = std::vector<std::string>;

} // namespace

BOOST_AUTO_TEST_SUITE(trace_)

BOOST_AUTO_TEST_CASE(what_leaves_has_the_ports_address)
{
    const Router router = with({});
    BOOST_TEST(way(router, packet("sg-a", host, peer))
               == "from 198.51.100.10 to kept by qg-a");
    BOOST_TEST(way(router, tcp("sg-a", host, peer, 80))
               == "from 198.51.100.10 1-65535 to kept by qg-a");
    const Trace told = trace(router, packet("sg-a", host, peer));
    BOOST_TEST(to_string(*told.route) == "0.0.0.0/0");
    BOOST_REQUIRE(told.next_hops.size() == 1u);
    BOOST_TEST(to_string(*told.next_hops[0]) == "198.51.100.1");
}

BOOST_AUTO_TEST_CASE(between_ports_inside_nothing_is_translated)
{
    const Router router = with({floating("198.51.100.20", host)});
    BOOST_TEST(way(router, packet("sg-a", host, "10.0.1.9"))
               == "from kept to kept by sg-b");
}

BOOST_AUTO_TEST_CASE(a_router_without_snat_only_routes)
{
    Router router = with({});
    router.ports["qg-a"].snat_ip.reset();
    BOOST_TEST(way(router, packet("sg-a", host, peer))
               == "from kept to kept by qg-a");
}

BOOST_AUTO_TEST_CASE(the_routers_own_address_is_here)
{
    const Router router = with({});
    for (const char *own : {"10.0.0.1", "10.0.1.1", "198.51.100.10"}) {
        BOOST_TEST(way(router, packet("sg-a", host, own))
                   == "from kept to kept here");
    }
}

BOOST_AUTO_TEST_CASE(without_a_next_hop_there_is_no_way)
{
    Router router = with({});
    router.ports["qg-a"].gateway_ips.clear();
    BOOST_TEST(way(router, packet("sg-a", host, peer))
               == "from kept to kept nowhere");
    BOOST_TEST(way(router, packet("sg-a", host, "198.51.100.7"))
               == "from 198.51.100.10 to kept by qg-a");
}

BOOST_AUTO_TEST_CASE(several_next_hops_are_all_told)
{
    Router router = with({});
    router.ports["qg-b"] = port("qg-b", "203.0.113.10/24", true);
    router.ports["qg-b"].gateway_ips = {*parse_ip("203.0.113.1")};
    BOOST_TEST(way(router, packet("sg-a", host, "192.0.2.1"))
               == "from 198.51.100.10 to kept by qg-a,qg-b");
}

BOOST_AUTO_TEST_CASE(a_floating_ip_is_both_ways)
{
    const Router router = with({floating("198.51.100.20", host)});
    BOOST_TEST(way(router, packet("qg-a", peer, "198.51.100.20"))
               == "from kept to 10.0.0.5 by sg-a");
    BOOST_TEST(way(router, tcp("sg-a", host, peer, 80))
               == "from 198.51.100.20 to kept by qg-a");
    const Trace told = trace(router, packet("sg-a", host, peer));
    BOOST_TEST(told.source->rule == "dnat_and_snat 198.51.100.20 10.0.0.5");
}

BOOST_AUTO_TEST_CASE(a_forward_comes_before_a_floating_ip)
{
    const Router router = with(
        {floating("198.51.100.20", host), forward("198.51.100.20", 80)});
    BOOST_TEST(way(router, tcp("qg-a", peer, "198.51.100.20", 80))
               == "from kept to 10.0.0.9 8080 by sg-a");
    BOOST_TEST(way(router, tcp("qg-a", peer, "198.51.100.20", 81))
               == "from kept to 10.0.0.5 by sg-a");
}

BOOST_AUTO_TEST_CASE(an_exception_comes_before_all)
{
    const Router router
        = with({floating("198.51.100.20", host),
                not_for(source("198.51.100.30", "10.0.0.0/24")),
                not_for(forward("198.51.100.20", 80))});
    BOOST_TEST(way(router, tcp("qg-a", peer, "198.51.100.20", 80))
               == "from kept to kept here");
    BOOST_TEST(way(router, tcp("sg-a", host, peer, 80))
               == "from kept to kept by qg-a");
    BOOST_TEST(trace(router, tcp("sg-a", host, peer, 80)).exception
               == "no-nat snat 10.0.0.0/24");
}

// The narrower one says it; the kernel has no ranges that overlap.
BOOST_AUTO_TEST_CASE(exceptions_may_overlap)
{
    const Nat_rule some = not_for(forward("198.51.100.20", 80));
    Nat_rule all = some;
    all.protocol.reset();
    all.external_ports.reset();
    const Router router = with({floating("198.51.100.20", host), some, all,
                                only_for(all, "203.0.113.7/32")});
    const auto rule = [&](uint16_t port, const char *from) {
        return trace(router, tcp("qg-a", from, "198.51.100.20", port))
            .exception;
    };
    BOOST_TEST(rule(80, peer) == "no-nat dnat 198.51.100.20 tcp 80");
    BOOST_TEST(rule(81, "203.0.113.8") == "no-nat dnat 198.51.100.20");
    BOOST_TEST(rule(81, peer).starts_with("no-nat dnat 198.51.100.20 peers "));
}

BOOST_AUTO_TEST_CASE(the_longest_prefix_counts)
{
    const Router router = with({source("198.51.100.30", "10.0.0.0/16"),
                                source("198.51.100.31", "10.0.0.0/24"),
                                source("198.51.100.32", "10.0.0.6/32")});
    const auto from = [&](const char *src) {
        return text(trace(router, packet("sg-a", src, peer)).source);
    };
    BOOST_TEST(from("10.0.1.5") == "198.51.100.30");
    BOOST_TEST(from(host) == "198.51.100.31");
    BOOST_TEST(from("10.0.0.6") == "198.51.100.32");
    BOOST_TEST(from("10.1.0.5") == "198.51.100.10");
}

BOOST_AUTO_TEST_CASE(what_a_narrowed_rule_does_not_take_goes_on)
{
    const Router router
        = with({only_for(floating("198.51.100.20", host), "203.0.113.0/24"),
                source("198.51.100.30", "10.0.0.0/24")});
    BOOST_TEST(way(router, packet("sg-a", host, peer))
               == "from 198.51.100.20 to kept by qg-a");
    BOOST_TEST(way(router, packet("sg-a", host, "192.0.2.1"))
               == "from 198.51.100.30 to kept by qg-a");
    BOOST_TEST(way(router, packet("qg-a", "192.0.2.1", "198.51.100.20"))
               == "from kept to kept here");
}

BOOST_AUTO_TEST_CASE(source_ports_come_from_the_rule)
{
    Nat_rule rule = source("198.51.100.30", "10.0.0.4/30");
    rule.external_ports = Port_range{2000, 2999};
    BOOST_TEST(way(with({rule}), tcp("sg-a", host, peer, 80))
               == "from 198.51.100.30 2000-2999 to kept by qg-a");
    BOOST_TEST(way(with({rule}), packet("sg-a", host, peer))
               == "from 198.51.100.30 to kept by qg-a");
    rule.port_block = 100;
    BOOST_TEST(way(with({rule}), tcp("sg-a", host, peer, 80))
               == "from 198.51.100.30 2100-2199 to kept by qg-a");
}

BOOST_AUTO_TEST_CASE(a_hairpin_shows_the_callers_external_address)
{
    const Router router = with({floating("198.51.100.20", host),
                                floating("198.51.100.21", "10.0.0.6")});
    BOOST_TEST(way(router, tcp("sg-a", "10.0.0.6", "198.51.100.20", 80))
               == "from 198.51.100.21 to 10.0.0.5 by sg-a");
    // Who has none shares one, so that his port cannot be kept.
    BOOST_TEST(way(router, tcp("sg-a", "10.0.0.7", "198.51.100.20", 80))
               == "from 198.51.100.10 1-65535 to 10.0.0.5 by sg-a");
    BOOST_TEST(way(router, packet("sg-a", "10.0.0.7", "198.51.100.20"))
               == "from 198.51.100.10 to 10.0.0.5 by sg-a");
}

BOOST_AUTO_TEST_CASE(what_is_forwarded_to_the_outside_comes_back)
{
    const Router router = with({floating("198.51.100.20", "203.0.113.9")});
    BOOST_TEST(way(router, tcp("qg-a", peer, "198.51.100.20", 80))
               == "from 198.51.100.10 1-65535 to 203.0.113.9 by qg-a");
}

// A port without an address of that family can lend none.
BOOST_AUTO_TEST_CASE(a_caller_may_have_only_his_own_address)
{
    Router router = with({floating("2001:db8::20", "2001:db8:9::9"),
                          floating("2001:db8::21", "2001:db8:1::5")});
    router.ports["qg-a"].gateway_ips.push_back(*parse_ip("fe80::1"));
    router.ports["sg-a"].networks.push_back(network("2001:db8:1::1/64"));
    BOOST_TEST(way(router, tcp("sg-a", "2001:db8:1::5", "2001:db8::20", 80))
               == "from 2001:db8::21 to 2001:db8:9::9 by qg-a");
    BOOST_TEST(way(router, tcp("sg-a", "2001:db8:1::6", "2001:db8::20", 80))
               == "from kept to 2001:db8:9::9 by qg-a");
}

// By a port that does not have it; and by all that do.
BOOST_AUTO_TEST_CASE(an_external_address_is_one_of_its_ports)
{
    Router router = with({floating("198.51.100.20", host)});
    router.ports["qg-b"] = port("qg-b", "203.0.113.10/24", true);
    BOOST_TEST(way(router, packet("qg-b", peer, "198.51.100.20"))
               == "from kept to kept here");
    router.nat = {floating("192.0.2.20", host)};
    for (const char *in_port : {"qg-a", "qg-b"}) {
        BOOST_TEST(way(router, packet(in_port, peer, "192.0.2.20"))
                   == "from kept to 10.0.0.5 by sg-a");
    }
    router.nat = {on(floating("192.0.2.20", host), "qg-b")};
    BOOST_TEST(way(router, packet("qg-a", peer, "192.0.2.20"))
               == "from kept to kept here");
}

BOOST_AUTO_TEST_CASE(ipv6_has_no_default)
{
    Router router = with({floating("2001:db8::20", "2001:db8:1::5")});
    router.ports["qg-a"].networks.push_back(network("2001:db8::10/64"));
    router.ports["qg-a"].gateway_ips.push_back(*parse_ip("fe80::1"));
    router.ports["sg-a"].networks.push_back(network("2001:db8:1::1/64"));
    BOOST_TEST(way(router, packet("sg-a", "2001:db8:1::6", "2001:db8:9::9"))
               == "from kept to kept by qg-a");
    BOOST_TEST(way(router, packet("sg-a", "2001:db8:1::5", "2001:db8:9::9"))
               == "from 2001:db8::20 to kept by qg-a");
    BOOST_TEST(way(router, packet("qg-a", "2001:db8:9::9", "2001:db8::20"))
               == "from kept to 2001:db8:1::5 by sg-a");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(who)

BOOST_AUTO_TEST_CASE(a_floating_ip_is_its_host)
{
    const Router router = with({floating("198.51.100.20", host)});
    BOOST_TEST(behind(router, "198.51.100.20", 80) == Strings{"10.0.0.5/32"});
    BOOST_TEST(behind(router, "198.51.100.21", 80) == Strings{});
}

BOOST_AUTO_TEST_CASE(a_forward_is_for_its_ports)
{
    const Router router = with({forward("198.51.100.20", 80)});
    BOOST_TEST(behind(router, "198.51.100.20", 80)
               == Strings{"10.0.0.9/32 80"});
    BOOST_TEST(behind(router, "198.51.100.20", 81) == Strings{});
}

BOOST_AUTO_TEST_CASE(a_block_has_one_host)
{
    Nat_rule rule = source("198.51.100.30", "10.0.0.4/30");
    rule.port_block = 1000;
    const Router router = with({rule});
    BOOST_TEST(behind(router, "198.51.100.30", 2023)
               == Strings{"10.0.0.4/32 1024-2023"});
    BOOST_TEST(behind(router, "198.51.100.30", 2024)
               == Strings{"10.0.0.5/32 2024-3023"});
    BOOST_TEST(behind(router, "198.51.100.30", 1023) == Strings{});
    BOOST_TEST(behind(router, "198.51.100.30", 5024) == Strings{});
}

BOOST_AUTO_TEST_CASE(of_a_network_nobody_knows_the_host)
{
    const Router router = with({source("198.51.100.30", "10.0.0.0/24")});
    BOOST_TEST(behind(router, "198.51.100.30", 5000)
               == Strings{"10.0.0.0/24"});
}

BOOST_AUTO_TEST_SUITE_END()
