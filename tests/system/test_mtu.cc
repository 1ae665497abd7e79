// Links of different sizes: who sends too much is told so, whatever became of
// its address on the way, and TCP's ends are told beforehand.
#include "system/nat.hh"

#include <boost/test/unit_test.hpp>
#include <string>

using test::Answering_site;
using test::holds;

namespace {

// A host that is not behind the router.
struct Peer {
    std::string name, ipv4, ipv6;
};
const Peer outside{"outside", "198.51.100.1", "2001:db8::1"};
const Peer beyond{"beyond", "203.0.113.9", "2001:db8:7::9"};

struct Site : Answering_site {
    // The network of a host and the router's port has small packets, and the
    // host takes large ones from elsewhere all the same.
    void
    shrink(const std::string &host, const std::string &port)
    {
        node.must("ip -n " + host
                  + " link set eth0 mtu 1400 && for f in 4 6; "
                    "do ip -$f -n "
                  + host
                  + " route show | while read r; do "
                    "ip -$f -n "
                  + host
                  + " route replace ${r%% pref*} "
                    "advmss 1440 || exit; done; done");
        node.snatctl("set Router_Port " + port + " mtu=1400");
    }

    // A host "beyond", behind another router, over a link of 1,300 bytes.
    void
    add_beyond()
    {
        node.must(
            "ip netns add beyond && ip -n beyond link set lo up && "
            "ip -n outside link add far mtu 1300 type veth "
            "peer name eth0 mtu 1300 netns beyond && "
            "ip -n outside address del 198.51.100.2/24 dev eth0 && "
            "ip -n outside route del 203.0.113.0/24 && "
            "ip -n outside address add 203.0.113.1/24 dev far && "
            "ip -n outside address add 2001:db8:7::1/64 dev far nodad && "
            "ip -n outside link set far up && "
            "ip -n beyond address add 203.0.113.9/24 dev eth0 && "
            "ip -n beyond address add 2001:db8:7::9/64 dev eth0 nodad && "
            "ip -n beyond link set eth0 up && "
            "ip netns exec outside sysctl -qw net.ipv4.ip_forward=1 "
            "net.ipv6.conf.all.forwarding=1 && "
            "ip netns exec outside ethtool -K far tx off > /dev/null && "
            "ip netns exec beyond ethtool -K eth0 tx off > /dev/null && "
            "ip -n beyond route add default via 203.0.113.1 advmss 1440 && "
            "ip -n beyond -6 route add default via 2001:db8:7::1 "
            "advmss 1440");
        answer("beyond", "80");
    }

    // What a host knows of the way to an address.
    bool
    knows(const std::string &host, const std::string &address,
          const std::string &mtu)
    {
        return holds(node.must("ip -n " + host + " route get " + address),
                     " mtu " + mtu);
    }

    // Large packets go both ways with 'caller', who sees the answering host at
    // 'there', and is seen at 'here'; then 'learner', one of the two, knows of
    // the smallest link.
    void
    exchange(const std::string &caller, const std::string &there,
             const std::string &host, const std::string &here,
             const std::string &learner, const std::string &mtu)
    {
        BOOST_TEST(call(caller, "--much tcp " + there + " 80")
                   == host + ":80 sees " + here);
        BOOST_TEST(knows(learner, learner == caller ? there : here, mtu));
    }

    // From inside, by the rules of 'both_families'.
    void
    call_out(const Peer &peer, const std::string &learner,
             const std::string &mtu)
    {
        exchange("one", peer.ipv4, peer.name, "198.51.100.10", learner, mtu);
        exchange("one", peer.ipv6, peer.name, "2001:db8::30", learner, mtu);
    }

    // To the floating IPs of "two".
    void
    call_in(const Peer &peer, const std::string &learner,
            const std::string &mtu)
    {
        exchange(peer.name, "198.51.100.20", "two", peer.ipv4, learner, mtu);
        exchange(peer.name, "2001:db8::20", "two", peer.ipv6, learner, mtu);
    }

    // "mss 1460 mss 1360": in the first two segments of a connection, as a
    // host sees them.
    std::string
    segments(const std::string &host, const std::string &caller,
             const std::string &address)
    {
        const auto heard
            = listen(host, "tcp[tcpflags] & tcp-syn != 0 or "
                           "(ip6 and tcp and ip6[53] & tcp-syn != 0)");
        BOOST_TEST(holds(call(caller, "tcp " + address + " 80"), " sees "));
        BOOST_TEST(test::wait_until([&] {
            const auto told = heard->output();
            return told.find("mss ") != told.rfind("mss ");
        }));
        std::string out;
        const auto told = heard->output();
        for (size_t at = 0; (at = told.find("mss ", at)) != told.npos; at++) {
            out += (out.empty() ? "" : " ")
                   + told.substr(at, told.find(',', at) - at);
        }
        return out;
    }

    const std::string both_families
        = "nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.6 -- "
          "nat-add r1 dnat_and_snat 2001:db8::20 2001:db8:1::6 -- "
          "nat-add r1 snat 2001:db8::30 2001:db8:1::/64";
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(mtu, Site)

// The router itself tells a host outside, who knows nothing of those inside.
BOOST_AUTO_TEST_CASE(too_large_for_the_network_inside)
{
    wire_ipv6(both_families);
    shrink("one", "sg-r1");
    shrink("two", "sg-r1");
    call_out(outside, "outside", "1400");
    call_in(outside, "outside", "1400");
}

BOOST_AUTO_TEST_CASE(too_large_for_the_network_outside)
{
    wire_ipv6(both_families);
    shrink("outside", "qg-r1");
    call_out(outside, "one", "1400");
    call_in(outside, "two", "1400");
}

// Another router tells the address that it sees.
BOOST_AUTO_TEST_CASE(too_large_for_a_link_further_on)
{
    wire_ipv6(both_families);
    add_beyond();
    call_out(beyond, "one", "1300");
    call_in(beyond, "two", "1300");
}

BOOST_AUTO_TEST_CASE(too_large_without_connection_tracking)
{
    wire_ipv6(stateless_row("198.51.100.20", "10.0.0.6") + " -- "
              + stateless_row("2001:db8::20", "2001:db8:1::6", "@nat6"));
    add_beyond();
    call_in(beyond, "two", "1300");
    shrink("two", "sg-r1");
    call_in(outside, "outside", "1400");
}

// 40 bytes less than the smallest link, or 60 with IPv6.
BOOST_AUTO_TEST_CASE(segments_of_the_path)
{
    wire_ipv6(both_families + " -- set Router_Port sg-r1 mtu=1400");
    BOOST_TEST(segments("outside", "one", "198.51.100.1")
               == "mss 1460 mss 1460");
    const auto before = node.snapshot();
    node.snatctl("set Router_Port qg-r1 options:mss-clamp=pmtu");
    BOOST_TEST(segments("outside", "one", "198.51.100.1")
               == "mss 1360 mss 1460");
    BOOST_TEST(segments("one", "one", "198.51.100.1") == "mss 1460 mss 1360");
    BOOST_TEST(segments("two", "outside", "198.51.100.20")
               == "mss 1360 mss 1460");
    BOOST_TEST(segments("outside", "one", "2001:db8::1")
               == "mss 1340 mss 1440");
    node.snatctl("remove Router_Port qg-r1 options mss-clamp");
    BOOST_TEST(node.is_as(before));
}

// It is only ever lowered.
BOOST_AUTO_TEST_CASE(segments_of_a_size)
{
    wire("set Router_Port sg-r1 options:mss-clamp=1200");
    BOOST_TEST(segments("outside", "one", "198.51.100.1")
               == "mss 1200 mss 1460");
    BOOST_TEST(segments("one", "one", "198.51.100.1") == "mss 1460 mss 1200");
    node.must("ip -n one route replace default via 10.0.0.1 advmss 1100");
    BOOST_TEST(segments("outside", "one", "198.51.100.1")
               == "mss 1100 mss 1460");
    node.snatctl("set Router_Port sg-r1 options:mss-clamp=pmtu");
    BOOST_TEST(segments("outside", "one", "198.51.100.1")
               == "mss 1100 mss 1460");
}

BOOST_AUTO_TEST_SUITE_END()
