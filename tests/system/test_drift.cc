// What somebody, or something, changes behind the daemon's back.
#include "system/node.hh"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <string>
#include <vector>

using test::Node;
using namespace std::string_literals;

namespace {

// In the words of bash: $r is the router, $ns its namespace, $n its number.
const std::vector<std::string> mischiefs = {
    "ip -n $ns link set sg-$r down",
    "ip -n $ns link set qg-$r mtu 1400",
    "ip -n $ns address del 10.$n.0.1/24 dev sg-$r",
    "ip -n $ns address add 10.$n.9.1/24 dev sg-$r",
    "ip -n $ns route del default",
    "ip -n $ns route replace default via 198.51.100.2",
    "ip -n $ns route add 10.200.0.0/16 via 198.51.100.3",
    "ip -n $ns route flush table main",
    "ip -n $ns route del local 10.$n.0.1 dev sg-$r table local",
    "ip netns exec $ns nft flush ruleset",
    "ip netns exec $ns nft delete table inet ovs_snat",
    "ip netns exec $ns nft add rule inet ovs_snat forward drop",
    "ip netns exec $ns sysctl -q net.ipv4.ip_forward=0",
    "umount /run/netns/$ns",
    "ip netns del $ns || test -e /run/netns/$ns", // It may be back already.
    "ovs-vsctl --no-wait set Port sg-$r tag=9",
    "ovs-vsctl --no-wait set Interface sg-$r external_ids:iface-id=other",
    "ovs-vsctl --no-wait del-port sg-$r",
};

// Of a pair only.
const std::vector<std::string> veth_mischiefs = {
    "ip link set sg-$r down",
    "ip link delete sg-$r",
    "ip -n $ns link delete qg-$r",
};

// Of IPv6, and only of that.
const std::vector<std::string> ipv6_mischiefs = {
    "ip -6 -n $ns route flush table main",
    "ip -6 -n $ns route del local 2001:db8::$n dev qg-$r table local",
    "ip -6 -n $ns route del fe80::/64 dev qg-$r",
    "ip -6 -n $ns route del multicast ff00::/8 dev qg-$r table local",
};

struct Drifting {
    Node node;
    bool has_ipv6 = false;

    std::string
    create(int number, const std::string &wiring)
    {
        const std::string ipv6
            = has_ipv6 ? " 2001:db8::" + std::to_string(number) + "/64" : "";
        const std::string router = "r" + std::to_string(number);
        return "-- --bridge=br-ex --wiring=" + wiring
               + " --gateway=198.51.100.1 port-add " + router + " qg-" + router
               + " 198.51.100." + std::to_string(number) + "/24" + ipv6
               + " -- --bridge=br-int --wiring=" + wiring + " port-add "
               + router + " sg-" + router + " 10." + std::to_string(number)
               + ".0.1/24";
    }

    void
    run(int number, const std::string &mischief)
    {
        const std::string n = std::to_string(number);
        node.must("r=r" + n + " ns=snat-r" + n + " n=" + n + "; " + mischief);
    }

    // Every mischief meets a router of its own: none looks like a fight.
    void
    survives(const std::vector<std::string> &all, const std::string &wiring)
    {
        constexpr int first = 11; // Not an address of the computers.
        for (size_t i = 0; i < all.size(); i++) {
            const int number = first + static_cast<int>(i);
            node.snatctl("-- router-add r" + std::to_string(number) + " "
                         + create(number, wiring));
        }
        const auto before = node.shape();
        for (size_t i = 0; i < all.size(); i++) {
            const int number = first + static_cast<int>(i);
            BOOST_TEST_CONTEXT(all[i])
            {
                run(number, all[i]);
                node.wait_for("ovs-appctl -t ovs-snatd change/list r"
                              + std::to_string(number)
                              + " | grep -q 'drift *committed'");
            }
        }
        BOOST_TEST(node.has_shape(before));
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(drift, Drifting)

BOOST_AUTO_TEST_CASE(veth_is_repaired)
{
    auto all = mischiefs;
    all.insert(all.end(), veth_mischiefs.begin(), veth_mischiefs.end());
    survives(all, "veth");
}

BOOST_AUTO_TEST_CASE(internal_is_repaired)
{
    survives(mischiefs, "internal");
}

BOOST_AUTO_TEST_CASE(ipv6_is_repaired)
{
    has_ipv6 = true;
    survives(ipv6_mischiefs, "veth");
}

// With it go the taps of ovs-vswitchd, who does not notice; or, if somebody
// else holds it, all stays, and nobody can get at it any more.
BOOST_AUTO_TEST_CASE(a_namespace_deleted_while_nobody_looks_is_made_again)
{
    const std::string routers[] = {"r11", "r12"};
    node.snatctl("-- router-add r11 " + create(11, "veth") + " -- router-add"
                 + " r12 " + create(12, "internal"));
    const auto before = node.shape();
    for (const bool is_held : {false, true}) {
        std::vector<std::unique_ptr<test::Job>> holders;
        for (const auto &router : routers) {
            if (is_held) {
                holders.push_back(node.whoami("snat-" + router));
            }
        }
        node.kill_kernel();
        for (const auto &router : routers) {
            node.must("ip netns del snat-" + router);
        }
        const std::string pair = "ip link show sg-r11";
        node.wait_for(is_held ? pair : "! " + pair);
        node.start_daemon();
        for (const auto &router : routers) {
            BOOST_TEST_CONTEXT(router << (is_held ? ", held" : ""))
            {
                node.wait_for("ovs-appctl -t ovs-snatd router/plan " + router
                              + " | grep -q 'nothing to do'");
            }
        }
        BOOST_TEST(node.has_shape(before));
    }
}

BOOST_AUTO_TEST_SUITE_END()
