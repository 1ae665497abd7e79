// ovs-snat-ctl(8): what it says to what cannot be done, and its exit status;
// what it does is for tests/package.
#include "system/node.hh"
#include "system/text.hh"

#include <boost/test/unit_test.hpp>
#include <string>

using test::holds;
using test::Node;

namespace {

struct Cared_for : Node {
    // In its own words only, one line of them.
    void
    says(int status, const std::string &words, const std::string &command)
    {
        const auto told = run("ovs-snat-ctl " + command);
        BOOST_TEST(told.status == status, command << ": " << told.err);
        BOOST_TEST(told.err == "ovs-snat-ctl: " + words + "\n",
                   command << ": " << told.err);
    }

    void
    stop_database()
    {
        must("ovs-snat-ctl stop-db");
    }
};

const std::string see = "; see ovs-snat-ctl --help";

} // namespace

BOOST_FIXTURE_TEST_SUITE(care, Cared_for)

BOOST_AUTO_TEST_CASE(words_that_mean_nothing)
{
    says(2, "expected a command" + see, "");
    says(2, "unknown command \"foo\"" + see, "foo");
    says(2, "status: unexpected argument \"extra\"" + see, "status extra");
    says(2, "backup: unexpected argument \"b\"" + see, "backup /run/a b");
    says(2, "backup: expected the name of a file" + see, "backup");
    says(2, "restore: expected the name of a file" + see, "restore ''");
    must("test ! -e /run/a");
    BOOST_TEST(holds(must("ovs-snat-ctl --help"), "restore FILE"));
}

BOOST_AUTO_TEST_CASE(files_that_cannot_be)
{
    says(1,
         "cannot write /nope/x: /nope is no directory that can be written to",
         "backup /nope/x");
    says(1, "/run is a directory: expected the name of a file", "backup /run");
    says(1, "cannot read /nope: expected a file that backup has made",
         "restore /nope");
    says(1,
         "/etc/passwd is no backup of the database OVS_SNAT: expected a file "
         "that backup has made",
         "restore /etc/passwd");
    says(1,
         "/run/openvswitch/db/conf.db is no backup of the database OVS_SNAT: "
         "expected a file that backup has made",
         "restore /run/openvswitch/db/conf.db");
}

BOOST_AUTO_TEST_CASE(there_and_back)
{
    snatctl("router-add r1");
    must("ovs-snat-ctl backup /run/kept");
    BOOST_TEST(must("stat -c %a /run/kept") == "600");
    must("test ! -e /run/kept.part");
    snatctl("router-del r1");
    must("ovs-snat-ctl restore /run/kept");
    BOOST_TEST(must("ovs-snatctl router-list") == "r1");
}

BOOST_AUTO_TEST_CASE(no_server)
{
    must("ovs-snat-ctl status");
    stop_database();
    const auto told = run("ovs-snat-ctl status");
    BOOST_TEST(told.status == 3);
    BOOST_TEST(holds(told.out, "the database server does not run"));
    for (const std::string command :
         {"backup /run/x", "restore $OVS_DBDIR/ovs_snat.db", "compact-db"}) {
        says(1,
             "the database server does not run: start it by 'ovs-snat-ctl "
             "start-db'",
             command);
    }
    must("test ! -e /run/x");
}

BOOST_AUTO_TEST_SUITE_END()
