// Many routers, and more edits than anybody can follow.
#include "system/node.hh"
#include "system/text.hh"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <string>

using test::Node;
using namespace std::chrono_literals;

namespace {

constexpr double unnoticed_ms = 100;

// Of a process, in kilobytes: "VmRSS" at present, "VmHWM" at the most so far.
int
memory(Node &node, const char *which, pid_t pid)
{
    return std::stoi(node.must("sed -n 's/^" + std::string{which}
                               + ":[^0-9]*\\([0-9]*\\).*/\\1/p' /proc/"
                               + std::to_string(pid) + "/status"));
}

// Milliseconds that half of the changes took at the most, by what flood.py
// prints of 'which'.
double
median(const std::string &told, const std::string &which)
{
    const std::string words = "half within ";
    const auto at = told.find(words, told.find(which + ": "));
    return std::stod(told.substr(at + words.size()));
}

std::string
add(const std::string &router, const std::string &network)
{
    return " -- router-add " + router + " -- --bridge=br-int port-add "
           + router + " sg-" + router + " " + network;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(bounds, Node)

// The last edit wins, none is lost, and nothing grows with their number.
BOOST_AUTO_TEST_CASE(a_hundred_thousand_edits)
{
    snatctl(add("loud", "10.0.0.1/24") + add("quiet", "10.1.0.1/24"));
    const pid_t processes[] = {main_pid(), kernel_pid()};
    std::vector<int> before;
    for (const pid_t pid : processes) {
        before.push_back(memory(*this, "VmRSS", pid));
    }
    const auto told
        = must(test::quoted(TOP_SRCDIR "/tests/system/flood.py")
                   + " $OVS_RUNDIR/ovs_snat_db.sock sg-loud sg-quiet 100000",
               100s);
    BOOST_TEST_MESSAGE(told);
    // 99,999 = 399 * 250 + 249.
    wait_for("ip -n snat-loud address show sg-loud | grep -q 10.0.149.250/24");
    snatctl("wait-until Router loud state=active");
    for (size_t i = 0; i < before.size(); i++) {
        BOOST_TEST(memory(*this, "VmHWM", processes[i]) < before[i] + 20000);
        BOOST_TEST(memory(*this, "VmRSS", processes[i]) < before[i] + 10000);
    }
    // By number, for old ones are gone; the quiet router has some.
    const auto changes = std::stoi(snatctl("get Router loud change"));
    BOOST_TEST(changes > 2);
    BOOST_TEST(changes < 2000);
    // What takes but a few milliseconds may well take three times as many on a
    // machine that has more to do.
    BOOST_TEST(median(told, "flood")
               < std::max(3 * median(told, "quiet"), unnoticed_ms));
    BOOST_TEST(appctl("limits/show").find("waiting for their turn: 0")
               != std::string::npos);
}

struct Two_hundred : Node {
    Two_hundred()
    {
        std::string words;
        for (int i = 0; i < 200; i++) {
            const std::string n = std::to_string(i);
            words += add("r" + n, "10." + n + ".0.1/24");
        }
        must("ovs-snatctl --timeout=60" + words, 70s);
    }

    void
    end_daemon()
    {
        const auto pid = std::to_string(main_pid());
        appctl("exit");
        wait_for("! kill -0 " + pid);
    }

    void
    wait_until_adopted(test::Timeout timeout)
    {
        wait_for("test $(ovs-appctl -t ovs-snatd router/list | "
                 "grep -c active) -eq 200",
                 timeout);
    }
};

// Adopted as they are: nothing is written to the databases, nor is a packet
// lost.
BOOST_FIXTURE_TEST_CASE(two_hundred_routers_are_adopted, Two_hundred)
{
    host("left", "br-int", "ip=10.1.0.5/24 via=10.1.0.1");
    must_in("left", "ping -c 1 -W 5 10.1.0.1");
    const auto ping = start_in("left", "exec ping -i 0.02 -c 200 10.1.0.1");
    const std::string written
        = must("cksum $OVS_DBDIR/ovs_snat.db $OVS_DBDIR/conf.db");
    end_daemon();
    start_daemon();
    wait_until_adopted(60s);
    const auto told = ping->finish();
    BOOST_TEST(told.out.find(" 0% packet loss") != told.out.npos, told.out);
    BOOST_TEST(must("cksum $OVS_DBDIR/ovs_snat.db $OVS_DBDIR/conf.db")
                   == written,
               must("tail -n 4 $OVS_DBDIR/ovs_snat.db $OVS_DBDIR/conf.db"));
}

// Nor to the kernel: namespaces are looked at, and no more.  To trace each
// call takes so long on a busy machine that the daemon may say in the rows how
// late the kernel process is, and so this is a test of its own.
BOOST_FIXTURE_TEST_CASE(two_hundred_routers_are_looked_at, Two_hundred)
{
    end_daemon();
    const auto trace
        = start("exec strace -f --seccomp-bpf -o /run/calls -s 64 -e "
                "trace=sendto,sendmsg,mount,umount2,move_mount,unshare,openat "
                "$SNATD_START");
    wait_until_adopted(180s);
    const auto looks = std::stoi(must("grep -c RTM_GETLINK /run/calls"));
    BOOST_TEST(looks >= 200);
    const auto sysctls = std::stoi(
        must("grep -c 'net/ipv4/ip_forward.*O_RDONLY' /run/calls"));
    BOOST_TEST(sysctls >= 200);
    const auto writes
        = run("grep -E 'RTM_(NEW|DEL|SET)|NFT_MSG_(NEW|DEL)|mount\\(|"
              "umount2\\(|unshare\\(|\"sys/.*O_(WRONLY|RDWR)' /run/calls");
    BOOST_TEST(writes.out == "");
    // Nothing was changed, and no change was written down.
    BOOST_TEST(appctl("metrics/show")
                   .find("ovs_snat_changes_total{cause=\"start\",outcome="
                         "\"committed\"} 0")
               != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
