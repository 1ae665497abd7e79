// The same payload to Neutron's own code and to ours: the same addresses,
// routes and sysctls, and the same translation of packets.
#include "system/nat.hh"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

using test::Answering_site;
using namespace std::chrono_literals;

namespace {

const std::string router = "00000000-1111-4000-8000-000000000000";
const std::string in_router = "ip netns exec snat-" + router + " ";
const std::string qg = "qg-000000a0-00", sg = "sg-000000b0-00";

// What somebody sees of a router, a line each.
struct Seen {
    std::string addresses, routes, sysctls;
    std::vector<std::string> calls;
};

struct Oracle : Answering_site {
    Oracle()
    {
        // As Neutron's agent for the switch ties the two.
        node.vsctl("add-port br-int to-ex -- set Interface to-ex type=patch "
                   "options:peer=to-int -- add-port br-ex to-int -- set "
                   "Interface to-int type=patch options:peer=to-ex");
    }

    // Debian's packages python3-neutron and iptables.
    bool
    is_there()
    {
        const auto told = node.run(
            "/usr/bin/python3 -c 'import neutron.agent.l3.dvr_edge_router' && "
            "iptables-save -V");
        BOOST_TEST_MESSAGE((told.status ? "SKIPPED: python3-neutron and "
                                          "iptables are not installed"
                                        : "Neutron is the oracle"));
        return told.status == 0;
    }

    void
    write_payload(const std::vector<std::string> &edits)
    {
        std::string command = TOP_SRCDIR "/tests/system/neutron_payload.py 1 "
                                         "\"r[0]['_snat_router_interfaces'][0]"
                                         "['fixed_ips'][0]['ip_address'] = "
                                         "'10.0.0.1'\"";
        for (const auto &edit : edits) {
            command += " " + test::quoted(edit);
        }
        node.must(command + " > /run/payload");
    }

    // All but ip_nonlocal_bind, which Debian's version has as it was before.
    std::string
    sysctls()
    {
        std::string command = in_router + "sysctl";
        for (const std::string name :
             {"net.ipv4.ip_forward", "net.ipv4.conf.all.arp_ignore",
              "net.ipv4.conf.all.arp_announce",
              "net.ipv4.conf.all.promote_secondaries",
              "net.ipv6.conf.all.forwarding",
              "net.netfilter.nf_conntrack_tcp_loose"}) {
            command += " " + name;
        }
        command += " net.ipv6.conf." + qg + ".accept_ra net.ipv6.conf." + qg
                   + ".forwarding";
        return node.must(command);
    }

    // Which of several addresses the kernel prefers goes by their order, and
    // Neutron has them in a set.
    Seen
    look()
    {
        return {
            node.must(in_router
                      + "ip -o address show scope global | "
                        "awk '{print $2, $4}' | sort"),
            node.must("{ " + in_router + "ip route; " + in_router
                      + "ip -6 route show; } | grep -v ^fe80 | "
                        "sed -E 's/ (proto|metric|pref|src) [a-z0-9.]+//g; "
                        "s/ +$//' | sort"),
            sysctls(),
            {call("one", "tcp 198.51.100.1 80"),
             call("two", "tcp 198.51.100.1 80"),
             call("two", "udp 198.51.100.1 80"),
             call("outside", "tcp 198.51.100.100 80"),
             call("outside", "udp 198.51.100.100 80 198.51.100.2"),
             call("two", "tcp 198.51.100.100 80")}};
    }

    Seen
    wired_by_neutron()
    {
        const std::string oracle = TOP_SRCDIR "/tests/system/"
                                              "neutron_oracle.py ";
        node.must(oracle + "/run/payload", 60s);
        // Which Neutron's agent for the switch would do.
        for (const auto &port : {qg, sg}) {
            node.vsctl("clear Port " + port + " tag trunks vlan_mode");
        }
        node.wait_for("ip netns exec one ping -c 1 -W 1 10.0.0.1 && "
                      + in_router + "ping -c 1 -W 1 198.51.100.1");
        const Seen seen = look();
        node.must(oracle + "--remove /run/payload", 60s);
        node.must("ip -n outside neighbour flush all && ip -n one neighbour "
                  "flush all && ip -n two neighbour flush all");
        return seen;
    }

    Seen
    wired_by_us()
    {
        node.must("ovs-snatctl --timeout=20 --host=gw neutron-sync "
                  "/run/payload");
        return look();
    }

    void
    are_the_same(const std::vector<std::string> &edits)
    {
        if (!is_there()) {
            return;
        }
        write_payload(edits);
        const Seen theirs = wired_by_neutron(), ours = wired_by_us();
        BOOST_TEST(ours.addresses == theirs.addresses);
        BOOST_TEST(ours.routes == theirs.routes);
        BOOST_TEST(ours.sysctls == theirs.sysctls);
        BOOST_TEST(ours.calls == theirs.calls,
                   boost::test_tools::per_element());
        BOOST_TEST(theirs.calls[1] == "outside:80 sees 198.51.100.10");
    }
};

const std::string floating_ip
    = "r[0]['_floatingips'] = [floating_ip('198.51.100.100', '10.0.0.5')]";

} // namespace

BOOST_FIXTURE_TEST_SUITE(neutron_oracle, Oracle)

BOOST_AUTO_TEST_CASE(snat_and_a_floating_ip)
{
    are_the_same({floating_ip});
}

BOOST_AUTO_TEST_CASE(several_addresses_of_both_families)
{
    are_the_same(
        {floating_ip,
         "r[0]['gw_port']['subnets'].append(subnet('six', '2001:db8::/64', "
         "'2001:db8::1'))",
         "r[0]['gw_port']['fixed_ips'] += [{'subnet_id': 'outside', "
         "'ip_address': '198.51.100.9', 'prefixlen': 24}, {'subnet_id': "
         "'six', 'ip_address': '2001:db8::10', 'prefixlen': 64}]"});
}

BOOST_AUTO_TEST_CASE(routes_and_further_networks)
{
    are_the_same(
        {floating_ip,
         "r[0]['routes'] = [{'destination': '203.0.113.0/24', 'nexthop': "
         "'198.51.100.2'}, {'destination': '10.77.0.0/16', 'nexthop': "
         "'10.0.0.6'}]",
         "r[0]['gw_port']['extra_subnets'] = [subnet('more', "
         "'198.18.0.0/24', None)]"});
}

// What goes from scope to scope is translated, or dropped.
BOOST_AUTO_TEST_CASE(address_scopes)
{
    const std::string scope = "['address_scopes']['4'] = r[0]['id'][:-1] + ";
    are_the_same({"r[0]['gw_port']" + scope + "'a'",
                  "r[0]['_snat_router_interfaces'][0]" + scope + "'b'"});
}

BOOST_AUTO_TEST_SUITE_END()
