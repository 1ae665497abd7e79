// What the daemon tells of its own work, and whether what is told of that is
// true.
#include "system/node.hh"
#include "system/text.hh"

#include <boost/test/unit_test.hpp>
#include <string>

using test::Node;

namespace {

constexpr const char *has_parser
    = "/usr/bin/python3 -c 'import prometheus_client'";

struct Watched {
    Node node;

    Watched()
    {
        node.snatctl("router-add r1 "
                     "-- --gateway=198.51.100.1 port-add r1 qg-r1 "
                     "198.51.100.10/24 -- port-add r1 sg-r1 10.0.0.1/24");
    }

    std::string
    metrics()
    {
        return node.appctl("metrics/show");
    }

    // A sample's value; the name is with its labels.
    std::string
    value(const std::string &sample)
    {
        for (const std::string &line : test::split(metrics(), '\n')) {
            if (line.starts_with(sample + " ")) {
                return line.substr(sample.size() + 1);
            }
        }
        return "";
    }

    void
    becomes(const std::string &line)
    {
        node.wait_for("ovs-appctl -t ovs-snatd metrics/show | grep -qxF "
                      + test::quoted(line));
    }

    static std::string
    changes(const std::string &cause, const std::string &outcome)
    {
        return "ovs_snat_changes_total{cause=\"" + cause + "\",outcome=\""
               + outcome + "\"}";
    }

    // Ends the daemon and starts it with further options.
    void
    restart(const std::string &options)
    {
        const auto pid = std::to_string(node.main_pid());
        node.appctl("exit");
        node.wait_for("! kill -0 " + pid);
        node.must("$SNATD_START " + options);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(metrics, Watched)

// The documentation, the dashboard and the alerts speak of what is there, and
// the format is as a strict reader wants it.
BOOST_AUTO_TEST_CASE(are_as_they_are_told)
{
    if (node.run(has_parser).status) {
        BOOST_TEST_MESSAGE("SKIPPED: python3-prometheus-client is not "
                           "installed");
        return;
    }
    node.wait_for("ovs-appctl -t ovs-snatd metrics/show | grep -q "
                  "'process=\"kernel\"'");
    node.must("ovs-appctl -t ovs-snatd metrics/show > /run/metrics && "
              "top_srcdir=" TOP_SRCDIR " " TOP_SRCDIR
              "/tests/monitoring /run/metrics");
}

BOOST_AUTO_TEST_CASE(a_router_that_comes_and_goes)
{
    BOOST_TEST(value("ovs_snat_routers{state=\"active\"}") == "1");
    BOOST_TEST(value("ovs_snat_ports{role=\"gateway\",wiring=\"veth\"}")
               == "1");
    BOOST_TEST(value("ovs_snat_nat_rules{kind=\"default\"}") == "1");
    BOOST_TEST(value(changes("edit", "committed")) == "1");
    BOOST_TEST(value("ovs_snat_change_duration_seconds_count{outcome="
                     "\"committed\"}")
               == "1");
    for (const std::string database : {"OVS_SNAT", "Open_vSwitch"}) {
        const std::string of = "{database=\"" + database + "\"}";
        BOOST_TEST(value("ovs_snat_database_connected" + of) == "1");
        BOOST_TEST(value("ovs_snat_configuration_lag" + of) == "0");
    }
    node.snatctl("router-del r1");
    BOOST_TEST(value("ovs_snat_routers{state=\"active\"}") == "0");
    BOOST_TEST(value("ovs_snat_ports{role=\"gateway\",wiring=\"veth\"}")
               == "0");
    BOOST_TEST(value(changes("edit", "committed")) == "2");
}

BOOST_AUTO_TEST_CASE(a_change_that_fails)
{
    node.appctl("fault/fail-step 2");
    node.run("ovs-snatctl --timeout=5 set Router_Port sg-r1 mtu=1400 "
             "networks=10.0.9.1/24");
    BOOST_TEST(value(changes("edit", "undone")) == "1");
    BOOST_TEST(value("ovs_snat_change_phase_duration_seconds_count{phase="
                     "\"undoing\"}")
               == "1");
    becomes(changes("retry", "committed") + " 1");
    becomes("ovs_snat_routers{state=\"active\"} 1");
}

BOOST_AUTO_TEST_CASE(a_row_that_is_refused)
{
    node.run("ovs-snatctl --timeout=5 set Router_Port sg-r1 "
             "networks=10.0.0.0/33");
    BOOST_TEST(value("ovs_snat_rows_refused{table=\"Router_Port\",state="
                     "\"failed\"}")
               == "1");
    BOOST_TEST(value("ovs_snat_routers{state=\"failed\"}") == "1");
}

BOOST_AUTO_TEST_CASE(what_is_spoilt_and_repaired)
{
    node.must("ip -n snat-r1 link set sg-r1 down");
    becomes(changes("drift", "committed") + " 1");
}

BOOST_AUTO_TEST_CASE(what_rules_translate)
{
    node.host("inside", "br-int", "ip=10.0.0.5/24 via=10.0.0.1");
    node.host("outside", "br-ex", "ip=198.51.100.1/24");
    node.snatctl("set Router r1 options:stats-interval=100");
    becomes("ovs_snat_routers_counted 1");
    node.must_in("inside", "ping -c 3 -i 0.1 -W 5 198.51.100.1");
    const std::string packets
        = "ovs-appctl -t ovs-snatd metrics/show | grep -q "
          "'^ovs_snat_translated_packets_total{direction=\"";
    node.wait_for(packets + "request\"} [1-9]'");
    node.wait_for(packets + "reply\"} [1-9]'");
}

BOOST_AUTO_TEST_CASE(a_database_that_goes_and_comes)
{
    const std::string of = "{database=\"OVS_SNAT\"}";
    node.must("kill $(cat $OVS_RUNDIR/ovs_snat_db.pid)");
    becomes("ovs_snat_database_connected" + of + " 0");
    node.must("ovsdb-server -vconsole:off --detach "
              "--remote=punix:$OVS_RUNDIR/ovs_snat_db.sock "
              "--unixctl=$OVS_RUNDIR/ovs_snat_db.ctl "
              "--pidfile=$OVS_RUNDIR/ovs_snat_db.pid $OVS_DBDIR/ovs_snat.db");
    becomes("ovs_snat_database_connected" + of + " 1");
    becomes("ovs_snat_database_reconnects_total" + of + " 1");
    BOOST_TEST(value("ovs_snat_database_reconnects_total{database="
                     "\"Open_vSwitch\"}")
               == "0");
}

// Both die; the next ones begin to count anew, and what is wired is adopted.
BOOST_AUTO_TEST_CASE(a_kernel_process_that_dies)
{
    const std::string started
        = "ovs_snat_process_start_time_seconds{process=\"kernel\"}";
    const std::string before = value(started);
    const auto main = std::to_string(node.main_pid());
    BOOST_TEST(before != "");
    node.kill_kernel();
    node.wait_for("! kill -0 " + main);
    node.start_daemon();
    becomes("ovs_snat_routers{state=\"active\"} 1");
    node.wait_for("ovs-appctl -t ovs-snatd metrics/show | grep -qF "
                  + test::quoted(started));
    BOOST_TEST(value(started) != before);
    BOOST_TEST(value(changes("edit", "committed")) == "0");
    BOOST_TEST(value(changes("start", "committed")) == "0");
    BOOST_TEST(value("ovs_snat_ports{role=\"gateway\",wiring=\"veth\"}")
               == "1");
}

// The numbers of what is not answered.
BOOST_AUTO_TEST_CASE(a_kernel_process_that_is_silent)
{
    const auto kernel = std::to_string(node.kernel_pid());
    node.must("kill -STOP " + kernel);
    node.wait_for("ovs-appctl -t ovs-snatd metrics/show | grep -q "
                  "'^ovs_snat_kernel_process_silence_seconds .*[1-9]'");
    node.must("kill -CONT " + kernel);
    becomes("ovs_snat_kernel_process_silence_seconds 0");
}

BOOST_AUTO_TEST_CASE(a_file_of_them)
{
    node.must("mkdir /run/metrics");
    restart("--metrics-file=/run/metrics/ovs-snat.prom --metrics-interval=1");
    node.wait_for("grep -qxF 'ovs_snat_routers{state=\"active\"} 1' "
                  "/run/metrics/ovs-snat.prom");
    BOOST_TEST(node.must("stat -c %a /run/metrics/ovs-snat.prom") == "644");
    BOOST_TEST(node.must("ls /run/metrics") == "ovs-snat.prom");
    BOOST_TEST(node.must("grep -e EOF -e UNIT /run/metrics/ovs-snat.prom "
                         "|| true")
               == "");
    if (node.run(has_parser).status == 0) {
        node.must("/usr/bin/python3 -c 'from prometheus_client import parser; "
                  "list(parser.text_string_to_metric_families("
                  "open(\"/run/metrics/ovs-snat.prom\").read()))'");
    }
    node.snatctl("set Router r1 enabled=false");
    node.wait_for("grep -qxF 'ovs_snat_routers{state=\"disabled\"} 1' "
                  "/run/metrics/ovs-snat.prom");
    // A signal is as orderly an end as "exit".
    const auto pid = std::to_string(node.main_pid());
    node.must("kill " + pid);
    node.wait_for("! kill -0 " + pid);
    BOOST_TEST(node.must("ls /run/metrics") == "");
}

// A daemon that stands by says nothing in the other's file, until it is its.
BOOST_AUTO_TEST_CASE(a_file_of_two_daemons)
{
    const std::string file = "/run/metrics/ovs-snat.prom";
    node.must("mkdir /run/metrics /run/second");
    restart("--metrics-file=" + file + " --metrics-interval=3600");
    node.wait_for("test -s " + file);
    const std::string written = node.must("cksum " + file);
    node.must("OVS_RUNDIR=/run/second ovs-snatd -vconsole:off --detach "
              "--pidfile=/run/second/pid --log-file=/run/second/log "
              "--unixctl=/run/second/ctl "
              "--snat-db=unix:$OVS_RUNDIR/ovs_snat_db.sock "
              "--ovs-db=unix:$OVS_RUNDIR/db.sock --metrics-file="
              + file + " --metrics-interval=1");
    node.wait_for("grep -q 'standing by' /run/second/log");
    node.must("ovs-appctl -t /run/second/ctl metrics/show | "
              "grep -qxF 'ovs_snat_ready 0'");
    BOOST_TEST(node.must("cksum " + file) == written);
    node.appctl("exit");
    node.wait_for("grep -qxF 'ovs_snat_routers{state=\"active\"} 1' " + file);
    node.must("ovs-appctl -t /run/second/ctl exit");
    node.wait_for("! test -e " + file);
}

// As of a daemon that has taken over meanwhile.
BOOST_AUTO_TEST_CASE(a_file_that_is_anothers_by_now)
{
    const std::string file = "/run/metrics/ovs-snat.prom";
    node.must("mkdir /run/metrics");
    restart("--metrics-file=" + file + " --metrics-interval=3600");
    node.wait_for("test -s " + file);
    node.must("cp " + file + " /run/other && mv /run/other " + file);
    const auto pid = std::to_string(node.main_pid());
    node.appctl("exit");
    node.wait_for("! kill -0 " + pid);
    BOOST_TEST(node.must("ls /run/metrics") == "ovs-snat.prom");
}

// It is told, and harms nothing; and the file comes when it can.
BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_written)
{
    restart("--metrics-file=/run/none/ovs-snat.prom --metrics-interval=1");
    node.snatctl("set Router_Port sg-r1 mtu=1400");
    node.wait_for("grep -q 'the metrics file /run/none/ovs-snat.prom is not "
                  "renewed: cannot make .*: No such file' "
                  "$OVS_LOGDIR/ovs-snatd.log");
    node.must("mkdir /run/none");
    node.wait_for("test -s /run/none/ovs-snat.prom");
    restart("--metrics-interval=1");
    BOOST_TEST(node.must("ls /run/none") == "");
    for (const std::string wrong : {"0", "3601", "soon", "-1", ""}) {
        const auto told
            = node.run("ovs-snatd --metrics-file=/run/x --metrics-interval='"
                       + wrong + "' 2>&1");
        BOOST_TEST(told.status == 1);
        BOOST_TEST(test::holds(told.out, "expected 1 to 3600 seconds"),
                   told.out);
    }
}

BOOST_AUTO_TEST_SUITE_END()
