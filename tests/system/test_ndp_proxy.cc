// Hosts inside that are taken to be on the network outside, as the router
// answers for them.
#include "system/nat.hh"

#include <boost/test/unit_test.hpp>
#include <string>

using test::Answering_site;
using test::holds;

namespace {

// "outside" looks for the hosts inside on its own network.
struct Site : Answering_site {
    Site() { node.must("ip -n outside route add 2001:db8:1::/64 dev eth0"); }

    void
    set_proxies(const std::string &proxies)
    {
        node.snatctl("set Router_Port qg-r1 'options:ndp-proxy=\"" + proxies
                     + "\"'");
    }

    std::string
    proxies()
    {
        return node.must("ip -n snat-r1 -6 neigh show proxy");
    }

    void
    is_dropped(const std::string &host, const std::string &words)
    {
        const auto told = call(host, words);
        BOOST_TEST(told.starts_with("no answer"),
                   host << " " << words << ": " << told);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(ndp_proxy, Site)

BOOST_AUTO_TEST_CASE(those_listed_are_reached)
{
    wire_ipv6("set Router r1 enable_snat=true");
    const auto before = node.snapshot();
    is_dropped("outside", "udp 2001:db8:1::5 80");
    set_proxies("2001:db8:1::5");
    BOOST_TEST(call("outside", "tcp 2001:db8:1::5 80")
               == "one:80 sees 2001:db8::1");
    BOOST_TEST(call("one", "tcp 2001:db8::1 80")
               == "outside:80 sees 2001:db8:1::5");
    // Others are not answered for, nor let in when they are known.
    is_dropped("outside", "udp 2001:db8:1::6 80");
    node.must("mac=$(ip -n snat-r1 -j link show qg-r1 | "
              "jq -r '.[0].address') && ip -n outside neigh replace "
              "2001:db8:1::6 lladdr $mac dev eth0");
    is_dropped("outside", "udp 2001:db8:1::6 80");
    set_proxies("2001:db8:1::5 2001:db8:1::6");
    BOOST_TEST(call("outside", "udp 2001:db8:1::6 80")
               == "two:80 sees 2001:db8::1");
    set_proxies("2001:db8:1::/120");
    BOOST_TEST(test::split(proxies(), '\n').size() == 256u);
    BOOST_TEST(call("outside", "udp 2001:db8:1::6 80")
               == "two:80 sees 2001:db8::1");
    node.snatctl("remove Router_Port qg-r1 options ndp-proxy");
    BOOST_TEST(node.is_as(before));
}

// What a rule translates is let in as well.
BOOST_AUTO_TEST_CASE(beside_rules)
{
    wire_ipv6("nat-add r1 dnat_and_snat 2001:db8::20 2001:db8:1::6 -- "
              "set Router_Port qg-r1 'options:ndp-proxy=\"2001:db8:1::5\"'");
    BOOST_TEST(call("outside", "tcp 2001:db8::20 80")
               == "two:80 sees 2001:db8::1");
    BOOST_TEST(call("two", "tcp 2001:db8::1 80")
               == "outside:80 sees 2001:db8::20");
    BOOST_TEST(call("outside", "tcp 2001:db8:1::5 80")
               == "one:80 sees 2001:db8::1");
}

BOOST_AUTO_TEST_CASE(announced)
{
    wire_ipv6("set Router r1 enable_snat=true");
    const auto heard
        = listen("outside", "icmp6[icmp6type] == icmp6-neighboradvert");
    set_proxies("2001:db8:1::5");
    BOOST_TEST(test::wait_until(
        [&] { return holds(heard->output(), "tgt is 2001:db8:1::5"); }));
}

// The kernel tells nobody of these entries, so a look finds them gone; with
// a link that goes down they go as well.
BOOST_AUTO_TEST_CASE(repaired)
{
    wire_ipv6("set Router_Port qg-r1 'options:ndp-proxy=\"2001:db8:1::5 "
              "2001:db8:1::6\"'");
    const auto before = node.snapshot();
    for (const std::string what :
         {"ip -n snat-r1 -6 neigh del proxy 2001:db8:1::5 dev qg-r1",
          "ip -n snat-r1 -6 neigh add proxy 2001:db8:1::7 dev qg-r1",
          "ip netns exec snat-r1 sysctl -qw net.ipv6.conf.qg-r1.proxy_ndp=0",
          "ip -n snat-r1 link set qg-r1 down"}) {
        node.must(what);
        node.appctl("router/resync r1"); // Or the next sweep.
        BOOST_TEST(node.is_as(before), what);
    }
}

BOOST_AUTO_TEST_CASE(refused)
{
    wire_ipv6("set Router r1 enable_snat=true");
    for (const auto &[proxies, words] :
         {std::pair{"2001:db8:1::/119", "/120"}, {"10.0.0.5", "IPv6"}}) {
        is_refused("set Router_Port qg-r1 'options:ndp-proxy=\""
                       + std::string{proxies} + "\"'",
                   words);
    }
}

BOOST_AUTO_TEST_SUITE_END()
