// ovs-snat-bugtool(8): what is in its archive, and what is not, whatever of
// the node still runs.
#include "system/node.hh"
#include "system/text.hh"

#include <boost/test/unit_test.hpp>
#include <string>

using test::holds;
using test::Node;
using namespace std::chrono_literals;

namespace {

const std::string in_archive = "/run/got/*/";

// Routers of both doors, with rules and both families, and one that fails.
struct Rich_node {
    Node node;

    Rich_node()
    {
        node.host("inside", "br-int", "ip=10.0.0.5/24 via=10.0.0.1");
        node.snatctl(
            "-- router-add r1 -- --bridge=br-ex "
            "--gateway=198.51.100.1,2001:db8::1 port-add r1 qg-r1 "
            "198.51.100.10/24 2001:db8::10/64 -- --bridge=br-int port-add r1 "
            "sg-r1 10.0.0.1/24 2001:db8:1::1/64 "
            "-- nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.5 "
            "-- nat-add r1 dnat 198.51.100.10 10.0.0.6 tcp 80 8080 "
            "-- route-add r1 203.0.113.0/24 198.51.100.2 "
            "-- set Router r1 external_ids:owner=alice");
        node.vsctl("add-port br-ex qg-demo -- set Interface qg-demo "
                   "type=internal external_ids:snat-router=demo "
                   "external_ids:snat-networks=198.51.100.11/24 "
                   "external_ids:owner=alice -- add-port br-ex stranger "
                   "-- set Interface stranger type=internal");
        node.vsctl("wait-until Interface qg-demo "
                   "external_ids:snat-state=active");
        node.snatctl("set SNAT_Global . options:retry-initial=600000 "
                     "options:retry-max=600000");
        node.appctl("fault/fail-step 3");
        BOOST_TEST(node.run("ovs-snatctl -- router-add broken -- "
                            "--bridge=br-ex port-add broken qg-broken "
                            "198.51.100.12/24")
                       .status
                   != 0);
        node.must_in("inside", "ping -c 1 -W 5 10.0.0.1");
    }

    std::string
    gather(const std::string &options = "")
    {
        node.must("rm -rf /run/got /run/bug.tar.gz && mkdir /run/got");
        const auto told = node.must(
            "ovs-snat-bugtool --output=/run/bug.tar.gz " + options, 100s);
        node.must("tar xzf /run/bug.tar.gz -C /run/got");
        return told;
    }

    std::string
    file(const std::string &name)
    {
        return node.must("cat " + in_archive + name);
    }

    // Why a file is missing, as the manifest says.
    std::string
    error(const std::string &name)
    {
        return node.must("python3 -c 'import glob, json; print(*(f.get("
                         "\"error\") for f in json.load(open(glob.glob(\""
                         + in_archive
                         + "manifest.json\")[0]))[\"files\"] if f[\"file\"] "
                           "== \""
                         + name + "\"))'");
    }

    std::string
    grep(const std::string &words)
    {
        return node.run("grep -rwlE '" + words + "' /run/got").out;
    }

    std::string
    leaks()
    {
        return node.must(TOP_SRCDIR "/tests/system/leaks.py /run/bug.tar.gz");
    }

    // With the process of a pid file killed, or stopped.
    void
    send(const std::string &signal, const std::string &pidfile)
    {
        const auto pid = node.must("cat $OVS_RUNDIR/" + pidfile);
        node.must("kill -" + signal + " " + pid);
        if (signal == "KILL") {
            node.wait_for("! kill -0 " + pid);
        }
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(bugtool)

BOOST_FIXTURE_TEST_CASE(has_all_and_tells_no_address, Rich_node)
{
    const auto told = gather();
    BOOST_TEST(holds(told, "/run/bug.tar.gz: "), told);
    BOOST_TEST(holds(told, "Look at it before you send it: tar tzf"), told);
    BOOST_TEST(!holds(told, "could not be gathered"), told);
    BOOST_TEST(node.must("stat -c %a /run/bug.tar.gz") == "600");
    BOOST_TEST(holds(file("daemon/router-list.txt"), "broken"));
    BOOST_TEST(holds(file("daemon/changes/3.txt"), "undone"));
    BOOST_TEST(holds(file("daemon/plans/broken.txt"), "namespace"));
    BOOST_TEST(holds(file("database/OVS_SNAT.txt"), "\nNAT: 2 rows\n"));
    BOOST_TEST(holds(file("switch/rows.txt"), "qg-demo"));
    BOOST_TEST(holds(file("namespaces/snat-r1/nftables.txt"),
                     "comment \"dnat_and_snat "));
    BOOST_TEST(holds(file("namespaces/snat-r1/sysctls.txt"),
                     "/proc/sys/net/ipv4/ip_forward:1\n"));
    for (const std::string name :
         {"addresses", "links", "routes-4", "routes-6", "rules-4", "rules-6",
          "neighbours", "conntrack", "snmp"}) {
        BOOST_TEST(!file("namespaces/snat-r1/" + name + ".txt").empty());
    }
    BOOST_TEST(holds(file("logs/ovs-snatd.log"), "router broken: change 3"));
    BOOST_TEST(holds(file("logs/ovs-vswitchd.log"), "datapath ID 0000"));
    BOOST_TEST(holds(file("processes/ovs-snatd.txt"), "VmRSS"));
    BOOST_TEST(holds(file("versions/ovs-snatd.txt"), "ovs-snatd"));
    BOOST_TEST(leaks() == "");
    BOOST_TEST(grep("alice|stranger")
               == node.must("ls " + in_archive + "logs/ovs-vswitchd.log")
                      + "\n");
}

BOOST_FIXTURE_TEST_CASE(addresses_stay_on_demand, Rich_node)
{
    BOOST_TEST(
        holds(gather("--no-redact"), "Addresses are as they are in it"));
    BOOST_TEST(holds(file("daemon/router-show.txt"), "198.51.100.10/24"));
    BOOST_TEST(holds(file("database/OVS_SNAT.txt"), "alice"));
    BOOST_TEST(leaks() != "");
}

BOOST_FIXTURE_TEST_CASE(names_go_on_demand, Rich_node)
{
    gather("--redact-names --map=/run/map --silent");
    BOOST_TEST(leaks() == "");
    BOOST_TEST(grep("(snat-|[qs]g-)?(r1|demo|broken)|br-ex|br-int|stranger")
               == "");
    BOOST_TEST(node.must("stat -c %a /run/map") == "600");
    node.must("grep -q '\"198.51.100.10\": \"' /run/map && "
              "grep -q '\"demo\": \"router-' /run/map");
}

BOOST_FIXTURE_TEST_CASE(one_router, Rich_node)
{
    gather("--router=r1");
    BOOST_TEST(node.must("cd " + in_archive + "namespaces && ls -d snat-*")
               == "snat-r1");
    BOOST_TEST(!holds(file("daemon/router-show.txt"), "demo"));
    BOOST_TEST(holds(file("daemon/nat-stats/r1.txt"), "dnat_and_snat"));
    BOOST_TEST(holds(gather("--router=nobody"),
                     "there is no namespace snat-nobody, and nobody knows a "
                     "router nobody"));
    gather("--max-namespaces=1");
    BOOST_TEST(node.must("ls -d " + in_archive + "namespaces/snat-* | wc -l")
               == "1");
}

BOOST_FIXTURE_TEST_CASE(the_daemon_is_dead, Rich_node)
{
    node.kill_main();
    const auto told = gather();
    BOOST_TEST(told.starts_with("ovs-snatd does not run\n"), told);
    BOOST_TEST(holds(told, "could not be gathered"), told);
    BOOST_TEST(holds(told, "as of processes/ovs-snatd.txt: process "), told);
    BOOST_TEST(holds(told, ", of the pid file, does not run\n"), told);
    BOOST_TEST(error("daemon/router-list.txt") == "exit status 1");
    BOOST_TEST(holds(file("database/OVS_SNAT.txt"), "dnat_and_snat"));
    BOOST_TEST(holds(file("namespaces/snat-demo/links.txt"), "qg-demo"));
    BOOST_TEST(leaks() == "");
}

BOOST_FIXTURE_TEST_CASE(the_daemon_hangs, Rich_node)
{
    send("STOP", "ovs-snatd.pid");
    const auto told = gather();
    BOOST_TEST(told.starts_with("ovs-snatd, process "), told);
    BOOST_TEST(holds(told, ", does not answer\n"), told);
    BOOST_TEST(holds(error("daemon/router-list.txt"),
                     "not asked: ovs-snatd has not answered"));
    BOOST_TEST(holds(file("processes/ovs-snatd.txt"), "T (stopped)"));
    BOOST_TEST(holds(file("namespaces/snat-r1/links.txt"), "qg-r1"));
    send("CONT", "ovs-snatd.pid");
}

BOOST_FIXTURE_TEST_CASE(the_databases_are_gone, Rich_node)
{
    send("KILL", "ovs_snat_db.pid");
    send("KILL", "ovsdb-server.pid");
    const auto told = gather();
    for (const std::string server :
         {"OVS_SNAT at unix:/run/openvswitch/ovs_snat_db.sock",
          "Open_vSwitch at unix:/run/openvswitch/db.sock"}) {
        BOOST_TEST(
            holds(told, "the database " + server + " does not answer\n"),
            told);
    }
    BOOST_TEST(error("database/OVS_SNAT.txt") != "None");
    BOOST_TEST(error("switch/rows.txt") != "None");
    BOOST_TEST(holds(file("daemon/router-list.txt"), "broken"));
    BOOST_TEST(holds(file("namespaces/snat-r1/nftables.txt"), "ovs_snat"));
    BOOST_TEST(grep("198[.]51[.]100[.][0-9]+|10[.]0[.]0[.][0-9]+") == "");
}

BOOST_FIXTURE_TEST_CASE(exit_statuses, Node)
{
    const auto says = [this](int status, const std::string &words,
                             const std::string &options) {
        const auto told = run("ovs-snat-bugtool " + options);
        BOOST_TEST(told.status == status, options << ": " << told.err);
        BOOST_TEST(holds(told.err + told.out, words), told.err);
    };
    must("echo mine > /run/taken && ln -s /run/nowhere /run/link");
    says(1, "File exists: '/run/taken'", "--output=/run/taken");
    BOOST_TEST(must("cat /run/taken") == "mine");
    says(1, "no archive was made", "--output=/run/link");
    says(1, "No such file", "--output=/run/no/such/folder");
    says(1, "File exists: '/run/taken'", "--map=/run/taken --output=/run/new");
    must("test ! -e /run/new && test ! -e /run/nowhere");
    must("! ovs-snat-bugtool --map=/run/taken --output=- > /run/nothing");
    must("test ! -s /run/nothing");
    says(1, "File exists: '/run/taken'", "--map=/run/new --output=/run/taken");
    must("test ! -e /run/new");
    says(2, "expected a file for one of them", "--output=- --map=-");
    says(2, "unrecognized arguments: --nonsense", "--nonsense");
    says(2, "is no name of a router", "--router=../../etc");
    says(2, "is no number from 1", "--max-namespaces=0");
    says(2, "nothing for --redact-names", "--no-redact --redact-names");
    says(2, "--list writes nothing", "--list --output=/run/new");
    says(0, "daemon/router-list.txt: ovs-appctl -t ovs-snatd router/list",
         "--list");
    says(0, "ovs-snat-bugtool (ovs-snat) 0.", "--version");
    must("ovs-snat-bugtool --output=- | tar tz | grep -q manifest.json");
    must("cd /run && mkdir other && TMPDIR=/run/other ovs-snat-bugtool -y && "
         "tar tzf other/ovs-snat-bugtool-*.tar.gz | grep -q manifest.json");
}

// Anybody who can write to the database gives names.
BOOST_FIXTURE_TEST_CASE(names_are_neither_paths_nor_options, Node)
{
    snatctl("--no-wait create Router 'name=\"../../../x\"' "
            "-- create Router 'name=\"--help\"'");
    const auto told = must("ovs-snat-bugtool --list");
    BOOST_TEST(!holds(told, ".."), told);
    BOOST_TEST(!holds(told, "--help"), told);
}

BOOST_AUTO_TEST_SUITE_END()
