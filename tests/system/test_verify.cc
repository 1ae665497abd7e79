// Checks that ask the networks: who else has an address, and whether the next
// hops are there.
#include "system/node.hh"
#include "system/text.hh"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <string>

namespace data = boost::unit_test::data;
using test::Job;
using test::Node;
using namespace std::chrono_literals;

namespace {

bool
has(const std::string &text, const std::string &part)
{
    return text.find(part) != text.npos;
}

size_t
count(const std::string &text, const std::string &part)
{
    size_t n = 0;
    for (size_t at = 0; (at = text.find(part, at)) != text.npos; at++) {
        n++;
    }
    return n;
}

const std::string wirings[] = {"veth", "internal"};

struct Verified {
    Node node;

    Verified()
    {
        node.host("outside", "br-ex",
                  "ip=198.51.100.1/24 ip=2001:db8::1/64 ip=fe80::1/64");
    }

    void
    set_global(const std::string &options)
    {
        node.snatctl("set SNAT_Global . " + options);
    }

    // One that is realised only if it is unharmed.
    std::string
    add_router(const std::string &name, const std::string &wiring,
               const std::string &address,
               const std::string &gateways = "--gateway=198.51.100.1")
    {
        return "router-add " + name + " -- --wiring=" + wiring + " " + gateways
               + " port-add " + name + " qg-" + name + " " + address;
    }

    // What is said about an edit that fails.
    std::string
    must_fail(const std::string &edit)
    {
        const auto output = node.run("ovs-snatctl --timeout=20 " + edit);
        BOOST_TEST(output.status != 0, edit);
        return output.err;
    }

    // The state of the newest change.
    std::string
    last_change()
    {
        return node.must("ovs-appctl -t ovs-snatd change/list r1 | tail -n 1");
    }

    // All ARP that a host hears from now on.
    std::unique_ptr<Job>
    listen(const std::string &host)
    {
        return node.tcpdump(host, "-nne -i eth0 arp");
    }

    // For the next hop that is not there.
    void
    wait_until_asked(const Job &heard)
    {
        BOOST_REQUIRE(test::wait_until(
            [&] { return has(heard.output(), "who-has 198.51.100.9 "); }));
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(verify)

// Of a new router and of one that works: they stay what they were.
BOOST_DATA_TEST_CASE_F(Verified, a_duplicate_undoes_the_change,
                       data::make(wirings), wiring)
{
    set_global("options:verify-duplicates=true");
    node.host("rival", "br-ex", "ip=198.51.100.10/24");
    const auto nothing = node.snapshot();
    const auto mac = node.must_in("rival", "cat /sys/class/net/eth0/address");
    const std::string why
        = "the check verify-duplicates failed: the address 198.51.100.10 of "
          "the port qg-r1 is in use by "
          + mac;
    BOOST_TEST(
        has(must_fail(add_router("r1", wiring, "198.51.100.10/24")), why));
    BOOST_TEST(has(node.snatctl("get Router_Port qg-r1 error"), why));
    BOOST_TEST(has(last_change(), "undone"));
    node.snatctl("router-del r1");
    BOOST_TEST(node.is_as(nothing));

    node.snatctl(add_router("r1", wiring, "198.51.100.20/24"));
    const auto before = node.snapshot();
    const auto ping = node.start_in(
        "outside", "exec ping -i 0.1 -w 20 -W 1 198.51.100.20");
    BOOST_TEST(has(must_fail("set Router_Port qg-r1 "
                             "networks=198.51.100.10/24"),
                   why));
    node.snatctl("set Router_Port qg-r1 networks=198.51.100.20/24");
    BOOST_TEST(node.is_as(before));
    ping->signal(SIGINT);
    const auto pinged = ping->finish().out;
    BOOST_TEST(has(pinged, " 0% packet loss"), pinged);
    BOOST_TEST(has(node.daemon_log(), "the check verify-duplicates failed"));
    BOOST_TEST(!has(node.daemon_log(), "198.51.100"));
    BOOST_TEST(!has(node.daemon_log(), mac));
}

// By itself, once the other has gone.
BOOST_FIXTURE_TEST_CASE(a_duplicate_that_goes_is_waited_for, Verified)
{
    set_global("options:verify-duplicates=true options:retry-initial=300");
    node.host("rival", "br-ex", "ip=198.51.100.10/24");
    must_fail(add_router("r1", "veth", "198.51.100.10/24"));
    node.must_in("rival", "ip address flush dev eth0");
    node.snatctl("--timeout=10 wait-until Router r1 state=active");
    node.must_in("outside", "ping -c 1 -W 5 198.51.100.10");
}

// It is asked for three times, from nobody, before anybody answers for it.
BOOST_DATA_TEST_CASE_F(Verified, a_free_address_is_asked_for_and_taken,
                       data::make(wirings), wiring)
{
    set_global("options:verify-duplicates=true");
    const auto heard = listen("outside");
    node.snatctl(add_router("r1", wiring, "198.51.100.10/24"));
    const std::string probe = "who-has 198.51.100.10 tell 0.0.0.0",
                      announcement
                      = "who-has 198.51.100.10 tell 198.51.100.10";
    BOOST_TEST(
        test::wait_until([&] { return has(heard->output(), announcement); }));
    const auto arp = heard->output();
    BOOST_TEST(count(arp, probe) == 3u, arp);
    BOOST_TEST(arp.rfind(probe) < arp.find(announcement));
    node.must_in("outside", "ping -c 1 -W 5 198.51.100.10");
    BOOST_TEST(has(last_change(), "committed"));
}

// An address that is only wanted, by two at once, is given to one at most.
BOOST_FIXTURE_TEST_CASE(two_that_want_the_same_address, Verified)
{
    set_global("options:verify-duplicates=true "
               "options:retry-initial=3600000");
    const auto why
        = must_fail(add_router("r1", "veth", "198.51.100.10/24") + " -- "
                    + add_router("r2", "veth", "198.51.100.10/24"));
    BOOST_TEST(has(why, "the check verify-duplicates failed"), why);
    node.wait_for("! ovs-snatctl --bare --columns=state list Router | grep "
                  "pending");
    const auto states = node.snatctl("--bare --columns=state list Router");
    BOOST_TEST(count(states, "active") <= 1u, states);
    BOOST_TEST(count(states, "failed") >= 1u, states);
}

// A router may move its own address from one port to another, and a host in a
// VLAN that is not the port's does not matter.
BOOST_FIXTURE_TEST_CASE(what_is_no_duplicate, Verified)
{
    set_global("options:verify-duplicates=true");
    node.host("elsewhere", "br-ex", "ip=198.51.100.11/24 tag=7");
    const auto noise = node.start_in(
        "elsewhere", "while ip neigh flush all; do ping -c 1 -W 0.1 "
                     "198.51.100.9; done");
    node.snatctl(add_router("r1", "veth", "198.51.100.10/24"));
    node.snatctl("port-add r1 qg-r1b 198.51.100.12/24");
    node.snatctl("-- set Router_Port qg-r1 networks=198.51.100.11/24 -- set "
                 "Router_Port qg-r1b networks=198.51.100.10/24");
    BOOST_TEST(node.snatctl("get Router r1 state") == "active");
}

BOOST_DATA_TEST_CASE_F(Verified, next_hops_that_answer, data::make(wirings),
                       wiring)
{
    set_global("options:verify-gateway=true");
    node.snatctl(add_router("r1", wiring, "198.51.100.10/24 2001:db8::10/64",
                            "--gateway=198.51.100.1,2001:db8::1"));
    node.snatctl("set Router_Port qg-r1 "
                 "'gateway_ips=[\"198.51.100.1\",\"fe80::1\"]'");
    BOOST_TEST(has(last_change(), "committed"));
    // Not on the port's network: made on-link.
    node.must_in("outside", "ip address add 203.0.113.1/24 dev eth0 && ip "
                            "route add 198.51.100.10 dev eth0");
    node.snatctl("set Router_Port qg-r1 gateway_ips=203.0.113.1");
    BOOST_TEST(has(last_change(), "committed"));
}

BOOST_DATA_TEST_CASE_F(Verified, next_hops_that_do_not_answer,
                       data::make(wirings), wiring)
{
    set_global("options:verify-gateway=true options:verify-timeout=500");
    node.snatctl(add_router("r1", wiring, "198.51.100.10/24"));
    const auto before = node.snapshot();
    for (const std::string hop : {"198.51.100.9", "2001:db8::9", "fe80::9"}) {
        const auto why = must_fail("set Router_Port qg-r1 'gateway_ips=[\"198"
                                   ".51.100.1\",\""
                                   + hop + "\"]'");
        BOOST_TEST(has(why, "the check verify-gateway failed: the next hop "
                                + hop
                                + " of the port qg-r1 has not answered "
                                  "within 500 ms"),
                   why);
        BOOST_TEST(has(last_change(), "undone"));
        node.snatctl("set Router_Port qg-r1 gateway_ips=198.51.100.1");
        BOOST_TEST(node.is_as(before));
    }
    BOOST_TEST(!has(node.daemon_log(), "198.51.100"));
    BOOST_TEST(!has(node.daemon_log(), "2001:db8"));
}

BOOST_FIXTURE_TEST_CASE(a_next_hop_that_cannot_be_asked_for, Verified)
{
    set_global("options:verify-gateway=true");
    node.snatctl(add_router("r1", "veth", "198.51.100.10/24"));
    node.must("ip -n snat-r1 -6 address flush dev qg-r1 scope link");
    const auto why
        = must_fail("set Router_Port qg-r1 'gateway_ips=\"fe80::1\"'");
    BOOST_TEST(has(why, "the next hop fe80::1 of the port qg-r1 cannot be "
                        "asked for: it has no IPv6 address to ask from"),
               why);
}

BOOST_FIXTURE_TEST_CASE(a_router_says_otherwise, Verified)
{
    set_global("options:verify-gateway=true options:verify-timeout=100");
    node.snatctl(
        add_router("r1", "veth", "198.51.100.10/24", "--gateway=198.51.100.9")
        + " -- set Router r1 options:verify-gateway=false");
    node.snatctl(
        "-- set SNAT_Global . options:verify-gateway=false -- set Router r1 "
        "options:verify-gateway=true options:verify-timeout=200");
    BOOST_TEST(has(must_fail("set Router_Port qg-r1 "
                             "gateway_ips=198.51.100.8"),
                   "within 200 ms"));
    BOOST_TEST(has(must_fail("set Router r1 options:verify-gateway=maybe"),
                   "expected false or true"));
}

// Routers of ovs-vsctl have no options of their own.
BOOST_FIXTURE_TEST_CASE(ports_of_the_switch_go_by_the_global_options, Verified)
{
    set_global("options:verify-duplicates=true options:verify-gateway=true "
               "options:verify-timeout=300");
    const std::string port
        = "add-port br-ex qg-r1 -- set Interface qg-r1 type=internal "
          "external_ids:snat-router=r1 "
          "external_ids:snat-networks=198.51.100.10/24 "
          "external_ids:snat-gateway-ips=198.51.100.";
    node.vsctl(port + "9");
    node.vsctl("wait-until Interface qg-r1 external_ids:snat-state=failed");
    BOOST_TEST(has(node.vsctl("get Interface qg-r1 external_ids:snat-error"),
                   "the check verify-gateway failed"));
    node.vsctl(
        "set Interface qg-r1 external_ids:snat-gateway-ips=198.51.100.1");
    node.vsctl("wait-until Interface qg-r1 external_ids:snat-state=active");
    node.must_in("outside", "ping -c 1 -W 5 198.51.100.10");
}

// Nobody waits for what one router waits for.
BOOST_FIXTURE_TEST_CASE(others_do_not_wait, Verified)
{
    const auto heard = listen("outside");
    node.snatctl("--no-wait "
                 + add_router("r1", "veth", "198.51.100.10/24",
                              "--gateway=198.51.100.9")
                 + " -- set Router r1 options:verify-gateway=true "
                   "options:verify-timeout=20000");
    wait_until_asked(*heard);
    const auto start = std::chrono::steady_clock::now();
    for (const std::string n : {"2", "3", "4"}) {
        node.snatctl(
            "--no-wait "
            + add_router("r" + n, "veth", "198.51.100.2" + n + "/24"));
        node.snatctl("--timeout=10 wait-until Router r" + n + " state=active");
    }
    BOOST_TEST((std::chrono::steady_clock::now() - start < 10s));
    BOOST_TEST(has(last_change(), "applying"));
    // It answers after all, and is heard at once.
    node.must_in("outside", "ip address add 198.51.100.9/24 dev eth0");
    node.snatctl("--timeout=2 wait-until Router r1 state=active");
}

// What is right is adopted unasked; what lacks is asked for when it comes
// back.
BOOST_FIXTURE_TEST_CASE(a_restart_asks_nobody, Verified)
{
    set_global("options:verify-duplicates=true options:verify-gateway=true");
    node.snatctl(
        add_router("r1", "veth", "198.51.100.10/24 198.51.100.11/24"));
    const auto changes = node.appctl("change/list");
    const auto heard = listen("outside");
    node.kill_main();
    node.start_daemon();
    node.wait_for("ovs-appctl -t ovs-snatd router/list | grep active");
    node.must_in("outside", "ip neigh flush all; ping -c 1 198.51.100.10");
    BOOST_TEST(node.appctl("change/list") == changes);
    BOOST_TEST(!has(heard->output(), "tell 0.0.0.0"), heard->output());
    // The next hop is no reason to leave it so.
    node.must_in("outside", "ip address del 198.51.100.1/24 dev eth0");
    node.must("ip -n snat-r1 address del 198.51.100.11/24 dev qg-r1");
    node.wait_for("ip -n snat-r1 address | grep 198.51.100.11");
    BOOST_TEST(has(heard->output(), "who-has 198.51.100.11 tell 0.0.0.0"));
    BOOST_TEST(!has(heard->output(), "who-has 198.51.100.10 tell 0.0.0.0"));
    node.wait_for("ovs-appctl -t ovs-snatd change/list r1 | tail -n 1 | grep "
                  "'drift *committed'");
}

// In the middle of a question both processes die.
BOOST_DATA_TEST_CASE_F(Verified, a_crash_while_it_is_asked,
                       data::make(wirings), wiring)
{
    const auto heard = listen("outside");
    node.snatctl("--no-wait "
                 + add_router("r1", wiring, "198.51.100.10/24",
                              "--gateway=198.51.100.9")
                 + " -- set Router r1 options:verify-gateway=true "
                   "options:verify-timeout=20000");
    wait_until_asked(*heard);
    node.kill_main();
    const auto heard_again = listen("outside");
    node.start_daemon();
    wait_until_asked(*heard_again);
    BOOST_TEST(has(last_change(), "applying"));
    node.must_in("outside", "ip address add 198.51.100.9/24 dev eth0");
    node.snatctl("--timeout=20 wait-until Router r1 state=active");
    BOOST_TEST(has(last_change(), "committed"));
}

BOOST_AUTO_TEST_SUITE_END()
