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
    "ip netns exec $ns nft flush map inet ovs_snat default4",
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

    // The repair that answers to what was done at 'since', milliseconds since
    // the epoch.
    void
    is_repaired_at_once(int number, int64_t since)
    {
        const std::string router = "r" + std::to_string(number);
        node.wait_for("ovs-appctl -t ovs-snatd change/list " + router
                      + " | grep -q 'drift *committed'");
        const auto begun = std::stoll(
            node.must("ovs-snatctl --no-wait --bare --columns=started_at find "
                      "Change cause=drift router="
                      + router));
        BOOST_TEST(begun - since < 1000);
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
                const auto since = std::stoll(node.must("date +%s%3N"));
                run(number, all[i]);
                is_repaired_at_once(number, since);
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

// That it was set tells nobody.
BOOST_AUTO_TEST_CASE(a_sysctl_is_found_by_a_sweep)
{
    node.snatctl("set SNAT_Global . options:sweep-interval=1000");
    node.snatctl("-- router-add r11 " + create(11, "veth"));
    const std::string sysctl
        = "ip netns exec snat-r11 sysctl -n net.ipv4.conf.all.arp_announce";
    node.must("ip netns exec snat-r11 sysctl -q -w "
              "net.ipv4.conf.all.arp_announce=0");
    node.wait_for("test $(" + sysctl + ") = 2");
    BOOST_TEST(node.appctl("change/list r11").find("drift")
               != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_differs_is_only_told_if_so_asked)
{
    node.snatctl("-- router-add r11 " + create(11, "veth")
                 + " -- set Router r11 options:drift=observe");
    const std::string is_up = "ip -n snat-r11 link show sg-r11 up | grep -q .";
    node.must("ip -n snat-r11 link set sg-r11 down");
    node.wait_for("ovs-snatctl --no-wait get Router r11 error | "
                  "grep -q 'left so.*set sg-r11 up'");
    BOOST_TEST(node.snatctl("--no-wait get Router r11 state") == "degraded");
    node.must("! " + is_up);
    node.snatctl("remove Router r11 options drift");
    node.must(is_up);
}

BOOST_AUTO_TEST_CASE(who_keeps_undoing_repairs_is_told_of)
{
    node.snatctl("-- router-add r11 " + create(11, "veth"));
    node.wait_for("ip -n snat-r11 link set sg-r11 down; ovs-snatctl --no-wait "
                  "get Router r11 error | grep -q 'keeps undoing'");
    node.wait_for("ip -n snat-r11 link show sg-r11 up | grep -q sg-r11");
}

// Nobody has the namespace any more, but the file that it was mounted on is
// there.
BOOST_AUTO_TEST_CASE(a_name_without_a_namespace_goes_with_the_router)
{
    node.snatctl("router-add r11 " + create(11, "veth"));
    const auto main = std::to_string(node.main_pid());
    node.must("kill -STOP " + main + " && umount /run/netns/snat-r11");
    node.must("test -e /run/netns/snat-r11");
    node.must("ovs-snatctl --no-wait router-del r11; kill -CONT " + main);
    node.wait_for("! test -e /run/netns/snat-r11");
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
