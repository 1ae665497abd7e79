// What somebody else has put where ours stands, or taken from it.
#include "system/node.hh"

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <string>

using test::Node;
using namespace std::string_literals;

namespace {

// What is broken by hand stays so until it is looked at on purpose.
struct Wired_router {
    Node node;

    Wired_router()
    {
        node.must("ovs-snatctl --no-wait set SNAT_Global . "
                  "options:drift=observe");
        node.snatctl("-- router-add demo -- --bridge=br-ex "
                     "--gateway=198.51.100.1 port-add demo qg-demo "
                     "198.51.100.10/24 -- --bridge=br-int port-add demo "
                     "sg-demo 10.0.0.1/24");
    }

    std::string
    inside(const std::string &command)
    {
        return node.must("ip netns exec snat-demo " + command);
    }

    void
    resync()
    {
        node.appctl("router/resync demo");
    }
};

bool
has(const std::string &text, const std::string &part)
{
    return text.find(part) != text.npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(kernel)

// It is there while addresses are added, and then goes.
BOOST_FIXTURE_TEST_CASE(a_loopback_address_on_a_port, Wired_router)
{
    const auto pid = node.main_pid();
    inside("ip address add 127.0.0.5/8 dev sg-demo");
    node.snatctl("set Router_Port sg-demo "
                 "'networks=[\"10.0.0.1/24\",\"10.0.1.1/24\"]'");
    const auto addresses = inside("ip -o -4 address show sg-demo");
    BOOST_TEST(has(addresses, "10.0.1.1/24"), addresses);
    BOOST_TEST(!has(addresses, "127.0.0.5"), addresses);
    BOOST_TEST(node.main_pid() == pid);
}

// A group that a link has joined is no address.
BOOST_FIXTURE_TEST_CASE(a_group_on_a_port, Wired_router)
{
    inside("ip address add ff05::5/64 dev sg-demo autojoin");
    node.snatctl("set Router_Port sg-demo "
                 "'networks=[\"10.0.0.1/24\",\"2001:db8::1/64\"]'");
    const auto addresses = inside("ip -o address show sg-demo");
    BOOST_TEST(has(addresses, "2001:db8::1/64"), addresses);
    BOOST_TEST(has(addresses, "ff05::5"), addresses);
}

// Of a shape that we never make: replaced where ours stands, else left alone.
BOOST_FIXTURE_TEST_CASE(routes_of_a_foreign_shape, Wired_router)
{
    const auto pid = node.main_pid();
    const auto right = inside("ip route show default");
    const std::string weighted
        = "proto static nexthop via 10.0.0.2 dev sg-demo weight 2 nexthop "
          "via 10.0.0.3 dev sg-demo weight 3";
    inside("ip route add 10.77.0.0/16 " + weighted);
    for (const std::string &stranger :
         {"default " + weighted, "blackhole default proto static"s,
          "default via 198.51.100.1 dev qg-demo proto static mtu 1000"s}) {
        BOOST_TEST_CONTEXT(stranger)
        {
            inside("ip route del default");
            inside("ip route add " + stranger);
            resync();
            node.wait_for("[ \"$(ip -n snat-demo route show default)\" = '"
                          + right + "' ]");
        }
    }
    const auto routes = inside("ip route show 10.77.0.0/16");
    BOOST_TEST(has(routes, "weight 3"), routes);
    BOOST_TEST(node.main_pid() == pid);
}

// Edited by hand, in the record from which the daemon takes a router's last
// good configuration: refused with a sentence, again after each start.
BOOST_FIXTURE_TEST_CASE(an_impossible_record, Wired_router)
{
    const auto after = node.snatctl("--bare --columns=after list Change 1");
    std::string spoilt = after;
    const std::string mtu = "\"mtu\":1500";
    BOOST_REQUIRE(has(spoilt, mtu));
    spoilt.replace(spoilt.find(mtu), mtu.size(), "\"mtu\":1");
    std::string escaped;
    for (const char c : spoilt) {
        escaped += (c == '"' ? "\\" : "") + std::string{c};
    }
    node.must("ovs-snatctl --no-wait -- set Change 1 'after=\"" + escaped
              + "\"' -- set Router_Port sg-demo networks=bad");
    const auto pid = std::to_string(node.main_pid());
    node.appctl("exit");
    node.wait_for("! kill -0 " + pid);
    node.start_daemon();
    node.wait_for("ovs-appctl -t ovs-snatd change/list | grep -q undone");
    const auto told = node.appctl("change/show 2");
    BOOST_TEST(has(told, "MTU would be 1 "), told);
}

// The repair fails its check: what it has repaired stays.
BOOST_FIXTURE_TEST_CASE(an_undone_repair_of_nat, Wired_router)
{
    const std::string table = "nft list table inet ovs_snat";
    const auto right = inside(table);
    node.must("ovs-snatctl --no-wait set SNAT_Global . "
              "options:retry-initial=3600000 options:retry-max=3600000");
    inside("nft flush chain inet ovs_snat forward");
    node.must("ip link set sg-demo down");
    node.appctl("fault/fail-step 2");
    resync();
    node.wait_for("ovs-appctl -t ovs-snatd change/list | grep -q undone");
    BOOST_TEST(inside(table) == right);
    const auto told = node.appctl("change/show 2");
    BOOST_TEST(has(told, "repair the 1 NAT rule"), told);
    // And the namespace is ours, also after a crash.
    const auto pids = std::to_string(node.main_pid()) + " "
                      + std::to_string(node.kernel_pid());
    node.kill_main();
    node.wait_for("! kill -0 " + pids);
    node.start_daemon();
    node.snatctl("wait-until Router demo state=active");
    BOOST_TEST(inside(table) == right);
}

// A pair is deleted and to be made again, but its index is taken by then: the
// check gives up before duplicate address detection is over.
BOOST_FIXTURE_TEST_CASE(an_undo_finds_its_index_taken, Wired_router)
{
    const std::string look = "cat /sys/class/net/sg-demo/ifindex";
    const auto index = node.must(look);
    const auto mac = inside("cat /sys/class/net/sg-demo/address");
    node.must("ovs-snatctl --no-wait set SNAT_Global . "
              "options:check-timeout=600 options:retry-initial=3600000 "
              "options:retry-max=3600000");
    const auto thief
        = node.start("until ip link add thief index " + index
                     + " type veth peer name thiefs; do sleep 0.01; done");
    node.run("ovs-snatctl -- port-del sg-demo -- set Router_Port qg-demo "
             "'networks=[\"198.51.100.10/24\",\"2001:db8::10/64\"]'");
    BOOST_TEST(thief->finish().status == 0);
    const auto told = node.appctl("change/show 2");
    BOOST_TEST(has(told, ": undone"), told);
    BOOST_TEST(node.must(look) != index);
    BOOST_TEST(inside("cat /sys/class/net/sg-demo/address") == mac);
}

// The tables are remembered, but not longer than they are so.
BOOST_FIXTURE_TEST_CASE(entries_that_somebody_else_changed, Wired_router)
{
    node.snatctl("nat-add demo dnat_and_snat 198.51.100.20 10.0.0.5");
    const std::string table = "nft -s list table inet ovs_snat";
    const auto right = inside(table);
    for (const std::string change :
         {"delete element inet ovs_snat floating4 { 198.51.100.20 }",
          "add element inet ovs_snat floating4 { 198.51.100.66 : 0x7 }",
          "flush map inet ovs_snat inside4"}) {
        BOOST_TEST_CONTEXT(change)
        {
            inside("nft '" + change + "'");
            node.snatctl("nat-add demo dnat_and_snat 198.51.100.21 10.0.0.6");
            BOOST_TEST(has(inside(table), "198.51.100.21"));
            node.snatctl("nat-del demo dnat_and_snat 198.51.100.21");
            BOOST_TEST(inside(table) == right);
        }
    }
}

// It has a table of its own, and commits to it all the time.
BOOST_FIXTURE_TEST_CASE(a_busy_stranger, Wired_router)
{
    const auto stranger = node.start(
        "while :; do ip netns exec snat-demo nft 'add table inet other; "
        "delete table inet other'; sleep 0.02; done");
    for (int n = 20; n < 30; n++) {
        node.snatctl("nat-add demo dnat_and_snat 198.51.100."
                     + std::to_string(n) + " 10.0.0." + std::to_string(n));
    }
    for (int n = 20; n < 30; n += 2) {
        node.snatctl("nat-del demo dnat_and_snat 198.51.100."
                     + std::to_string(n));
    }
    const auto floating = inside("nft list map inet ovs_snat floating4");
    for (int n = 20; n < 30; n++) {
        BOOST_TEST(has(floating, "198.51.100." + std::to_string(n))
                       == (n % 2 == 1),
                   floating);
    }
}

// Only after a commit of somebody else.
BOOST_FIXTURE_TEST_CASE(tables_are_read_again, Wired_router)
{
    const auto reads_while = [&](const std::string &command) {
        node.must("rm -f /run/watching");
        const auto watch = node.start(
            "exec strace -e trace=sendto -o /run/calls -p "
            + std::to_string(node.kernel_pid()) + " 2> /run/watching");
        node.wait_for("grep -q attached /run/watching");
        node.must(command);
        watch->signal(SIGINT);
        watch->finish();
        // NFT_MSG_GETSETELEM, on a socket of a namespace that is not strace's.
        return std::stoi(
            node.must("grep -c 'nlmsg_type=0xa0d ' /run/calls || true"));
    };
    const std::string add = "ovs-snatctl nat-add demo dnat_and_snat ";
    // Rules are counted now and then, for which two are read.
    const int few = 10, all = 50;
    BOOST_TEST(reads_while(add + "198.51.100.20 10.0.0.5") < few);
    BOOST_TEST(reads_while("ip netns exec snat-demo nft add table inet other "
                           "&& "
                           + add + "198.51.100.21 10.0.0.6")
               > all);
    BOOST_TEST(reads_while(add + "198.51.100.22 10.0.0.7") < few);
}

BOOST_AUTO_TEST_SUITE_END()
