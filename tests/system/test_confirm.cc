// What operators have back: a change that nobody confirmed in time.
#include "system/undone.hh"

#include <boost/test/unit_test.hpp>
#include <string>

using test::holds;
using test::last_change;
using test::last_number;
using test::Undone;

BOOST_AUTO_TEST_SUITE(confirm)

BOOST_FIXTURE_TEST_CASE(what_is_confirmed_stays, Undone)
{
    node.snatctl(create());
    const auto told = node.snatctl("--confirm=3 " + mtu_edit("1400"));
    BOOST_TEST(holds(told, "change 2 waits to be confirmed until "), told);
    BOOST_TEST(holds(told, "ovs-snatctl confirm 2"), told);
    for (const std::string list :
         {"ovs-appctl -t ovs-snatd change/list r1",
          "ovs-appctl -t ovs-snatd change/show 2",
          "ovs-snatctl change-list r1", "ovs-snatctl change-show 2"}) {
        BOOST_TEST(holds(node.must(list), "to be confirmed until"), list);
    }
    BOOST_TEST(holds(node.appctl("change/show --format=json 2"),
                     "\"confirm_until\": "));
    node.snatctl("confirm 2");
    is_refused("ovs-snatctl confirm 2", "none does");
    BOOST_TEST(confirms() == "");
    BOOST_TEST(!holds(last_change(node), "to be confirmed"));
    // Another one is taken back meanwhile: the time is over.
    node.snatctl("--confirm=4 " + create("r2", "10.0.1.1/24"));
    node.wait_for("! ip netns pids snat-r2");
    node.must(mtu_is("1400"));
    BOOST_TEST(last_number(node) == "2");
    BOOST_TEST(node.snatctl("router-list") == "r1");
    BOOST_TEST(holds(last_change(node, "r2"), "unconfirmed"));
}

// Neither half of it could be told from what waits.
BOOST_FIXTURE_TEST_CASE(what_waits_is_not_undone_in_both_databases, Undone)
{
    node.snatctl(create());
    node.snatctl("--confirm=600 " + mtu_edit("1400"));
    add_user_port();
    is_refused("ovs-appctl -t ovs-snatd change/undo --force 2",
               "waits to be confirmed");
    node.must(mtu_is("1400"));
    BOOST_TEST(holds(confirms(), "r1,2"));
    node.snatctl("confirm 2");
    node.appctl("change/undo --force 2");
    wait_for_change(node, "undo");
    node.must(mtu_is("1500"));
}

// The undo comes too late: what was asked for meanwhile is done, and waits.
BOOST_FIXTURE_TEST_CASE(a_request_outlives_an_undo_that_is_refused, Undone)
{
    node.snatctl(create());
    node.snatctl(mtu_edit("1400"));
    add_user_port();
    node.must("kill -STOP $(cat $OVS_RUNDIR/ovsdb-server.pid)\n"
              "ovs-appctl -t ovs-snatd change/undo --force 2 2> /run/told &\n"
              "until ovs-snatctl --bare list Confirm | grep -q .; do :; done\n"
              "ovs-snatctl --no-wait --confirm=600 "
              + mtu_edit("1300")
              + "\nkill -CONT $(cat $OVS_RUNDIR/ovsdb-server.pid)\nwait");
    BOOST_TEST(holds(node.must("cat /run/told"), "meanwhile"));
    node.wait_for(mtu_is("1300"));
    node.wait_for("ovs-appctl -t ovs-snatd change/list r1 | tail -n 1 | "
                  "grep -q 'waits to be confirmed'");
    node.must("ip -n snat-r1 link show sg-user");
}

// Whatever came after it goes as well, in both databases.
BOOST_FIXTURE_TEST_CASE(what_is_not_confirmed_goes, Undone)
{
    node.snatctl(create());
    const auto before = node.shape();
    node.snatctl("--confirm=5 " + mtu_edit("1400"));
    node.snatctl("set Router_Port sg-r1 networks=10.0.5.1/24");
    node.vsctl("add-port br-int sg-user -- set Interface sg-user "
               "external_ids:snat-router=r1 "
               "external_ids:snat-networks=10.0.9.1/24 || true");
    wait_for_change(node, "unconfirmed");
    BOOST_TEST(node.snatctl("get Router_Port sg-r1 mtu networks")
               == "[]\n[\"10.0.0.1/24\"]");
    BOOST_TEST(confirms() == "");
    BOOST_TEST(
        !holds(node.vsctl("get Interface sg-user external_ids"), "snat-"));
    node.vsctl("del-port sg-user");
    BOOST_TEST(node.has_shape(before));
    BOOST_TEST(holds(node.daemon_log(), "change 2 was not confirmed in time"));
    is_refused("ovs-snatctl confirm 2", "does not wait");
}

BOOST_FIXTURE_TEST_CASE(a_router_that_was_deleted_comes_back, Undone)
{
    node.snatctl(create());
    const auto before = node.shape();
    node.snatctl("--confirm=3 router-del r1");
    node.must("! ip netns pids snat-r1");
    wait_for_change(node, "unconfirmed");
    BOOST_TEST(node.has_shape(before));
}

BOOST_FIXTURE_TEST_CASE(one_transaction_of_several_routers, Undone)
{
    for (const std::string n : {"1", "2", "3"}) {
        node.snatctl(create("r" + n, "10.0." + n + ".1/24"));
    }
    const auto told = node.snatctl("--confirm=6 " + mtu_edit("1400", "r1")
                                   + " -- " + mtu_edit("1400", "r2") + " -- "
                                   + mtu_edit("1400", "r3"));
    for (const std::string n : {"1", "2", "3"}) {
        BOOST_TEST(holds(told, "router r" + n + ": change "), told);
    }
    is_refused("ovs-snatctl confirm 1", "those that do: ");
    node.snatctl("confirm r2");
    node.wait_for(mtu_is("1500", "r1") + " && " + mtu_is("1500", "r3"));
    node.must(mtu_is("1400", "r2"));
    BOOST_TEST(confirms() == "");
}

BOOST_FIXTURE_TEST_CASE(a_second_request_begins_the_time_anew, Undone)
{
    node.snatctl(create());
    node.snatctl("--confirm=2 " + mtu_edit("1400"));
    const auto told = node.snatctl("--confirm=600 " + mtu_edit("1300"));
    BOOST_TEST(holds(told, "confirm 2"), told);
    node.wait_for("test $(ovs-snatctl get Confirm r1 until) -gt "
                  "$(($(date +%s%3N) + 500000))");
    node.snatctl("confirm 3"); // Any that came with it.
    BOOST_TEST(confirms() == "");
    node.must(mtu_is("1300"));
}

// The time runs in the database, whoever dies.
BOOST_FIXTURE_TEST_CASE(the_time_holds_when_the_daemon_dies, Undone)
{
    node.snatctl(create());
    node.snatctl("--confirm=4 " + mtu_edit("1400"));
    kill_and_wait();
    node.start_daemon();
    wait_for_change(node, "unconfirmed");
    node.must(mtu_is("1500"));
    // Over before the next start.
    node.snatctl("--confirm=1 " + mtu_edit("1400"));
    const auto until = node.snatctl("get Confirm r1 until");
    kill_and_wait();
    node.wait_for("test $(date +%s%3N) -gt " + until);
    node.must(mtu_is("1400"));
    node.start_daemon();
    wait_for_change(node, "unconfirmed");
    node.must(mtu_is("1500"));
    BOOST_TEST(confirms() == "");
}

// The switch's rows are put back already, ours are not.
BOOST_FIXTURE_TEST_CASE(the_daemon_dies_between_the_databases, Undone)
{
    node.snatctl(create());
    const auto before = node.shape();
    node.snatctl("--confirm=4 " + mtu_edit("1400"));
    add_user_port();
    node.must("kill -STOP $(cat $OVS_RUNDIR/ovs_snat_db.pid)");
    node.wait_for("! ovs-vsctl get Interface sg-user external_ids | grep -q "
                  "snat-router");
    kill_and_wait();
    // With what the daemon had sent it.
    const auto server = node.must("cat $OVS_RUNDIR/ovs_snat_db.pid");
    node.must("kill -KILL " + server);
    node.wait_for("! kill -0 " + server);
    node.must("ovsdb-server -vconsole:off --detach "
              "--remote=punix:$OVS_RUNDIR/ovs_snat_db.sock "
              "--unixctl=$OVS_RUNDIR/ovs_snat_db.ctl "
              "--pidfile=$OVS_RUNDIR/ovs_snat_db.pid $OVS_DBDIR/ovs_snat.db");
    BOOST_REQUIRE(node.snatctl("get Router_Port sg-r1 mtu") == "1400");
    node.start_daemon();
    wait_for_change(node, "unconfirmed");
    BOOST_TEST(node.snatctl("get Router_Port sg-r1 mtu") == "[]");
    BOOST_TEST(confirms() == "");
    node.vsctl("del-port sg-user");
    BOOST_TEST(node.has_shape(before));
}

// Killed before the change is committed: the next life ends it, and waits.
BOOST_FIXTURE_TEST_CASE(the_daemon_dies_within_the_change, Undone)
{
    node.snatctl(create());
    node.appctl("fault/crash-at-step 1");
    const auto pid = std::to_string(node.main_pid());
    node.must("ovs-snatctl --no-wait --confirm=3 " + mtu_edit("1400"));
    node.wait_for("! kill -0 " + pid);
    node.start_daemon();
    node.wait_for("ovs-appctl -t ovs-snatd change/list r1 | grep -q 'waits to "
                  "be confirmed'");
    wait_for_change(node, "unconfirmed");
    node.must(mtu_is("1500"));
    BOOST_TEST(confirms() == "");
}

BOOST_FIXTURE_TEST_CASE(nothing_waits_for_what_fails, Undone)
{
    node.snatctl(create());
    const auto told = node.run("ovs-snatctl --confirm=600 set Router_Port "
                               "sg-r1 networks=10.0.0.0/24");
    BOOST_TEST(told.status == 2);
    BOOST_TEST(holds(told.out, "nothing waits to be confirmed"), told.out);
    node.snatctl("set Router_Port sg-r1 networks=10.0.6.1/24");
    node.wait_for("test -z \"$(ovs-snatctl --bare list Confirm)\"");
    BOOST_TEST(!holds(last_change(node), "to be confirmed"));
}

BOOST_FIXTURE_TEST_CASE(seconds_that_make_no_sense, Undone)
{
    for (const std::string text : {"0", "86401", "-1", "1.5", "banana", ""}) {
        is_refused("ovs-snatctl --confirm=" + text + " router-add r1",
                   "expected a number of seconds from 1 to 86400");
    }
    is_refused("ovs-snatctl --confirm=60 show", "no command writes");
    BOOST_TEST(node.snatctl("router-list") == "");
    BOOST_TEST(holds(node.snatctl("--dry-run --confirm=60 " + create()),
                     "would insert Confirm r1: "));
    BOOST_TEST(confirms() == "");
}

BOOST_AUTO_TEST_SUITE_END()
