// What operators have back: a change by its number.
#include "system/drill.hh"
#include "system/undone.hh"

#include <boost/test/unit_test.hpp>
#include <string>

using test::Door;
using test::Drill;
using test::Drilled;
using test::Kind;
using test::last_number;
using test::Node;
using test::Undone;

namespace {

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
                   "external_ids:mine=yes");
    node.snatctl(mtu_edit("1400"));
    node.snatctl("undo 2");
    BOOST_TEST(node.snatctl("get Router_Port sg-r1 mtu external_ids options")
               == "[]\n{mine=yes}\n{wiring=veth}");
    BOOST_TEST(node.snatctl("get Router r1 options external_ids")
               == "{change-rate=\"5\"}\n{mine=yes}");
}

// Also where the row or the port had none before.
BOOST_FIXTURE_TEST_CASE(options_of_rules_and_ports_come_and_go, Undone)
{
    node.snatctl(create()
                 + " -- --bridge=br-ex port-add r1 qg-r1 198.51.100.10/24 -- "
                   "nat-add r1 dnat_and_snat 198.51.100.20 10.0.1.5");
    const std::string edits[]
        = {"set NAT 198.51.100.20 options:max-translations=7",
           "set Router_Port qg-r1 options:rate-out=3000"};
    for (const auto &edit : edits) {
        const auto options = [&] {
            return node.snatctl("get NAT 198.51.100.20 options") + " "
                   + node.snatctl("get Router_Port qg-r1 options");
        };
        const auto before = options();
        node.snatctl(edit);
        const auto with = options();
        node.snatctl("undo " + last_number(node));
        BOOST_TEST(options() == before, edit);
        node.snatctl("undo " + last_number(node));
        BOOST_TEST(options() == with, edit);
        node.snatctl("undo " + last_number(node));
    }
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

BOOST_AUTO_TEST_SUITE_END()
