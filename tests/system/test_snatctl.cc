// How ovs-snatctl ends, and in which words.
#include "system/undone.hh"

#include <boost/test/unit_test.hpp>
#include <string>
#include <utility>

using test::holds;
using test::Undone;

namespace {

struct Ended : Undone {
    // Ends so, and says these words on either output.
    void
    ends(int status, const std::string &arguments, const std::string &words)
    {
        const auto told = node.run("ovs-snatctl " + arguments);
        BOOST_TEST(told.status == status,
                   arguments << ": " << told.status << ": " << told.err);
        BOOST_TEST(holds(told.out + told.err, words),
                   arguments << " says: " << told.out << told.err);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(snatctl)

BOOST_FIXTURE_TEST_CASE(what_it_ends_with, Ended)
{
    // 0: all is as it was asked for.
    ends(0, create(), "");
    ends(0, "--may-exist router-add r1", "");
    ends(0, "--if-exists router-del nobody", "");
    ends(0, "show", "router r1: active");
    // 1: nothing was written.
    ends(1, "", "missing command name");
    ends(1, "bogus", "unknown command 'bogus'");
    ends(1, "router-lst", "did you mean router-list?");
    ends(1, "port-add r1", "expected port-add ROUTER PORT [NETWORK]...");
    ends(1, "change-list nope", "no router named nope");
    ends(1, "confirm nope", "there is no router nope");
    ends(1, "confirm 99", "there is no change 99");
    ends(1, "confirm r1", "r1 does not wait to be confirmed");
    ends(0, "--help", "\"list\"");
    ends(1, "--bogus show", "unrecognized option '--bogus'");
    ends(1, "show r1 r1", "'show' command takes at most 1 arguments");
    ends(1, "--timeout=soon show", "expected a number of seconds from 1");
    ends(1, "router-add r1", "router r1 exists already");
    ends(1, "create Router name=r1", "identical values (r1)");
    ends(1, "set Router r1 enabled=maybe", "not a valid boolean");
    ends(1, "undo 99", "there is no change 99");
    BOOST_TEST(node.snatctl("router-list") == "r1");
    // 2: it was written, and did not come about.
    ends(2, "-- --bridge=nowhere port-add r1 sg-2 10.2.0.1/24",
         "the bridge \"nowhere\" does not exist");
    BOOST_TEST(node.snatctl("port-list r1") == "sg-2\nsg-r1");
    // 3: the time was over.
    const auto pid = std::to_string(node.main_pid());
    node.must("kill -STOP " + pid);
    ends(3, "--timeout=1 router-add r2", "does it run? (ovs-snat-ctl status)");
    ends(3, "--timeout=1 wait-until Router r2 state=active",
         "gave up after 1 s of waiting for what wait-until asks for");
    node.must("kill -CONT " + pid);
    BOOST_TEST(node.snatctl("router-list") == "r1\nr2");
}

BOOST_FIXTURE_TEST_CASE(no_database, Ended)
{
    ends(1, "--db=unix:/nowhere show",
         "unix:/nowhere cannot be used: No such file or directory: expected "
         "its server to run");
    ends(1, "--db=tcp:127.0.0.1:1 show", "Connection refused: expected");
    ends(1, "--db=nonsense show", "expected a remote such as unix:FILE");
    ends(1, "--db=unix:$OVS_RUNDIR/db.sock show",
         "expected a server with the database OVS_SNAT");
    is_refused("setpriv --reuid=65534 --clear-groups $(command -v "
               "ovs-snatctl) show",
               "Permission denied");
}

// Rows are told by what people call them.
BOOST_FIXTURE_TEST_CASE(no_raw_uuids, Ended)
{
    node.snatctl(create());
    for (const std::string command :
         {"create Router name=r1",
          "set Router r1 ports=01234567-89ab-cdef-0123-456789abcdef",
          "--dry-run -- --metric=7 --route-table=red --policy=src-ip "
          "route-add r1 10.9.0.0/24 10.0.0.9",
          "--dry-run router-del r1"}) {
        const auto told = node.run("ovs-snatctl " + command
                                   + " 2>&1 | grep -E '[0-9a-f]{8}(-[0-9a-f]"
                                     "{4}){3}-'");
        BOOST_TEST(told.out == "", command);
    }
    for (const std::string words :
         {"from 10.9.0.0/24 via 10.0.0.9 metric 7 in table red",
          "policy src-ip", "options {route-table=red}"}) {
        ends(0,
             "--dry-run --metric=7 --route-table=red --policy=src-ip "
             "route-add r1 10.9.0.0/24 10.0.0.9",
             words);
    }
}

BOOST_FIXTURE_TEST_CASE(options_of_rules, Ended)
{
    node.snatctl("router-add r1 -- port-add r1 qg-r1 198.51.100.10/24 -- "
                 "port-add r1 qg-2 198.51.101.11/24 -- "
                 "--gateway-port=qg-2 nat-add r1 snat 198.51.101.11 "
                 "10.0.0.6 -- --gateway-port=qg-r1 nat-add r1 snat "
                 "198.51.100.10 10.0.0.7");
    node.snatctl("--gateway-port=qg-2 nat-del r1 snat");
    BOOST_TEST(node.snatctl("--no-headings --format=csv "
                            "--columns=type,gateway_port nat-list r1")
               == "snat,qg-r1");
    ends(0,
         "port-del qg-2 -- --stateless nat-add r1 dnat_and_snat "
         "198.51.100.20 10.0.0.5",
         "");
    BOOST_TEST(node.snatctl("get NAT 198.51.100.20 options:stateless")
               == "\"true\"");
    ends(1, "--gateway-port=qg-2 nat-del r1 snat", "no such NAT rule");
    ends(0, "--if-exists --gateway-port=qg-2 nat-del r1 snat", "");
}

BOOST_FIXTURE_TEST_CASE(completion, Ended)
{
    const std::string complete
        = "source " TOP_SRCDIR "/utilities/ovs-snat-bashcomp.bash; "
          "COMP_WORDS=(ovs-snatctl ";
    const std::string show = "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); "
                             "_ovs_snatctl; printf '%s\\n' "
                             "\"${COMPREPLY[@]}\"";
    node.snatctl(create());
    for (const auto &[words, reply] : {std::pair{"gra", "graph"},
                                       {"--may", "--may-exist"},
                                       {"router-del r", "r1"},
                                       {"--if-exists port-del sg", "sg-r1"},
                                       {"nat-add r1 dnat_", "dnat_and_snat"},
                                       {"list Router_", "Router_Port"},
                                       {"show -- und", "undo"}}) {
        BOOST_TEST(node.must(complete + words + show) == reply, words);
    }
    // Others write rows, too: what they hold is offered, and never run.
    node.snatctl("--no-wait create Router "
                 "'name=\"$(touch${IFS}/run/ran;echo${IFS}x)\"' "
                 "-- create Router 'name=\"`touch /run/ran`\\u001b[7m\"'");
    const auto offered = node.must(complete + "router-del ''" + show
                                   + "; eval \": ${COMPREPLY[*]}\"; "
                                     "! test -e /run/ran");
    BOOST_TEST(holds(offered, R"(\$\(touch\$\{IFS\}/run/ran\;echo)"), offered);
    BOOST_TEST(!holds(offered, "\033"), offered);
}

BOOST_AUTO_TEST_SUITE_END()
