// The daemon's death, and its next life; at every step of a change it dies in
// the campaign: tests/campaign.
#include "system/node.hh"

#include <boost/test/unit_test.hpp>
#include <string>

using test::Node;

namespace {

struct Mortal {
    Node node;

    Mortal() { node.wait_for("! ip -o address | grep -q tentative"); }

    // IPv6 makes a change last for a second.
    static std::string
    create(const std::string &wiring, const std::string &ipv6 = "")
    {
        const std::string port = " -- --wiring=" + wiring;
        return "-- router-add r1" + port
               + " --bridge=br-ex --gateway=198.51.100.1 port-add r1 qg-r1 "
                 "198.51.100.10/24 "
               + ipv6 + port
               + " --bridge=br-int port-add r1 sg-r1 10.0.0.1/24";
    }

    void
    edit(const std::string &words)
    {
        node.must("ovs-snatctl --no-wait " + words);
    }

    void
    becomes_active()
    {
        node.snatctl("wait-until Router r1 state=active");
    }

    // Both of our processes go when one is killed.
    void
    kill_one(void (Node::*kill)())
    {
        const auto pids = std::to_string(node.main_pid()) + " "
                          + std::to_string(node.kernel_pid());
        (node.*kill)();
        node.wait_for("! kill -0 " + pids);
    }

    // In the middle of a change, and with another wish when it is back.
    void
    survives(void (Node::*kill)())
    {
        const auto before = node.snapshot();
        edit(create("veth", "2001:db8::10/64"));
        node.wait_for("ovs-snatctl --no-wait --bare --columns=state list "
                      "Change | grep -q applying");
        kill_one(kill);
        edit("set Router_Port sg-r1 mtu=1400");
        node.start_daemon();
        becomes_active();
        node.wait_for("ip -n snat-r1 link show sg-r1 | grep -q 'mtu 1400'");
        node.snatctl("router-del r1");
        BOOST_TEST(node.is_as(before));
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(restart)

BOOST_FIXTURE_TEST_CASE(main_is_killed, Mortal)
{
    survives(&Node::kill_main);
}

BOOST_FIXTURE_TEST_CASE(kernel_is_killed, Mortal)
{
    survives(&Node::kill_kernel);
}

// As between unmounting a namespace and removing its name; of others' files
// none is touched.
// Its rows are there, but not yet what they ask ovs-vswitchd for.
BOOST_FIXTURE_TEST_CASE(killed_before_the_switch_has_answered, Mortal)
{
    const std::string to_switch = " $(cat $OVS_RUNDIR/ovs-vswitchd.pid)";
    node.must("kill -STOP" + to_switch);
    edit(create("internal"));
    node.wait_for("ovs-vsctl --no-wait get Interface sg-r1 name");
    kill_one(&Node::kill_main);
    node.start_daemon();
    node.wait_for("ovs-appctl -t ovs-snatd change/show 1 "
                  "| grep -q 'have the switch open qg-r1, sg-r1'");
    node.must("kill -CONT" + to_switch);
    becomes_active();
    BOOST_TEST(node.snatctl("--bare --columns=number,state list Change")
               == "1\ncommitted");
}

// And stays dead until the change is undone: what it made outlives it.
BOOST_FIXTURE_TEST_CASE(the_switch_dies_within_a_change, Mortal)
{
    const auto pid = node.must("cat $OVS_RUNDIR/ovs-vswitchd.pid");
    node.must("tr '\\0' '\\n' < /proc/" + pid + "/cmdline > /run/switch");
    const auto before = node.must("ip -br link | cut -d ' ' -f 1");
    node.snatctl("set SNAT_Global . options:check-timeout=300 "
                 "options:switch-timeout=300 options:retry-initial=600000 "
                 "options:retry-max=600000");
    node.appctl("fault/stop-at-step 16");
    edit(create("internal"));
    node.wait_for("ovs-appctl -t ovs-snatd fault/show | grep -q stopped");
    node.must("ip -n snat-r1 link show sg-r1");
    node.must("kill -KILL " + pid);
    node.wait_for("! kill -0 " + pid);
    node.appctl("fault/go");
    node.wait_for("ovs-snatctl --no-wait get Router r1 state | grep failed");
    BOOST_TEST(node.must("ip -br link | cut -d ' ' -f 1") == before);
    node.must("mapfile -t words < /run/switch && \"${words[@]}\"");
    node.appctl("router/resync r1");
    becomes_active();
    node.must("ip -n snat-r1 link show sg-r1");
}

BOOST_FIXTURE_TEST_CASE(left_over_names_go, Mortal)
{
    node.must("mkdir -p /run/netns && cd /run/netns && "
              "install -m 1000 /dev/null snat-ours && "
              "install -m 0000 /dev/null snat-theirs");
    kill_one(&Node::kill_main);
    node.start_daemon();
    node.wait_for("test ! -e /run/netns/snat-ours");
    node.must("test -e /run/netns/snat-theirs");
}

// Adopted as it is: no write, and not a packet lost.
BOOST_FIXTURE_TEST_CASE(healthy_router_is_untouched, Mortal)
{
    node.host("inside", "br-int", "ip=10.0.0.5/24 via=10.0.0.1");
    node.host("outside", "br-ex", "ip=198.51.100.1/24");
    node.snatctl(create("veth"));
    node.must_in("inside", "ping -c 1 -W 5 198.51.100.1");
    node.wait_for("! { ip -o address; for n in inside outside snat-r1; do "
                  "ip -n $n -o address; done; } | grep -q tentative");
    const std::string writes = "ovsdb-tool show-log $OVS_DBDIR/ovs_snat.db | "
                               "grep -c ^record";
    const auto before = node.snapshot();
    const auto changes = node.appctl("change/list");
    const auto written = node.must(writes);
    const auto ping
        = node.start_in("inside", "ping -i 0.02 -c 150 198.51.100.1");
    const auto pid = std::to_string(node.main_pid());
    node.appctl("exit");
    node.wait_for("! kill -0 " + pid);
    node.start_daemon();
    const auto told = ping->finish();
    BOOST_TEST(told.out.find(" 0% packet loss") != told.out.npos, told.out);
    kill_one(&Node::kill_main);
    node.start_daemon();
    node.wait_for("ovs-appctl -t ovs-snatd router/list | grep -q active");
    BOOST_TEST(node.must(writes) == written);
    BOOST_TEST(node.appctl("change/list") == changes);
    BOOST_TEST(node.is_as(before));
}

BOOST_AUTO_TEST_SUITE_END()
