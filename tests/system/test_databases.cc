// Databases that are lost, replaced, or brought back from an old copy.
#include "system/node.hh"

#include <boost/test/unit_test.hpp>
#include <string>

using test::Node;

namespace {

struct Kept {
    Node node;
    const std::string pid_file = "$OVS_RUNDIR/ovs_snat_db.pid";
    const std::string file = "$OVS_DBDIR/ovs_snat.db";

    Kept()
    {
        // As it was started, to be started so again.
        node.must("tr '\\0' '\\n' < /proc/$(cat " + pid_file
                  + ")/cmdline > /run/server");
        node.snatctl(add("r1", "10.0.1.1/24"));
    }

    static std::string
    add(const std::string &router, const std::string &network)
    {
        return "-- router-add " + router + " -- --bridge=br-int port-add "
               + router + " sg-" + router + " " + network;
    }

    // The server dies; 'meanwhile' happens to its file; it comes back.
    void
    replace(const std::string &meanwhile)
    {
        const auto pid = node.must("cat " + pid_file);
        node.must("kill -KILL " + pid);
        node.wait_for("! kill -0 " + pid);
        node.must(meanwhile);
        node.must("mapfile -t words < /run/server && \"${words[@]}\"");
        node.must("ovs-snatctl --no-wait init");
    }

    void
    become_empty()
    {
        replace("rm " + file + " && ovsdb-tool create " + file + " "
                + node.must("echo $OVS_SNAT_SCHEMA"));
    }

    bool
    tells(const std::string &command, const std::string &part)
    {
        return node.appctl(command).find(part) != std::string::npos;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(databases, Kept)

BOOST_AUTO_TEST_CASE(an_empty_one_takes_nothing_down)
{
    const auto before = node.snapshot();
    become_empty();
    node.wait_for("ovs-appctl -t ovs-snatd orphan/list | grep -q '^r1 '");
    BOOST_TEST(node.is_as(before));
    // Also for a daemon that has never known the router.
    node.kill_main();
    node.start_daemon();
    node.wait_for("ovs-appctl -t ovs-snatd orphan/list | grep -q '^r1 '");
    BOOST_TEST(node.is_as(before));
    // Whoever asks for it again has it as it is.
    node.snatctl(add("r1", "10.0.1.1/24"));
    BOOST_TEST(node.snatctl("get Router r1 state") == "active");
    BOOST_TEST(node.appctl("orphan/list") == "");
    BOOST_TEST(node.is_as(before));
}

BOOST_AUTO_TEST_CASE(orphans_can_be_purged)
{
    become_empty();
    node.wait_for("ovs-appctl -t ovs-snatd orphan/list | grep -q '^r1 '");
    node.appctl("orphan/purge r1");
    node.wait_for("test ! -e /run/netns/snat-r1");
    node.wait_for("test -z \"$(ovs-appctl -t ovs-snatd orphan/list)\"");
    BOOST_TEST(tells("change/list", "orphan"));
    BOOST_TEST(node.run("ovs-vsctl get Interface sg-r1 name").status != 0);
}

// Its namespace has lost its name, but somebody holds it.
BOOST_AUTO_TEST_CASE(a_pair_of_nobody_is_an_orphan)
{
    const auto holder = node.whoami("snat-r1");
    node.kill_main();
    become_empty();
    node.must("ip netns del snat-r1 && ovs-vsctl --no-wait del-port sg-r1 && "
              "ip link show sg-r1");
    node.start_daemon();
    node.wait_for("ovs-appctl -t ovs-snatd orphan/list | grep -q '^r1 '");
    node.appctl("orphan/purge r1");
    node.wait_for("! ip link show sg-r1");
    node.wait_for("test -z \"$(ovs-appctl -t ovs-snatd orphan/list)\"");
}

BOOST_AUTO_TEST_CASE(orphans_go_after_a_while)
{
    become_empty();
    node.must("ovs-snatctl --no-wait set SNAT_Global . "
              "options:orphan-grace=100");
    node.wait_for("test ! -e /run/netns/snat-r1");
}

BOOST_AUTO_TEST_CASE(an_old_copy_is_what_somebody_wants)
{
    node.must("cp " + file + " /run/copy");
    node.snatctl("set Router_Port sg-r1 networks=10.0.9.1/24");
    node.snatctl(add("r2", "10.0.2.1/24"));
    replace("cp /run/copy " + file);
    node.wait_for("ip -n snat-r1 address show sg-r1 | grep -q 10.0.1.1/24");
    node.wait_for("ovs-appctl -t ovs-snatd orphan/list | grep -q '^r2 '");
    BOOST_TEST(node.run("ip -n snat-r2 address show sg-r2").status == 0);
    // Numbers go on from the highest that there ever was.
    node.snatctl("set Router_Port sg-r1 networks=10.0.8.1/24");
    BOOST_TEST(std::stoi(node.snatctl("get Router r1 change")) > 3);
}

// A transaction like others, of whoever is connected.
BOOST_AUTO_TEST_CASE(a_copy_that_is_restored_keeps_its_history)
{
    const std::string list
        = "ovs-snatctl --no-wait --format=csv --no-headings --columns="
          "number,router,after,state list Change | sort";
    const std::string to_server = " unix:$OVS_RUNDIR/ovs_snat_db.sock ";
    node.snatctl(add("r2", "10.0.2.1/24"));
    node.snatctl("set Router_Port sg-r1 networks=10.0.9.1/24");
    node.must("ovsdb-client backup" + to_server + "OVS_SNAT > /run/copy");
    const auto before = node.must(list);
    become_empty();
    node.snatctl(add("r3", "10.0.3.1/24"));
    node.must("ovsdb-client restore" + to_server + "OVS_SNAT < /run/copy");
    node.snatctl("set Router_Port sg-r1 networks=10.0.8.1/24");
    BOOST_TEST(node.must("ip -n snat-r1 address show sg-r1 | grep -c 10.0.8.1")
               == "1");
    const auto after = node.must(list);
    BOOST_TEST(after.substr(0, before.size()) == before);
    BOOST_TEST(std::stoi(node.snatctl("get Router r1 change")) > 3);
}

// A router of door 1 is known to the switch's database: its history is
// written anew, and holds over a reboot with rows that are wrong.
BOOST_AUTO_TEST_CASE(a_lost_history_is_written_anew)
{
    node.vsctl("add-port br-int sg-one -- set Interface sg-one "
               "external_ids:snat-router=one "
               "external_ids:snat-networks=10.1.0.1/24");
    node.vsctl("wait-until Interface sg-one external_ids:snat-state=active");
    become_empty();
    node.wait_for("ovs-appctl -t ovs-snatd change/list one | "
                  "grep -q 'recovery *committed'");
    const auto pids = std::to_string(node.main_pid()) + " "
                      + std::to_string(node.kernel_pid());
    node.kill_main();
    node.wait_for("! kill -0 " + pids);
    node.must("ip netns del snat-one");
    node.vsctl("set Interface sg-one external_ids:snat-networks=bad");
    node.start_daemon();
    node.wait_for("ip -n snat-one address show sg-one | grep -q 10.1.0.1/24");
}

// Its edit fails before and after: it is as it last was good meanwhile.
BOOST_AUTO_TEST_CASE(an_edit_that_fails_takes_nothing_down_over_a_reboot)
{
    node.snatctl("-- --bridge=br-ex --gateway=198.51.100.1 port-add r1 qg-r1 "
                 "198.51.100.10/24");
    const auto shape = node.shape();
    // Nobody answers there.
    const auto told
        = node.run("ovs-snatctl -- set Router r1 options:verify-gateway=true "
                   "options:verify-timeout=200 -- set Router_Port qg-r1 "
                   "gateway_ips=198.51.100.77");
    BOOST_TEST(told.status != 0);
    const std::string stays = "it stays as change 2 left it";
    BOOST_TEST(told.err.find(stays) != told.err.npos, told.err);
    const auto pids = std::to_string(node.main_pid()) + " "
                      + std::to_string(node.kernel_pid());
    node.kill_main();
    node.wait_for("! kill -0 " + pids);
    node.must("ip netns del snat-r1");
    node.start_daemon();
    node.wait_for("ip -n snat-r1 route | grep 'default via 198.51.100.1 '");
    node.wait_for("ovs-snatctl --no-wait get Router r1 error | "
                  "grep -q 'verify-gateway failed.*it stays as change'");
    BOOST_TEST(node.has_shape(shape));
}

// Our ports and the bridges that they stood on are gone from it.
BOOST_AUTO_TEST_CASE(an_empty_one_of_the_switch)
{
    node.must("tr '\\0' '\\n' < /proc/$(cat $OVS_RUNDIR/ovsdb-server.pid)"
              "/cmdline > /run/server");
    const auto shape = node.shape();
    const auto pid = node.must("cat $OVS_RUNDIR/ovsdb-server.pid");
    node.must("kill -KILL " + pid);
    node.wait_for("! kill -0 " + pid);
    node.must("rm $OVS_DBDIR/conf.db && ovsdb-tool create $OVS_DBDIR/conf.db "
              "$OVS_PKGDATADIR/vswitch.ovsschema");
    node.must("mapfile -t words < /run/server && \"${words[@]}\"");
    node.must("ovs-vsctl --no-wait init");
    node.wait_for("ovs-snatctl --no-wait get Router r1 error | "
                  "grep -q 'bridge .*br-int.* does not exist; until then'");
    BOOST_TEST(node.run("ip -n snat-r1 address show sg-r1").status == 0);
    node.vsctl("-- add-br br-int -- set Bridge br-int datapath_type=netdev "
               "-- add-br br-ex -- set Bridge br-ex datapath_type=netdev");
    node.must("ip link set br-int up && ip link set br-ex up");
    node.snatctl("wait-until Router r1 state=active");
    BOOST_TEST(node.has_shape(shape));
}

// Whoever waits for somebody who is dead is told so.
BOOST_AUTO_TEST_CASE(a_dead_switch_is_named)
{
    const auto pid = node.must("cat $OVS_RUNDIR/ovs-vswitchd.pid");
    node.must("kill -KILL " + pid);
    const auto told
        = node.run("ovs-snatctl --timeout=8 " + add("r2", "10.0.2.1/24"));
    BOOST_TEST(told.status != 0);
    BOOST_TEST(told.err.find("router r2 has waited for more than 3 s for the "
                             "switch's database or ovs-vswitchd")
                   != told.err.npos,
               told.err);
}

BOOST_AUTO_TEST_CASE(a_dead_database_of_the_switch_is_named)
{
    const auto pid = node.must("cat $OVS_RUNDIR/ovsdb-server.pid");
    node.must("kill -KILL " + pid);
    node.wait_for("! kill -0 " + pid);
    node.must("ovs-snatctl --no-wait " + add("r2", "10.0.2.1/24"));
    node.wait_for("ovs-snatctl --no-wait get Router r2 error | grep -q 'has "
                  "waited for more than 3 s for the switch'");
    // What needs no port of the switch is done, or refused, and says so.
    node.must("ovs-snatctl --no-wait set Router_Port sg-r1 "
              "networks=10.0.9.1/24");
    node.wait_for("ip -n snat-r1 address show sg-r1 | grep -q 10.0.9.1/24");
    node.must("ovs-snatctl --no-wait set Router_Port sg-r1 networks=bad");
    node.wait_for("ovs-snatctl --no-wait get Router r1 state | grep failed");
}

// What the history says, from its beginning, is what there is.
BOOST_AUTO_TEST_CASE(the_history_tells_the_present)
{
    node.snatctl(add("r2", "10.0.2.1/24"));
    node.snatctl("set Router_Port sg-r1 networks=10.0.9.1/24 mtu=1400");
    node.must("ip -n snat-r1 link set sg-r1 down");
    node.wait_for("ovs-appctl -t ovs-snatd change/list r1 | "
                  "grep -q 'drift *committed'");
    node.appctl("fault/fail-step 2");
    node.run("ovs-snatctl set Router_Port sg-r1 networks=10.0.7.1/24 tag=5");
    node.snatctl("set Router_Port sg-r1 networks=10.0.9.1/24 tag=[]");
    node.snatctl("set Router r2 enabled=false");
    node.snatctl(add("r3", "10.0.3.1/24"));
    const std::string replay = R"(
import json, subprocess
def ask(*words):
    command = ["ovs-appctl", "-t", "ovs-snatd", words[0], "--format=json"]
    return json.loads(subprocess.run(command + list(words[1:]), check=True,
                                     stdout=subprocess.PIPE).stdout)
wired = {}
for change in ask("change/list"):
    told = ask("change/show", str(change["number"]))
    before = wired.get(told["router"])
    assert told["before"] == before, (told, before)
    if told["state"] == "committed":
        wired[told["router"]] = told["after"]
for router in ask("router/list"):
    shown = ask("router/show", router["name"])["wired"]
    assert wired.pop(router["name"], None) == shown, router
assert not any(wired.values()), wired
)";
    const auto told = node.run("python3 - <<'END'" + replay + "END");
    BOOST_TEST(told.status == 0, told.err);
    BOOST_TEST(tells("change/list", "undone"));
}

// A node of several: its own server will do, be it not the leader.
BOOST_AUTO_TEST_CASE(a_follower_in_a_cluster_serves)
{
    node.must("mkdir /run/c && cd /run/c && "
              "ovsdb-tool create-cluster 1.db $OVS_SNAT_SCHEMA "
              "tcp:127.0.0.1:6651 && "
              "ovsdb-tool join-cluster 2.db OVS_SNAT tcp:127.0.0.1:6652 "
              "tcp:127.0.0.1:6651");
    for (const std::string number : {"1", "2"}) {
        node.must("cd /run/c && ovsdb-server -vconsole:off --detach "
                  "--no-chdir --pidfile=$PWD/"
                  + number + ".pid --unixctl=$PWD/" + number
                  + ".ctl --remote=punix:$PWD/" + number + ".sock " + number
                  + ".db");
        node.must("ovsdb-client --timeout=20 wait unix:/run/c/" + number
                  + ".sock OVS_SNAT connected");
    }
    node.wait_for("ovs-appctl -t /run/c/2.ctl cluster/status OVS_SNAT | "
                  "grep -q 'Role: follower'");
    const auto pid = std::to_string(node.main_pid());
    node.must("kill " + pid);
    node.wait_for("! kill -0 " + pid);
    node.must("$SNATD_START --snat-db=unix:/run/c/2.sock");
    node.must("ovs-snatctl --timeout=20 --db=unix:/run/c/2.sock "
              "--no-leader-only "
              + add("r2", "10.0.2.1/24"));
    node.must("ip -n snat-r2 address show dev sg-r2 | grep -q 10.0.2.1/24");
}

BOOST_AUTO_TEST_SUITE_END()
