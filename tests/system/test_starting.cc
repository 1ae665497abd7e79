// How ovs-snatd ends when it cannot start, and that it says why: the section
// EXIT STATUS of ovs-snatd(8).
#include "system/node.hh"
#include "system/text.hh"

#include <boost/test/unit_test.hpp>
#include <string>

using test::holds;
using test::Node;

namespace {

struct Beside_another : Node {
    // Of one that stands in the foreground until it ends by itself.
    void
    says(int status, const std::string &words, const std::string &command)
    {
        const auto told = run("timeout 20 " + command + " 2>&1");
        BOOST_TEST(told.status == status, command << ": " << told.out);
        BOOST_TEST(holds(told.out, words), command << ": " << told.out);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(starting, Beside_another)

BOOST_AUTO_TEST_CASE(asked_what_it_is)
{
    says(0, "usage: ovs-snatd", "ovs-snatd --help");
    says(0, "ovs-snatd 0.", "ovs-snatd --version");
}

BOOST_AUTO_TEST_CASE(options_that_cannot_be)
{
    says(1, "unrecognized option '--nonsense'", "ovs-snatd --nonsense");
    says(1, "unexpected argument foo", "ovs-snatd foo");
    says(1, "expected 1 to 3600 seconds", "ovs-snatd --metrics-interval=0");
}

BOOST_AUTO_TEST_CASE(remotes_of_no_kind)
{
    const std::string right
        = "is no remote of a database: expected unix:FILE, tcp:ADDRESS:PORT "
          "or ssl:ADDRESS:PORT";
    says(1, "--ovs-db=foo: \"foo\" " + right, "ovs-snatd --ovs-db=foo");
    says(1, "\"foo:1\" " + right,
         "ovs-snatd --snat-db=tcp:127.0.0.1:6641,foo:1");
    says(1, "--snat-db=: expected the remote of a database",
         "ovs-snatd --snat-db=");
}

BOOST_AUTO_TEST_CASE(namespaces_of_no_directory)
{
    says(1,
         "--netns-dir=/nope: No such file or directory: expected the "
         "directory of named network namespaces",
         "ovs-snatd --netns-dir=/nope");
    says(1, "--netns-dir=/etc/passwd: it is no directory",
         "ovs-snatd --netns-dir=/etc/passwd");
}

// After a boot nobody has made it yet.
BOOST_AUTO_TEST_CASE(the_usual_directory_is_made)
{
    appctl("exit");
    wait_for("test ! -e $OVS_RUNDIR/ovs-snatd.pid");
    must("rmdir /run/netns");
    must("$SNATD_START");
    snatctl("router-add r1 -- port-add r1 sg-r1 10.0.1.1/24");
    must("test -e /run/netns/snat-r1");
}

BOOST_AUTO_TEST_CASE(a_user)
{
    says(1, "must be started as root",
         "setpriv --reuid=nobody --clear-groups $(command -v ovs-snatd)");
}

BOOST_AUTO_TEST_CASE(one_runs_already)
{
    says(1, "already running as pid", "ovs-snatd --pidfile");
}

BOOST_AUTO_TEST_CASE(it_is_told_to_end)
{
    const auto main = std::to_string(main_pid());
    appctl("exit");
    wait_for("! kill -0 " + main);
    must("ovs-snatd --unixctl=/run/second.ctl --log-file=/dev/null "
         "-vconsole:off & second=$!; "
         "until ovs-appctl -t /run/second.ctl exit 2> /dev/null; do "
         "kill -0 $second || break; sleep 0.05; done; wait $second");
    const auto told
        = run("ovs-snatd -vconsole:off --pidfile=/run/third.pid & third=$!; "
              "until test -s /run/third.pid; do kill -0 $third || break; "
              "sleep 0.05; done; kill $third; wait $third");
    BOOST_TEST(told.status == 128 + 15);
    must("test ! -e /run/third.pid");
}

BOOST_AUTO_TEST_SUITE_END()
