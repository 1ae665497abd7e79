// What the two processes may do, what they run, and what they tell.
#include "system/drill.hh"

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <regex>
#include <string>

using test::Door;
using test::Drilled;
using test::Kind;
using test::Node;

namespace {

// The line of /proc/PID/status that begins with 'key', without it.
std::string
status(Node &node, pid_t pid, const std::string &key)
{
    return node.must("sed -n 's/^" + key + ":[[:space:]]*//p' /proc/"
                     + std::to_string(pid) + "/status");
}

} // namespace

BOOST_AUTO_TEST_SUITE(privileges)

BOOST_AUTO_TEST_CASE(no_more_than_needed)
{
    Node node;
    const std::string none = "0000000000000000";
    for (const std::string set :
         {"CapEff", "CapPrm", "CapInh", "CapAmb", "CapBnd"}) {
        BOOST_TEST(status(node, node.main_pid(), set) == none, set);
    }
    BOOST_TEST(status(node, node.main_pid(), "NoNewPrivs") == "1");
    // CAP_NET_ADMIN, CAP_NET_RAW, CAP_SYS_ADMIN (linux/capability.h).
    const std::string three = "0000000000203000";
    BOOST_TEST(status(node, node.kernel_pid(), "CapEff") == three);
    BOOST_TEST(status(node, node.kernel_pid(), "CapPrm") == three);
    BOOST_TEST(status(node, node.kernel_pid(), "CapBnd") == none);
    BOOST_TEST(status(node, node.kernel_pid(), "NoNewPrivs") == "1");
}

// As by systemd: then the main process can live where no mount reaches the
// host, and needs no privileges from the first.
BOOST_AUTO_TEST_CASE(a_kernel_process_that_others_start)
{
    Node node;
    const auto main = std::to_string(node.main_pid());
    node.must("kill " + main);
    node.wait_for("! kill -0 " + main);
    const auto starter = node.start("exec " TOP_SRCDIR
                                    "/tests/system/inetd.py /run/kernel.sock "
                                    "ovs-snatd --kernel-process");
    node.wait_for("test -S /run/kernel.sock");
    const std::string start
        = "unshare --mount --propagation slave setpriv --bounding-set -all "
          "--inh-caps -all $SNATD_START --kernel-socket=/run/kernel.sock";
    node.must(start);
    int mtu = 1400;
    node.snatctl("router-add r1 -- --bridge=br-int port-add r1 sg-r1 "
                 "10.0.1.1/24");
    node.must("ip -n snat-r1 address show dev sg-r1 | grep -q 10.0.1.1/24");
    for (const std::string victim : {"both", "main", "kernel"}) {
        node.appctl("fault/crash-at-step 1 " + victim);
        const auto wanted = std::to_string(++mtu);
        node.run("ovs-snatctl --timeout=2 set Router_Port sg-r1 mtu="
                 + wanted);
        node.wait_for("! kill -0 $(cat $OVS_RUNDIR/ovs-snatd.pid)");
        node.must(start);
        node.wait_for("test $(ovs-snatctl get Router r1 state) = active && "
                      "ip -n snat-r1 -o link show sg-r1 | grep -q 'mtu "
                      + wanted + "'");
        node.must("test $(pgrep -c -x ovs-snatd-kern) -eq 1");
    }
    const auto missing
        = node.run("ovs-snatd --kernel-socket=/run/none.sock --log-file 2>&1");
    BOOST_TEST(missing.status != 0);
    BOOST_TEST(missing.out.find("connect to /run/none.sock")
               != std::string::npos);
}

BOOST_AUTO_TEST_CASE(no_program_is_run)
{
    Drilled drilled{{Door::snatctl, Kind::update, "internal"}};
    Node &node = drilled.node;
    const auto watch = node.start(
        "exec strace -f -e trace=execve,execveat,fork,vfork -o /run/calls -p "
        + std::to_string(node.main_pid()) + " -p "
        + std::to_string(node.kernel_pid()) + " 2> /run/watching");
    node.wait_for("test $(grep -c attached /run/watching) -ge 2");
    BOOST_TEST(drilled.edit());
    BOOST_TEST(drilled.take_back());
    node.snatctl("router-del r1");
    watch->signal(SIGINT);
    watch->finish();
    // It says that it let go of the threads, and nothing else.
    const auto calls = node.must("grep -e exec -e fork /run/calls || true");
    BOOST_TEST(calls == "");
}

// Names and numbers, but no addresses, whatever happens.
BOOST_AUTO_TEST_CASE(the_log_keeps_addresses_to_itself)
{
    Drilled drilled{{Door::snatctl, Kind::update, "veth", true}};
    Node &node = drilled.node;
    for (int n = 1; n < 20; n += 4) {
        node.appctl("fault/fail-step " + std::to_string(n));
        drilled.edit();
        drilled.take_back();
    }
    node.run("ovs-snatctl set Router_Port sg-r1 networks=198.51.100.7/33");
    node.snatctl("router-del r1");
    const auto log = node.daemon_log();
    BOOST_TEST(log.find("router r1") != log.npos);
    static const std::regex address{
        R"(\d+\.\d+\.\d+\.\d+|[0-9a-f]{2}(:[0-9a-f]{2}){5})"
        R"(|[0-9a-f]+:[0-9a-f]*::|2001:db8)"};
    std::smatch found;
    const bool shows = std::regex_search(log, found, address);
    BOOST_TEST(!shows, found.str());
}

BOOST_AUTO_TEST_SUITE_END()
