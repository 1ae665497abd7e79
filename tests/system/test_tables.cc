// The daemon and its two databases: answers and news in any order, and rows
// that others write or leave behind.
#include "system/node.hh"

#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>

using test::Job;
using test::Node;

namespace {

struct Written {
    Node node;
    std::unique_ptr<Job> between;

    void
    stop()
    {
        const auto pid = std::to_string(node.main_pid());
        node.must("kill " + pid);
        node.wait_for("! kill -0 " + pid);
    }

    // The daemon again, over a connection to one database that keeps back
    // messages of this method.
    void
    slow_down(const std::string &option, const std::string &database,
              const std::string &method, const std::string &seconds)
    {
        stop();
        const std::string socket = "$OVS_RUNDIR/slow.sock";
        between = node.start("exec " TOP_SRCDIR "/tests/system/slow.py "
                             + socket + " $OVS_RUNDIR/" + database + " "
                             + method + " " + seconds);
        node.wait_for("test -S " + socket);
        node.must("$SNATD_START " + option + "=unix:" + socket);
    }

    void
    slow_down_own(const std::string &method, const std::string &seconds)
    {
        slow_down("--snat-db", "ovs_snat_db.sock", method, seconds);
    }

    void
    slow_down_switch(const std::string &method, const std::string &seconds)
    {
        slow_down("--ovs-db", "db.sock", method, seconds);
    }

    std::string
    add(const std::string &router)
    {
        return "router-add " + router + " -- --bridge=br-int port-add "
               + router + " sg-" + router + " 10.0.5.1/24";
    }

    std::string
    changes()
    {
        return node.must(
            "ovs-snatctl --bare --columns=number,state --format=csv "
            "list Change | sort");
    }

    // A router port by way of the switch's database alone.
    void
    wire()
    {
        node.vsctl("add-port br-int sg-r1 -- set Interface sg-r1 "
                   "external_ids:snat-router=r1 "
                   "external_ids:snat-networks=10.0.0.1/24");
        node.vsctl(
            "wait-until Interface sg-r1 external_ids:snat-state=active");
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(tables)

BOOST_FIXTURE_TEST_CASE(news_come_after_the_answer, Written)
{
    slow_down_own("update", "0.1");
    node.snatctl(add("r1"));
    node.snatctl("set Router_Port sg-r1 networks=10.0.6.1/24");
    BOOST_TEST(changes() == "1,committed\n2,committed");
}

BOOST_FIXTURE_TEST_CASE(port_is_made_anew_before_the_news, Written)
{
    slow_down_switch("update", "0.1");
    node.snatctl("router-add r1 -- --wiring=veth --bridge=br-int port-add r1 "
                 "sg-r1 10.0.5.1/24");
    for (const std::string wiring : {"internal", "veth", "internal"}) {
        node.snatctl("set Router_Port sg-r1 options:wiring=" + wiring);
    }
    BOOST_TEST(node.vsctl("get Interface sg-r1 type") == "internal");
    BOOST_TEST(node.snatctl("get Router r1 state") == "active");
}

// A step on the switch is taken back before its database tells of it.
BOOST_FIXTURE_TEST_CASE(is_undone_before_the_news, Written)
{
    node.snatctl(add("r1"));
    slow_down_switch("update", "0.1");
    node.appctl("fault/fail-step 2");
    const auto told = node.run("ovs-snatctl --timeout=20 set Router_Port "
                               "sg-r1 tag=8 'networks=\"10.0.6.1/24\"'");
    BOOST_TEST(told.status != 0);
    BOOST_TEST(node.vsctl("get Port sg-r1 tag") == "[]");
}

BOOST_FIXTURE_TEST_CASE(loses_a_race, Written)
{
    slow_down_own("transact", "0.5");
    node.snatctl("router-add r0");
    const auto kept_back = between->output();
    node.must("ovs-snatctl --no-wait destroy SNAT_Global .");
    BOOST_TEST(
        test::wait_until([&] { return between->output() != kept_back; }));
    // Makes the row that the daemon is making.
    node.snatctl(add("r1"));
    BOOST_TEST(node.snatctl("get Router r1 state") == "active");
}

BOOST_FIXTURE_TEST_CASE(former_router_port_shows_nothing, Written)
{
    wire();
    node.vsctl("remove Interface sg-r1 external_ids snat-router");
    node.wait_for("! ovs-vsctl get Interface sg-r1 external_ids | grep -E "
                  "'snat-(state|error|change)'");
    node.vsctl("set Interface sg-r1 external_ids:snat-router=r1");
    node.vsctl("wait-until Interface sg-r1 external_ids:snat-state=active");
    BOOST_TEST(node.vsctl("get Interface sg-r1 external_ids:snat-change")
               == "\"3\"");
}

BOOST_FIXTURE_TEST_CASE(keeps_status_off_other_rows, Written)
{
    node.vsctl("add-port br-int other -- set Interface other "
               "external_ids:snat-state=active external_ids:mine=1");
    node.wait_for("test \"$(ovs-vsctl get Interface other external_ids)\" = "
                  "'{mine=\"1\"}'");
}

BOOST_FIXTURE_TEST_CASE(impossible_change_numbers_are_ignored, Written)
{
    for (const std::string number : {"0", "9223372036854775807"}) {
        node.snatctl("create Change number=" + number
                     + " router=r1 cause=x state=undone finished_at=1");
    }
    stop();
    node.start_daemon();
    node.snatctl(add("r1"));
    BOOST_TEST(node.snatctl("get Router r1 change") == "1");
}

BOOST_AUTO_TEST_SUITE_END()
