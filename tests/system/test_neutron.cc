// Routers that ovs-snatctl makes as Neutron tells its L3 agents.
#include "system/nat.hh"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <string>
#include <vector>

using test::holds;
using test::Nat_site;
using test::Output;
using namespace std::chrono_literals;

namespace {

const std::string r0 = "00000000-1111-4000-8000-000000000000";
const std::string r1 = "00000001-1111-4000-8000-000000000000";
const std::string r2 = "00000002-1111-4000-8000-000000000000";

using Edits = std::vector<std::string>; // See neutron_payload.py.

// The hosts inside have router 0 for their gateway.
const std::string inside = "r[0]['_snat_router_interfaces'][0]['fixed_ips'][0]"
                           "['ip_address'] = '10.0.0.1'";
const std::string floating_ip
    = "r[0]['_floatingips'] = [floating_ip('198.51.100.100', '10.0.0.5')]";
const std::string forward
    = "r[0]['_pf_floatingips'] = [floating_ip('198.51.100.101', None, "
      "port_forwardings=[forward('tcp', 8080, '10.0.0.6', 80)])]";

struct Site : Nat_site {
    void
    write_payload(int routers, const Edits &edits = {})
    {
        std::string command = TOP_SRCDIR "/tests/system/neutron_payload.py "
                              + std::to_string(routers);
        for (const auto &edit : edits) {
            command += " " + test::quoted(edit);
        }
        node.must(command + " > /run/payload");
    }

    Output
    run(const std::string &options = "")
    {
        return node.run("ovs-snatctl --timeout=100 --host=gw "
                        "--external-bridge=br-ex "
                            + options + " neutron-sync /run/payload",
                        120s);
    }

    // What it says it did.
    std::string
    sync(int routers, const Edits &edits = {}, const std::string &options = "")
    {
        write_payload(routers, edits);
        const auto told = run(options);
        BOOST_TEST(told.status == 0, told.err);
        return told.out;
    }

    void
    refuses(int routers, const Edits &edits, const std::string &words)
    {
        write_payload(routers, edits);
        const auto told = run();
        BOOST_TEST(told.status == 1);
        BOOST_TEST(told.out == "");
        BOOST_TEST(holds(told.err, words), told.err);
    }

    std::string
    rows()
    {
        std::string all;
        for (const std::string table :
             {"Router", "Router_Port", "NAT", "Static_Route"}) {
            all += node.snatctl("list " + table);
        }
        return all;
    }

    std::chrono::milliseconds
    time_of_second_run()
    {
        const auto start = std::chrono::steady_clock::now();
        BOOST_TEST(run().out
                   == "200 routers: 0 added, 0 changed, 0 removed, 200 as "
                      "they were\n");
        return std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - start);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(neutron, Site)

BOOST_AUTO_TEST_CASE(packets_go_as_neutron_says)
{
    answer("one", "80");
    answer("two", "80");
    BOOST_TEST(sync(1, {inside, floating_ip, forward})
               == "1 routers: 1 added, 0 changed, 0 removed, 0 as they "
                  "were\n");
    BOOST_TEST(call("two", "tcp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.10");
    BOOST_TEST(call("one", "tcp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.100");
    BOOST_TEST(call("outside", "udp 198.51.100.100 80")
               == "one:80 sees 198.51.100.1");
    BOOST_TEST(call("outside", "tcp 198.51.100.101 8080")
               == "two:80 sees 198.51.100.1");
    // The floating IP moves to the other host, and SNAT goes.
    BOOST_TEST(sync(1, {inside,
                        "r[0]['_floatingips'] = [floating_ip("
                        "'198.51.100.100', '10.0.0.6')]",
                        "r[0]['enable_snat'] = False"})
               == "1 routers: 0 added, 1 changed, 0 removed, 0 as they "
                  "were\n");
    BOOST_TEST(call("outside", "udp 198.51.100.100 80")
               == "two:80 sees 198.51.100.1");
    BOOST_TEST(holds(call("outside", "tcp 198.51.100.101 8080"), "no answer"));
    BOOST_TEST(holds(call("one", "tcp 198.51.100.1 80"), "no answer"));
}

BOOST_AUTO_TEST_CASE(devices_are_as_neutron_makes_them)
{
    sync(1);
    const auto links = node.must("ip -n snat-" + r0 + " -o link");
    BOOST_TEST(holds(links, "qg-000000a0-00"), links);
    BOOST_TEST(holds(links, "sg-000000b0-00"), links);
    BOOST_TEST(holds(links, "mtu 1450"), links);
    BOOST_TEST(holds(links, "fa:16:3e:a0:00:00"), links);
    BOOST_TEST(node.vsctl("get Interface qg-000000a0-00 external_ids:iface-id")
               == "\"000000a0-0000-4000-8000-000000000000\"");
    BOOST_TEST(node.vsctl("iface-to-br sg-000000b0-00") == "br-int");
    BOOST_TEST(sync(1, {}, "--bridge=br-ex")
               == "1 routers: 0 added, 1 changed, 0 removed, 0 as they "
                  "were\n");
    BOOST_TEST(node.vsctl("iface-to-br sg-000000b0-00") == "br-ex");
}

// No request at all: the messages to the server are counted on their way.
BOOST_AUTO_TEST_CASE(the_second_time_nothing_is_written)
{
    const auto between
        = node.start("exec " TOP_SRCDIR "/tests/system/slow.py /run/between "
                     "$OVS_RUNDIR/ovs_snat_db.sock transact 0");
    node.wait_for("test -S /run/between");
    const Edits edits{floating_ip, forward};
    sync(3, edits, "--db=unix:/run/between");
    BOOST_TEST(between->output()
               == "kept back transact\nkept back transact\n"
                  "kept back transact\n");
    const auto before = rows();
    BOOST_TEST(sync(3, edits, "--db=unix:/run/between")
               == "3 routers: 0 added, 0 changed, 0 removed, 3 as they "
                  "were\n");
    BOOST_TEST(between->output().size() == 3 * 19u);
    BOOST_TEST(rows() == before);
    // And one that differs is one.
    sync(3, {floating_ip, forward, "r[1]['gw_port']['mtu'] = 1400"},
         "--db=unix:/run/between");
    BOOST_TEST(between->output().size() == 4 * 19u);
}

// Its transaction is late, and what it wanted to change is changed.
BOOST_AUTO_TEST_CASE(somebody_else_edits_meanwhile)
{
    sync(1);
    const auto between
        = node.start("exec " TOP_SRCDIR "/tests/system/slow.py /run/between "
                     "$OVS_RUNDIR/ovs_snat_db.sock transact 1");
    node.wait_for("test -S /run/between");
    write_payload(1, {"r[0]['gw_port']['mtu'] = 1400"});
    const auto late = node.start(
        "ovs-snatctl --timeout=20 --db=unix:/run/between --host=gw "
        "--external-bridge=br-ex neutron-sync /run/payload");
    BOOST_REQUIRE(test::wait_until([&] { return between->output() != ""; }));
    node.snatctl("--no-wait set Router_Port qg-000000a0-00 mtu=1300 "
                 "options:wiring=veth");
    const auto told = late->finish();
    BOOST_TEST(told.status == 0, told.err);
    BOOST_TEST(told.out
               == "1 routers: 0 added, 1 changed, 0 removed, 0 as they "
                  "were\n");
    BOOST_TEST(between->output()
               == "kept back transact\nkept back transact\n");
    BOOST_TEST(node.snatctl("get Router_Port qg-000000a0-00 mtu "
                            "options:wiring")
               == "1400\nveth");
}

BOOST_AUTO_TEST_CASE(a_gateway_that_moves_away_leaves_nothing)
{
    node.snatctl("init");
    const auto before = node.snapshot();
    sync(2);
    BOOST_TEST(sync(2, {"r[0]['gw_port_host'] = 'elsewhere'",
                        "r[1]['gw_port'] = r[1]['gw_port_host'] = None"})
               == "2 routers: 0 added, 0 changed, 2 removed, 0 as they "
                  "were\n1 is for host elsewhere, not for gw (--host)\n");
    BOOST_TEST(node.is_as(before));
    BOOST_TEST(sync(2, {"r[0]['gw_port_host'] = 'gw1'",
                        "r[1]['gw_port_host'] = 'gw2'"})
               == "2 routers: 0 added, 0 changed, 0 removed, 0 as they "
                  "were\n2 are for other hosts (gw1, gw2), not for gw "
                  "(--host)\n");
}

BOOST_AUTO_TEST_CASE(routers_that_neutron_has_no_more)
{
    node.snatctl("router-add other");
    sync(3);
    BOOST_TEST(sync(1)
               == "1 routers: 0 added, 0 changed, 0 removed, 1 as they "
                  "were\n");
    BOOST_TEST(sync(1, {}, "--prune")
               == "3 routers: 0 added, 0 changed, 2 removed, 1 as they "
                  "were\n");
    BOOST_TEST(node.snatctl("router-list") == r0 + "\nother");
    node.wait_for("test ! -e /run/netns/snat-" + r2);
}

BOOST_AUTO_TEST_CASE(rows_of_others_are_left_alone)
{
    sync(1, {floating_ip});
    node.snatctl("-- --bridge=br-int port-add " + r0
                 + " sg-other 10.9.0.1/24 -- nat-add " + r0
                 + " snat 198.51.100.30 10.9.0.0/24 -- set Router " + r0
                 + " options:change-rate=5 -- set Router_Port sg-000000b0-00 "
                   "options:wiring=veth");
    const auto before = rows();
    BOOST_TEST(sync(1, {floating_ip})
               == "1 routers: 0 added, 0 changed, 0 removed, 1 as they "
                  "were\n");
    BOOST_TEST(rows() == before);
    BOOST_TEST(sync(1, {"r[0]['gw_port']['mtu'] = 1400"})
               == "1 routers: 0 added, 1 changed, 0 removed, 0 as they "
                  "were\n");
    BOOST_TEST(node.snatctl("get Router_Port sg-000000b0-00 options:wiring")
               == "veth");
    // What is ours goes, and with what is others' the router stays.
    BOOST_TEST(sync(0, {}, "--prune --no-wait")
               == "1 routers: 0 added, 1 changed, 0 removed, 0 as they "
                  "were\n");
    BOOST_TEST(node.snatctl("port-list " + r0) == "sg-other");
    BOOST_TEST(holds(node.snatctl("nat-list " + r0), "198.51.100.30"));
    BOOST_TEST(sync(0, {}, "--prune")
               == "1 routers: 0 added, 0 changed, 0 removed, 1 as they "
                  "were\n");
}

// What undo makes again lacks the mark, but not Neutron's UUIDs.
BOOST_AUTO_TEST_CASE(what_undo_made_again_is_taken)
{
    const std::string all_right
        = "1 routers: 0 added, 0 changed, 0 removed, 1 as they were\n";
    sync(1, {floating_ip});
    node.snatctl("router-del " + r0);
    node.snatctl("undo 2");
    node.snatctl("router-add other");
    BOOST_TEST(sync(1, {floating_ip})
               == "1 routers: 0 added, 1 changed, 0 removed, 0 as they "
                  "were\n");
    BOOST_TEST(sync(1, {floating_ip}) == all_right);
    node.snatctl("port-del sg-000000b0-00");
    node.snatctl("undo 4");
    sync(1, {floating_ip});
    BOOST_TEST(sync(1, {floating_ip}) == all_right);
    BOOST_TEST(sync(0, {}, "--prune")
               == "1 routers: 0 added, 0 changed, 1 removed, 0 as they "
                  "were\n");
    BOOST_TEST(node.snatctl("router-list") == "other");
}

BOOST_AUTO_TEST_CASE(names_of_others_are_refused)
{
    node.snatctl("router-add " + r1);
    auto before = rows();
    refuses(2, {}, "router " + r1 + " is there already");
    BOOST_TEST(rows() == before);
    node.snatctl("router-del " + r1
                 + " -- router-add mine -- "
                   "--bridge=br-int port-add mine sg-000001b0-00 10.9.0.1/24");
    before = rows();
    refuses(2, {}, "port sg-000001b0-00 is there already");
    BOOST_TEST(rows() == before);
}

BOOST_AUTO_TEST_CASE(a_wrong_payload_leaves_all_as_it_was)
{
    sync(2);
    const auto before = rows();
    refuses(3,
            {"r[2]['gw_port']['fixed_ips'][0]['ip_address'] = '198.51.100'"},
            "routers[2].gw_port.fixed_ips[0].ip_address: \"198.51.100\": "
            "expected an IPv4 or IPv6 address");
    refuses(3, {"r[0]['enable_snat'] = 'no'"},
            "routers[0].enable_snat: \"no\": expected true or false");
    node.must("truncate -s -3 /run/payload");
    const auto told = run();
    BOOST_TEST(told.status == 1);
    BOOST_TEST(holds(told.err, "not JSON"), told.err);
    BOOST_TEST(rows() == before);
}

BOOST_AUTO_TEST_CASE(what_the_daemon_refuses_is_told)
{
    write_payload(2, {"r[1]['gw_port']['fixed_ips'][0]['ip_address'] = "
                      "'198.51.100.255'"});
    const auto told = run();
    BOOST_TEST(told.status == 2);
    BOOST_TEST(holds(told.err, "router " + r1 + ": "), told.err);
    BOOST_TEST(holds(told.err, "broadcast"), told.err);
    BOOST_TEST(node.snatctl("get Router " + r0 + " state") == "active");
    // And it is a change as any other when it is right.
    sync(2);
    BOOST_TEST(node.snatctl("get Router " + r1 + " state") == "active");
}

BOOST_AUTO_TEST_CASE(a_dry_run_only_tells)
{
    node.snatctl("init");
    const auto before = rows();
    const auto told = sync(2, {floating_ip}, "--dry-run");
    BOOST_TEST(holds(told, "would insert Router " + r1), told);
    BOOST_TEST(holds(told, "would insert NAT dnat_and_snat 198.51.100.100"),
               told);
    BOOST_TEST(holds(told, "2 routers would be: 2 added"), told);
    BOOST_TEST(rows() == before);
    sync(2, {floating_ip});
    BOOST_TEST(sync(2, {floating_ip}, "--dry-run")
               == "2 routers would be: 0 added, 0 changed, 0 removed, 2 as "
                  "they were\n");
}

// And what is beside them stays.
BOOST_AUTO_TEST_CASE(routes_and_options_are_written)
{
    const Edits edits{
        "r[0]['routes'] = [{'destination': '10.7.0.0/16', 'nexthop': "
        "'10.0.0.9'}]",
        "r[0]['gw_port']['extra_subnets'] = [subnet('more', "
        "'203.0.113.0/24', None)]",
        "r[0]['conntrack_helpers'] = [{'protocol': 'tcp', 'port': 21, "
        "'helper': 'ftp'}]",
        "r[0]['gw_port']['address_scopes']['4'] = r[0]['id']"};
    sync(1, edits);
    const auto routes = node.snatctl("route-list " + r0);
    BOOST_TEST(holds(routes, "10.7.0.0/16"), routes);
    BOOST_TEST(holds(routes, "qg-000000a0-00"), routes);
    BOOST_TEST(node.snatctl("get Router " + r0 + " options:ct-helpers")
               == "\"ftp:21/tcp\"");
    BOOST_TEST(holds(node.snatctl("get Router_Port qg-000000a0-00 options"),
                     "\"4:" + r0 + "\""));
    node.snatctl("route-add " + r0 + " 10.8.0.0/16 10.0.0.9");
    BOOST_TEST(sync(1, edits)
               == "1 routers: 0 added, 0 changed, 0 removed, 1 as they "
                  "were\n");
    sync(1, {});
    const auto rest = node.snatctl("route-list " + r0);
    BOOST_TEST(!holds(rest, "10.7.0.0/16"), rest);
    BOOST_TEST(!holds(rest, "qg-000000a0-00"), rest);
    BOOST_TEST(holds(rest, "10.8.0.0/16"), rest);
    BOOST_TEST(node.snatctl("get Router " + r0 + " options") == "{}");
}

BOOST_AUTO_TEST_CASE(command_lines)
{
    is_refused("neutron-sync /run/nothing", "/run/nothing: No such file");
    is_refused("neutron-sync /run", "/run: Is a directory");
    is_refused("neutron-sync /dev/null -- router-add r9", "only command");
    is_refused("router-add r9 -- neutron-sync /dev/null", "only command");
    is_refused("--confirm=60 neutron-sync /dev/null", "--confirm");
    is_refused("neutron-sync - < /dev/null", "standard input: line 1");
    BOOST_TEST(node.snatctl("router-list") == "");
    write_payload(1, {"r[0]['gw_port_host'] = __import__('socket')"
                      ".gethostname()"});
    BOOST_TEST(node.must("ovs-snatctl --no-wait neutron-sync - < "
                         "/run/payload")
               == "1 routers: 1 added, 0 changed, 0 removed, 0 as they were");
}

BOOST_AUTO_TEST_CASE(two_hundred_routers)
{
    // Which ovs-vswitchd may take up slowly where others test, too.
    node.snatctl("set SNAT_Global . options:switch-timeout=100000");
    BOOST_TEST(sync(200)
               == "200 routers: 200 added, 0 changed, 0 removed, 0 as they "
                  "were\n");
    auto took = time_of_second_run();
    BOOST_TEST_MESSAGE("the second run took " << took.count() << " ms");
    BOOST_CHECK(took < 2s);
    // The same with so much that we do not read that it is 10 MB.
    const std::string padding
        = "[x.update(description='x' * 52000) for x in r]";
    write_payload(200, {padding});
    node.must("test $(stat -c %s /run/payload) -gt 10000000");
    took = time_of_second_run();
    BOOST_TEST_MESSAGE("one of 10 MB took " << took.count() << " ms");
    BOOST_CHECK(took < 10s);
    const auto before = rows();
    refuses(
        200,
        {padding, "r[0]['gw_port']['mtu'] = 1400", "r[199]['routes'] = {}"},
        "routers[199].routes: an object: expected a list");
    BOOST_TEST(rows() == before);
}

BOOST_AUTO_TEST_SUITE_END()
