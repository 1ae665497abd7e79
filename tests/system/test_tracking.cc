// Connection tracking as options of a router have it: who reads along in
// flows, and how many there may be.
#include "system/nat.hh"
#include "system/undone.hh"

using test::Job;
using test::last_number;
using test::Nat_site;

namespace {

struct Tracking : Nat_site {
    std::unique_ptr<Job> server;

    Tracking() { wire("nat-add r1 dnat_and_snat 203.0.113.6 10.0.0.6"); }

    void
    set(const std::string &options)
    {
        node.snatctl("set Router r1 " + options);
    }

    void
    serve_ftp(const std::string &port)
    {
        server = node.start_in("outside", "exec " TOP_SRCDIR
                                          "/tests/system/ftp.py serve "
                                              + port);
        BOOST_REQUIRE(test::wait_until(
            [&] { return server->output().starts_with("ready\n"); }));
    }

    // What the client has from a server that calls it back.
    std::string
    fetch(const std::string &host, const std::string &port)
    {
        return node.must_in(host, TOP_SRCDIR "/tests/system/ftp.py fetch "
                                             "198.51.100.1 "
                                      + port);
    }

    std::string
    table()
    {
        return node.must("ip netns exec snat-r1 nft list table inet ovs_snat");
    }

    bool
    reaches_outside()
    {
        return call("one", "udp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.10";
    }
};

const std::string refused_by_limit = "no answer: timed"; // Out.

} // namespace

BOOST_AUTO_TEST_SUITE(tracking)

// The helper translates the address in the words, and lets the call in.
BOOST_FIXTURE_TEST_CASE(ftp_calls_back_with_a_helper_only, Tracking)
{
    serve_ftp("21");
    BOOST_TEST(fetch("one", "21") == "none");
    BOOST_TEST(test::holds(server->output(), "told 10.0.0.5"));
    set("options:ct-helpers=ftp:21");
    BOOST_TEST(fetch("one", "21") == "data");
    BOOST_TEST(test::holds(server->output(), "told 198.51.100.10\ndata"));
    // A host with a floating IP is called by that.
    BOOST_TEST(fetch("two", "21") == "data");
    BOOST_TEST(test::holds(server->output(), "told 203.0.113.6\ndata"));
    node.snatctl("remove Router r1 options ct-helpers");
    BOOST_TEST(fetch("one", "21") == "none");
}

BOOST_FIXTURE_TEST_CASE(helpers_of_other_ports, Tracking)
{
    serve_ftp("2121");
    set("options:ct-helpers=ftp:21,sane:6566");
    BOOST_TEST(fetch("one", "2121") == "none");
    set("options:ct-helpers=ftp:2121/tcp,tftp:69");
    BOOST_TEST(fetch("one", "2121") == "data");
}

// All that the kernel may have, each over what it can have.
BOOST_FIXTURE_TEST_CASE(helpers_come_and_go_without_a_trace, Tracking)
{
    const auto before = node.snapshot();
    set("options:ct-helpers=amanda:10080,ftp:21,irc:6667,netbios-ns:137,"
        "pptp:1723,Q.931:1720,RAS:1719,sane:6566,sip:5060,sip:5061/tcp,"
        "snmp:161,tftp:69");
    const auto all = node.snapshot();
    BOOST_TEST(test::holds(table(), "type \"netbios-ns\" protocol udp"));
    set("options:ct-helpers=ftp:2121,tftp:69");
    BOOST_TEST(!test::holds(table(), "netbios-ns"));
    node.snatctl("undo " + last_number(node));
    BOOST_TEST(node.is_as(all));
    node.snatctl("remove Router r1 options ct-helpers");
    BOOST_TEST(node.is_as(before));
}

BOOST_FIXTURE_TEST_CASE(a_helper_that_somebody_takes_is_put_back, Tracking)
{
    set("options:ct-helpers=ftp:21");
    node.must("ip netns exec snat-r1 nft 'delete element inet ovs_snat "
              "helpers { tcp . 21 }'");
    test::wait_for_change(node, "drift");
    serve_ftp("21");
    BOOST_TEST(fetch("one", "21") == "data");
}

BOOST_FIXTURE_TEST_CASE(wrong_ones_are_refused, Tracking)
{
    const auto before = node.snapshot();
    is_refused("set Router r1 options:ct-helpers=ftpd:21",
               "option ct-helpers: \"ftpd:21\": expected NAME:PORT");
    is_refused("set Router r1 options:ct-limit=many",
               "option ct-limit \"many\": expected a whole number");
    BOOST_TEST(node.is_as(before));
}

// From either side, while what goes on goes on.
BOOST_FIXTURE_TEST_CASE(no_more_flows_than_the_limit, Tracking)
{
    answer("two", "80");
    set("options:ct-limit=3");
    const auto kept = keep_calling("one", "udp 198.51.100.2 80");
    BOOST_TEST(kept.is_answered("outside:80 sees 198.51.100.10"));
    BOOST_TEST(reaches_outside());
    BOOST_TEST(call("outside", "udp 203.0.113.6 80")
               == "two:80 sees 198.51.100.1");
    BOOST_TEST(call("one", "udp 198.51.100.1 80") == refused_by_limit);
    BOOST_TEST(call("outside", "udp 203.0.113.6 80") == refused_by_limit);
    BOOST_TEST(kept.is_answered("outside:80 sees 198.51.100.10"));
    BOOST_TEST(kept.end() == "0 lost, 0 sent again");
    // Once one is over, there is room for another.
    node.must("ip netns exec snat-r1 conntrack -D -p udp -d 198.51.100.2");
    BOOST_TEST(reaches_outside());
    BOOST_TEST(call("one", "udp 198.51.100.1 80") == refused_by_limit);
    node.snatctl("remove Router r1 options ct-limit");
    BOOST_TEST(reaches_outside());
}

BOOST_AUTO_TEST_CASE(flows_of_both_families_count)
{
    Nat_site site;
    site.wire_ipv6("set Router r1 options:ct-limit=2");
    BOOST_TEST(site.call("one", "udp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.10");
    site.node.must_in("one", "ping -c 1 -W 5 2001:db8:1::1");
    BOOST_TEST(site.call("one", "udp 198.51.100.1 80") == refused_by_limit);
    BOOST_TEST(site.node.run_in("one", "ping -c 1 -W 1 2001:db8:1::1").status
               != 0);
}

BOOST_FIXTURE_TEST_CASE(a_limit_is_changed_and_taken_back, Tracking)
{
    const auto before = node.snapshot();
    set("options:ct-limit=5000");
    const auto five = node.snapshot();
    set("options:ct-limit=7000");
    node.snatctl("undo " + last_number(node));
    BOOST_TEST(node.is_as(five));
    node.snatctl("remove Router r1 options ct-limit");
    BOOST_TEST(node.is_as(before));
}

BOOST_AUTO_TEST_SUITE_END()
