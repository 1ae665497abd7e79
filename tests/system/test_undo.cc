// What operators have back: a change by its number, and one that nobody
// confirmed in time.
#include "system/drill.hh"

#include <boost/test/unit_test.hpp>
#include <string>

using test::Door;
using test::Drill;
using test::Drilled;
using test::Kind;
using test::Node;
using test::Timeout;
using namespace std::chrono_literals;

namespace {

bool
holds(const std::string &text, const std::string &part)
{
    return text.find(part) != text.npos;
}

std::string
last_change(Node &node, const std::string &router = "r1")
{
    return node.must("ovs-appctl -t ovs-snatd change/list " + router
                     + " | tail -n 1");
}

std::string
last_number(Node &node)
{
    return node.must("ovs-appctl -t ovs-snatd change/list r1 | tail -n 1 | "
                     "cut -d ' ' -f 1");
}

void
wait_for_change(Node &node, const std::string &cause, Timeout timeout = 10s)
{
    node.wait_for("ovs-appctl -t ovs-snatd change/list r1 | tail -n 1 | grep "
                  "-q '"
                      + cause + " *committed'",
                  timeout);
}

// By way of the daemon, which alone reaches door 1, or of ovs-snatctl.
void
undo_last(Node &node, Door door)
{
    const auto number = last_number(node);
    if (door == Door::snatctl) {
        node.snatctl("undo " + number);
        return;
    }
    node.appctl("change/undo " + number);
    node.wait_for("test \"$(ovs-appctl -t ovs-snatd change/list r1 | tail -n "
                  "1 | cut -d ' ' -f 1)\" != "
                  + number);
    wait_for_change(node, "undo");
}

// The edit, its undo, the undo of that, and again.
void
undo_and_redo(const Drill &drill)
{
    Drilled drilled{drill};
    Node &node = drilled.node;
    const auto before = node.shape();
    BOOST_REQUIRE(drilled.edit());
    const auto desired = node.shape();
    undo_last(node, drill.door);
    BOOST_REQUIRE(node.has_shape(before));
    undo_last(node, drill.door);
    BOOST_REQUIRE(node.has_shape(desired));
    undo_last(node, drill.door);
    BOOST_TEST(node.has_shape(before));
}

// A router of the one database, whose edits can be told by their MTU.
struct Undone {
    Node node;

    static std::string
    create(const std::string &router = "r1",
           const std::string &network = "10.0.0.1/24")
    {
        return "-- router-add " + router
               + " -- --wiring=veth --bridge=br-int port-add " + router
               + " sg-" + router + " " + network;
    }

    static std::string
    mtu_edit(const std::string &mtu, const std::string &router = "r1")
    {
        return "set Router_Port sg-" + router + " mtu=" + mtu;
    }

    static std::string
    mtu_is(const std::string &mtu, const std::string &router = "r1")
    {
        return "ip -n snat-" + router + " link show sg-" + router
               + " | grep -q 'mtu " + mtu + " '";
    }

    // Fails and says these words.
    void
    is_refused(const std::string &command, const std::string &words)
    {
        const auto told = node.run(command);
        BOOST_TEST(told.status != 0, command << " is taken");
        BOOST_TEST(holds(told.err, words), command << " gives: " << told.err);
    }

    void
    both_refuse(const std::string &number, const std::string &words)
    {
        is_refused("ovs-snatctl undo " + number, words);
        is_refused("ovs-appctl -t ovs-snatd change/undo " + number, words);
    }

    // A port of the switch's database in router r1.
    void
    add_user_port()
    {
        node.vsctl("add-port br-int sg-user -- set Interface sg-user "
                   "type=internal external_ids:mine=yes");
        node.vsctl("set Interface sg-user external_ids:snat-router=r1 "
                   "external_ids:snat-networks=10.0.9.1/24");
        node.vsctl("wait-until Interface sg-user "
                   "external_ids:snat-state=active");
    }

    std::string
    confirms()
    {
        return node.must("ovs-snatctl --bare --columns=router,change "
                         "--format=csv list Confirm");
    }

    void
    kill_and_wait()
    {
        const auto pids = std::to_string(node.main_pid()) + " "
                          + std::to_string(node.kernel_pid());
        node.kill_main();
        node.wait_for("! kill -0 " + pids);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(undo)

BOOST_AUTO_TEST_CASE(create_veth_by_snatctl)
{
    undo_and_redo({Door::snatctl, Kind::create, "veth"});
}

BOOST_AUTO_TEST_CASE(update_internal_by_snatctl)
{
    undo_and_redo({Door::snatctl, Kind::update, "internal"});
}

BOOST_AUTO_TEST_CASE(update_veth_by_snatctl)
{
    undo_and_redo({Door::snatctl, Kind::update, "veth"});
}

BOOST_AUTO_TEST_CASE(delete_internal_by_snatctl)
{
    undo_and_redo({Door::snatctl, Kind::destroy, "internal"});
}

BOOST_AUTO_TEST_CASE(create_internal_by_vsctl)
{
    undo_and_redo({Door::vsctl, Kind::create, "internal"});
}

BOOST_AUTO_TEST_CASE(update_veth_by_vsctl)
{
    undo_and_redo({Door::vsctl, Kind::update, "veth"});
}

BOOST_AUTO_TEST_CASE(update_internal_by_vsctl)
{
    undo_and_redo({Door::vsctl, Kind::update, "internal"});
}

BOOST_AUTO_TEST_CASE(delete_veth_by_vsctl)
{
    undo_and_redo({Door::vsctl, Kind::destroy, "veth"});
}

BOOST_FIXTURE_TEST_CASE(reasons_are_told, Undone)
{
    both_refuse("1", "none is recorded");
    is_refused("ovs-snatctl undo banana", "expected the number");
    is_refused("ovs-appctl -t ovs-snatd change/undo banana",
               "expected the number");
    node.snatctl(create());
    node.snatctl(mtu_edit("1400"));
    node.snatctl(mtu_edit("1300"));
    node.appctl("fault/fail-step 1");
    node.run("ovs-snatctl " + mtu_edit("1350"));
    both_refuse("99", "from 1 to ");
    both_refuse("4", "nothing to undo");
    node.snatctl(mtu_edit("1300"));
    both_refuse("1", "which is change 3");
    both_refuse("1", "--force");
    // A repair changes nothing that could be undone.
    node.must("ip -n snat-r1 address flush dev sg-r1");
    wait_for_change(node, "drift");
    both_refuse(last_number(node), "nothing to undo");
    BOOST_TEST(node.snatctl("get Router_Port sg-r1 mtu") == "1300");
}

BOOST_FIXTURE_TEST_CASE(force_goes_back_behind_later_ones, Undone)
{
    node.snatctl(create());
    node.snatctl(mtu_edit("1400"));
    node.snatctl(mtu_edit("1300"));
    node.snatctl("--force undo 2");
    node.must(mtu_is("1500"));
    node.snatctl(mtu_edit("1350"));
    node.appctl("change/undo --force 3");
    wait_for_change(node, "undo");
    node.must(mtu_is("1400"));
    node.snatctl("--force undo 1");
    BOOST_TEST(node.snatctl("router-list") == "");
    BOOST_TEST(node.run("ip netns pids snat-r1").status != 0);
}

BOOST_FIXTURE_TEST_CASE(the_rest_of_the_rows_is_kept, Undone)
{
    node.snatctl(create()
                 + " -- set Router r1 options:change-rate=5 "
                   "external_ids:mine=yes -- set Router_Port sg-r1 "
                   "external_ids:mine=yes options:mine=yes");
    node.snatctl(mtu_edit("1400"));
    node.snatctl("undo 2");
    BOOST_TEST(node.snatctl("get Router_Port sg-r1 mtu external_ids options")
               == "[]\n{mine=yes}\n{mine=yes, wiring=veth}");
    BOOST_TEST(node.snatctl("get Router r1 options external_ids")
               == "{change-rate=\"5\"}\n{mine=yes}");
}

BOOST_FIXTURE_TEST_CASE(disabled_routers_stay_in_their_rows, Undone)
{
    node.snatctl(create());
    node.snatctl("set Router r1 enabled=false");
    node.snatctl("undo 2");
    node.must(mtu_is("1500"));
    node.snatctl("undo 3");
    BOOST_TEST(node.snatctl("get Router r1 enabled state")
               == "false\ndisabled");
    BOOST_TEST(node.snatctl("port-list r1") == "sg-r1");
}

BOOST_FIXTURE_TEST_CASE(an_undo_is_a_command_among_others, Undone)
{
    node.snatctl(create());
    node.snatctl(mtu_edit("1400"));
    const auto would = node.snatctl("--dry-run undo 2");
    BOOST_TEST(would == "would change Router_Port sg-r1: mtu 1400 -> []");
    BOOST_TEST(node.snatctl("get Router_Port sg-r1 mtu") == "1400");
    node.snatctl("-- undo 2 -- set Router_Port sg-r1 tag=7 -- router-add r2");
    BOOST_TEST(node.snatctl("get Router_Port sg-r1 mtu tag") == "[]\n7");
    BOOST_TEST(node.vsctl("get Port sg-r1 tag") == "7");
    // Of three routers one after the other in one transaction.
    node.snatctl("undo 3 -- router-del r2");
    BOOST_TEST(node.snatctl("get Router_Port sg-r1 mtu tag") == "1400\n[]");
}

BOOST_FIXTURE_TEST_CASE(ports_of_users_are_the_daemons_part, Undone)
{
    node.snatctl(create());
    node.snatctl(mtu_edit("1400"));
    add_user_port();
    is_refused("ovs-snatctl undo 3", "ovs-appctl -t ovs-snatd change/undo 3");
    is_refused("ovs-snatctl --force undo 2", "change/undo 2");
    node.snatctl(mtu_edit("1300"));
    node.snatctl("undo 4"); // Nothing of theirs differs.
    node.must(mtu_is("1400"));
    // Both databases at once, in one change.
    node.appctl("change/undo --force 2");
    wait_for_change(node, "undo");
    node.must(mtu_is("1500"));
    BOOST_TEST(last_number(node) == "6");
    BOOST_TEST(node.vsctl("get Interface sg-user external_ids")
               == "{mine=yes}");
    undo_last(node, Door::vsctl);
    node.must(mtu_is("1400") + " && ip -n snat-r1 link show sg-user");
    node.vsctl("remove Interface sg-user external_ids snat-router "
               "snat-networks");
    wait_for_change(node, "edit");
    node.vsctl("del-port sg-user");
    is_refused("ovs-appctl -t ovs-snatd change/undo " + last_number(node),
               "sg-user is gone from the switch");
    node.vsctl("add-port br-int sg-user -- set Interface sg-user "
               "type=internal");
    undo_last(node, Door::vsctl);
    node.must("ip -n snat-r1 address show sg-user | grep -q 10.0.9.1/24");
}

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

// Killed while the switch's database has yet to answer.
BOOST_FIXTURE_TEST_CASE(an_undo_of_both_doors_goes_on_after_a_crash, Undone)
{
    node.snatctl(create());
    node.snatctl(mtu_edit("1400"));
    add_user_port();
    const auto main = std::to_string(node.main_pid());
    const auto kernel = std::to_string(node.kernel_pid());
    node.must("kill -STOP $(cat $OVS_RUNDIR/ovsdb-server.pid)\n"
              "ovs-appctl -t ovs-snatd change/undo --force 2 &\n"
              "until ovs-snatctl --bare list Confirm | grep -q .; do :; done\n"
              "kill -KILL "
              + main
              + "; wait\n"
                "kill -CONT $(cat $OVS_RUNDIR/ovsdb-server.pid)");
    node.wait_for("! kill -0 " + main + " " + kernel);
    node.start_daemon();
    wait_for_change(node, "undo");
    node.must(mtu_is("1500"));
    BOOST_TEST(confirms() == "");
    BOOST_TEST(node.vsctl("get Interface sg-user external_ids")
               == "{mine=yes}");
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
    BOOST_TEST(told.status == 1);
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
