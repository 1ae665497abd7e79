// Sysctls and time-outs of a router as options have them: in the kernel and as
// packets meet it.
#include "system/nat.hh"
#include "system/undone.hh"

using test::last_number;
using test::Nat_site;

namespace {

constexpr const char *loose = "net.netfilter.nf_conntrack_tcp_loose";
constexpr const char *udp = "net.netfilter.nf_conntrack_udp_timeout";

struct Sysctl_site : Nat_site {
    Sysctl_site() { wire(""); }

    std::string
    sysctl(const std::string &name)
    {
        return node.must("ip netns exec snat-r1 sysctl -n " + name);
    }

    void
    set(const std::string &options)
    {
        node.snatctl("set Router r1 " + options);
    }

    // What the newest change of r1 did.
    std::string
    last_steps()
    {
        return node.appctl("change/show " + last_number(node));
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(sysctls)

// All that Neutron sets in its SNAT namespaces, and lo.
BOOST_FIXTURE_TEST_CASE(without_options_all_is_as_in_neutron, Sysctl_site)
{
    for (const auto &[name, value] :
         {std::pair{"net.ipv4.ip_forward", "1"},
          {"net.ipv4.conf.all.arp_ignore", "1"},
          {"net.ipv4.conf.all.arp_announce", "2"},
          {"net.ipv4.conf.all.promote_secondaries", "1"},
          {"net.ipv4.ip_nonlocal_bind", "1"},
          {"net.ipv6.conf.all.forwarding", "1"},
          {"net.netfilter.nf_conntrack_tcp_be_liberal", "1"},
          {loose, "0"}}) {
        BOOST_TEST(sysctl(name) == value, name);
    }
    node.must("ip -n snat-r1 link show lo up | grep -q LOOPBACK");
    // Time-outs are the kernel's, and nobody has touched them.
    BOOST_TEST(!test::holds(last_steps(), "timeout"));
    BOOST_TEST(sysctl(udp) == "30");
}

BOOST_FIXTURE_TEST_CASE(options_are_set_and_go_again, Sysctl_site)
{
    const auto before = node.snapshot();
    set("options:arp-ignore=0 options:arp-announce=1 "
        "options:ip-nonlocal-bind=false options:conntrack-tcp-loose=true "
        "options:conntrack-tcp-be-liberal=false "
        "options:ct-timeouts=udp:7,tcp-established:7200");
    BOOST_TEST(sysctl("net.ipv4.conf.all.arp_ignore") == "0");
    BOOST_TEST(sysctl("net.ipv4.conf.all.arp_announce") == "1");
    BOOST_TEST(sysctl("net.ipv4.ip_nonlocal_bind") == "0");
    BOOST_TEST(sysctl(loose) == "1");
    BOOST_TEST(sysctl("net.netfilter.nf_conntrack_tcp_be_liberal") == "0");
    BOOST_TEST(sysctl(udp) == "7");
    BOOST_TEST(sysctl("net.netfilter.nf_conntrack_tcp_timeout_established")
               == "7200");
    node.snatctl("clear Router r1 options");
    BOOST_TEST(node.is_as(before));
}

BOOST_FIXTURE_TEST_CASE(of_all_routers_and_of_one, Sysctl_site)
{
    node.snatctl("set SNAT_Global . options:conntrack-tcp-loose=true "
                 "options:ct-timeouts=udp:7");
    BOOST_TEST(sysctl(loose) == "1");
    BOOST_TEST(sysctl(udp) == "7");
    set("options:conntrack-tcp-loose=false options:ct-timeouts=udp:8");
    BOOST_TEST(sysctl(loose) == "0");
    BOOST_TEST(sysctl(udp) == "8");
}

BOOST_FIXTURE_TEST_CASE(wrong_ones_are_refused, Sysctl_site)
{
    const auto before = node.snapshot();
    is_refused("set Router r1 options:arp-ignore=5",
               "option arp-ignore: \"5\": expected 0, 1, 2, 3 or 8");
    is_refused("set Router r1 options:ct-timeouts=tcp:5",
               "option ct-timeouts: \"tcp:5\": expected NAME:SECONDS");
    BOOST_TEST(node.is_as(before));
}

BOOST_FIXTURE_TEST_CASE(a_timeout_that_somebody_changes_is_mended, Sysctl_site)
{
    node.snatctl("set SNAT_Global . options:sweep-interval=200");
    set("options:ct-timeouts=udp:7");
    node.must(std::string{"ip netns exec snat-r1 sysctl -qw "} + udp + "=9");
    node.wait_for(std::string{"test $(ip netns exec snat-r1 sysctl -n "} + udp
                  + ") = 7");
    test::wait_for_change(node, "drift");
}

BOOST_FIXTURE_TEST_CASE(an_undo_brings_options_back, Sysctl_site)
{
    set("options:ct-timeouts=udp:7 options:conntrack-tcp-loose=true");
    const auto before = node.snapshot();
    set("options:ct-timeouts=udp:8,icmp:9 options:conntrack-tcp-loose=false");
    node.snatctl("undo " + last_number(node));
    BOOST_TEST(node.is_as(before));
    BOOST_TEST(node.snatctl("get Router r1 options:ct-timeouts")
               == "\"udp:7\"");
    BOOST_TEST(sysctl(loose) == "1");
}

// What fails in the middle leaves the kernel's value, or that of before.
BOOST_FIXTURE_TEST_CASE(a_change_that_fails_leaves_all_as_it_was, Sysctl_site)
{
    const auto before = node.snapshot();
    for (const std::string options :
         {"", "options:ct-timeouts=udp:7,icmp:9 "
              "options:conntrack-tcp-loose=true"}) {
        node.appctl("fault/fail-step 2");
        is_refused("set Router r1 options:ct-timeouts=udp:8,icmp:10",
                   "made to fail on purpose");
        node.snatctl("clear Router r1 options");
        BOOST_TEST(node.is_as(before));
        if (!options.empty()) {
            set(options);
        }
    }
}

// The flow is forgotten when its time-out says so, which the outside sees by
// an answer that finds nobody any more.
BOOST_FIXTURE_TEST_CASE(a_flow_lives_as_long_as_its_timeout, Sysctl_site)
{
    set("options:ct-timeouts=udp:1,udp-stream:1");
    BOOST_TEST(call("one", "udp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.10");
    BOOST_TEST(test::wait_until([&] { return flows("-p udp").empty(); }));
    set("options:ct-timeouts=udp:600,udp-stream:600");
    BOOST_TEST(call("one", "udp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.10");
    // "udp 17 599 src=..".
    const auto flow = flows("-p udp");
    BOOST_REQUIRE(test::holds(flow, " 17 "));
    BOOST_TEST(std::stoi(flow.substr(flow.find(" 17 ") + 4)) > 500);
}

// A segment of no connection that anybody knows is no start of one, unless so
// asked.  The socket has never sent the first one, and asks for the other
// side's window as it leaves TCP_REPAIR.
BOOST_FIXTURE_TEST_CASE(segments_in_the_middle_of_a_connection, Sysctl_site)
{
    const auto send = [this] {
        node.must_in("one", "python3 -c 'import socket; s = socket.socket(); "
                            "s.setsockopt(6, 19, 1); "
                            "s.connect((\"198.51.100.1\", 80)); "
                            "s.setsockopt(6, 19, 0)'");
    };
    const auto heard = listen("outside", "tcp port 80 or icmp");
    send();
    node.must_in("one", "ping -c 1 -W 5 198.51.100.1");
    BOOST_TEST(test::wait_until(
        [&] { return test::holds(heard->output(), "ICMP echo request"); }));
    BOOST_TEST(!test::holds(heard->output(), "> 198.51.100.1.80:"));
    set("options:conntrack-tcp-loose=true");
    send();
    BOOST_TEST(test::wait_until(
        [&] { return test::holds(heard->output(), "> 198.51.100.1.80:"); }));
    BOOST_TEST(!test::holds(heard->output(), "10.0.0.5."));
}

BOOST_AUTO_TEST_SUITE_END()
