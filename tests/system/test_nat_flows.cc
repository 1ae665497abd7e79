// Flows that are there when rules come, change and go.
#include "system/nat.hh"

#include <boost/test/unit_test.hpp>
#include <string>

using test::Call;
using test::holds;
using test::Nat_site;

namespace {

const std::string from_outside = "one:80 sees 198.51.100.1",
                  from_two = "outside:80 sees 198.51.100.10",
                  untranslated = "outside:80 sees 10.0.0.6";

struct Site : Nat_site {
    Site()
    {
        answer("one", "80");
        answer("two", "80");
        // What leaves untranslated is answered.
        node.must("ip -n outside route add 10.0.0.0/24 via 198.51.100.10");
    }

    void
    enable_snat(const std::string &enable)
    {
        node.snatctl("set Router r1 enable_snat=" + enable);
    }

    std::string
    rule(const std::string &condition)
    {
        return node.snatctl("--bare --columns=_uuid find NAT " + condition);
    }

    // Of TCP, what a connection tries again, until it gives up.
    void
    goes_nowhere(const std::string &host, const std::string &address)
    {
        const std::string filter = "tcp and src host " + address;
        const auto left = listen("outside", filter);
        const auto tried = listen(host, filter);
        BOOST_TEST(test::wait_until([&] {
            const auto lines = test::split(tried->output(), '\n');
            return lines.size() > 2;
        }));
        BOOST_TEST(left->output() == "");
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(nat_flows, Site)

BOOST_AUTO_TEST_CASE(of_a_rule_that_goes)
{
    wire("nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.5 -- "
         "nat-add r1 dnat 198.51.100.10 10.0.0.6 tcp 81 80 -- "
         "nat-add r1 dnat 198.51.100.10 10.0.0.6 udp 81 80");
    const Call in = keep_calling("outside", "udp 198.51.100.20 80"),
               in_tcp = keep_calling("outside", "tcp 198.51.100.20 80"),
               out = keep_calling("one", "udp 198.51.100.1 80 10.0.0.5 4001"),
               other = keep_calling("outside", "tcp 198.51.100.10 81"),
               own = keep_calling("two", "tcp 198.51.100.1 80");
    for (const Call *call : {&in, &in_tcp}) {
        BOOST_TEST(call->is_answered(from_outside));
    }
    BOOST_TEST(out.is_answered("outside:80 sees 198.51.100.20"));
    BOOST_TEST(other.is_answered("two:80 sees 198.51.100.1"));
    BOOST_TEST(own.is_answered(from_two));
    const auto before = flows("--dst-nat 10.0.0.5");
    BOOST_TEST(holds(before, "tcp"), before);
    BOOST_TEST(holds(before, "udp"), before);
    const auto others = flows("-p tcp --src-nat 198.51.100.10");
    BOOST_TEST(holds(others, "ESTABLISHED src=10.0.0.6 "), others);

    node.snatctl("nat-del r1 dnat_and_snat");
    BOOST_TEST(flows("--dst-nat 10.0.0.5") == "");
    BOOST_TEST(flows("--src-nat 198.51.100.20") == "");
    BOOST_TEST(other.is_answered("two:80 sees 198.51.100.1"));
    BOOST_TEST(own.is_answered(from_two));
    // What that host calls by itself goes on by the next rule.
    BOOST_TEST(out.is_answered("outside:80 sees 198.51.100.10"));
    // And comes back with the rule, whatever became of it meanwhile.
    node.snatctl("nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.5");
    BOOST_TEST(in.is_answered(from_outside));
    BOOST_TEST(other.is_answered("two:80 sees 198.51.100.1"));
}

BOOST_AUTO_TEST_CASE(of_a_forward_that_goes)
{
    wire("nat-add r1 dnat 198.51.100.20 10.0.0.5 udp 81 80 -- "
         "nat-add r1 dnat 198.51.100.20 10.0.0.5 udp 82 80 -- "
         "nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.6");
    answer("two", "81");
    const Call first = keep_calling("outside", "udp 198.51.100.20 81"),
               second = keep_calling("outside", "udp 198.51.100.20 82"),
               floating = keep_calling("outside", "tcp 198.51.100.20 80");
    BOOST_TEST(first.is_answered(from_outside));
    BOOST_TEST(second.is_answered(from_outside));
    BOOST_TEST(floating.is_answered("two:80 sees 198.51.100.1"));
    const auto kept = flows("-p udp --orig-port-dst 82 -o id");
    node.snatctl("nat-del r1 dnat 198.51.100.20 udp 81");
    BOOST_TEST(first.is_answered("two:81 sees 198.51.100.1"));
    BOOST_TEST(second.is_answered(from_outside));
    BOOST_TEST(floating.is_answered("two:80 sees 198.51.100.1"));
    const auto id = kept.substr(kept.find("id="));
    const auto now = flows("-p udp --orig-port-dst 82 -o id");
    BOOST_TEST(holds(now, id.substr(0, id.find_first_of(" \n"))), now);
}

// None goes on to the old host, and what the new one has called before stays.
BOOST_AUTO_TEST_CASE(of_a_floating_ip_that_moves)
{
    wire("nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.5");
    const Call in = keep_calling("outside", "udp 198.51.100.20 80"),
               in_tcp = keep_calling("outside", "tcp 198.51.100.20 80"),
               out = keep_calling("one", "udp 198.51.100.1 80"),
               own = keep_calling("two", "tcp 198.51.100.1 80");
    BOOST_TEST(in.is_answered(from_outside));
    BOOST_TEST(in_tcp.is_answered(from_outside));
    BOOST_TEST(out.is_answered("outside:80 sees 198.51.100.20"));
    BOOST_TEST(own.is_answered(from_two));
    node.snatctl("set NAT " + rule("type=dnat_and_snat")
                 + " logical_ip=10.0.0.6");
    BOOST_TEST(in.is_answered("two:80 sees 198.51.100.1"));
    // The new host knows nothing of the connection, and says so.
    BOOST_TEST(in_tcp.breaks());
    BOOST_TEST(out.is_answered("outside:80 sees 198.51.100.10"));
    BOOST_TEST(own.is_answered(from_two));
    BOOST_TEST(call("two", "tcp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.20");
    BOOST_TEST(flows("--dst-nat 10.0.0.5") == "");
}

BOOST_AUTO_TEST_CASE(of_a_host_that_gets_a_floating_ip)
{
    wire("");
    const Call tcp = keep_calling("two", "tcp 198.51.100.1 80"),
               udp = keep_calling("two", "udp 198.51.100.1 80");
    BOOST_TEST(tcp.is_answered(from_two));
    BOOST_TEST(udp.is_answered(from_two));
    node.snatctl("nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.6");
    BOOST_TEST(tcp.is_answered(from_two));
    BOOST_TEST(udp.is_answered(from_two));
    BOOST_TEST(call("two", "udp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.20");
}

// They moved to the router itself, or back out of it.
BOOST_AUTO_TEST_CASE(that_came_before_their_rule)
{
    node.must("ip -n outside route replace 203.0.113.0/24 via 198.51.100.10");
    wire("");
    const Call own = keep_calling("outside", "udp 198.51.100.10 81"),
               routed = keep_calling("outside", "udp 203.0.113.20 80");
    node.wait_for("ip netns exec snat-r1 conntrack -L -p udp 2> /dev/null | "
                  "grep -q 'dst=203.0.113.20 '");
    node.wait_for("ip netns exec snat-r1 conntrack -L -p udp 2> /dev/null | "
                  "grep -q 'dst=198.51.100.10 sport=[0-9]* dport=81 '");
    node.snatctl("-- nat-add r1 dnat 198.51.100.10 10.0.0.5 udp 81 80 -- "
                 "nat-add r1 dnat_and_snat 203.0.113.20 10.0.0.5");
    BOOST_TEST(own.is_answered(from_outside));
    BOOST_TEST(routed.is_answered(from_outside));
}

BOOST_AUTO_TEST_CASE(that_a_forward_takes_from_a_floating_ip)
{
    wire("nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.6");
    const Call taken = keep_calling("outside", "udp 198.51.100.20 80"),
               left = keep_calling("outside", "tcp 198.51.100.20 80");
    BOOST_TEST(taken.is_answered("two:80 sees 198.51.100.1"));
    BOOST_TEST(left.is_answered("two:80 sees 198.51.100.1"));
    node.snatctl("nat-add r1 dnat 198.51.100.20 10.0.0.5 udp 80");
    BOOST_TEST(taken.is_answered(from_outside));
    BOOST_TEST(left.is_answered("two:80 sees 198.51.100.1"));
}

// A reply that was under way makes the flow anew, turned round.
BOOST_AUTO_TEST_CASE(that_a_forward_takes_and_a_late_reply_brings_back)
{
    const std::string words = "udp 198.51.100.20 81 198.51.100.1 4002";
    wire("nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.6");
    {
        const Call taken = keep_calling("outside", words);
        BOOST_TEST(test::wait_until([&] {
            return holds(flows("--orig-src 198.51.100.1"), "dport=81 ");
        }));
    }
    {
        const Call late
            = keep_calling("two", "udp 198.51.100.1 4002 10.0.0.6 81");
        node.snatctl("nat-add r1 dnat 198.51.100.20 10.0.0.5 udp 81 80");
        BOOST_TEST(test::wait_until([&] {
            return holds(flows("--orig-src 10.0.0.6"), "dport=4002 ");
        }));
    }
    const Call taken = keep_calling("outside", words);
    BOOST_TEST(taken.is_answered(from_outside));
}

// And only those of its peers.
BOOST_AUTO_TEST_CASE(that_a_forward_for_some_peers_takes)
{
    wire("nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.6");
    const Call taken
        = keep_calling("outside", "udp 198.51.100.20 80 198.51.100.2"),
        left = keep_calling("outside", "tcp 198.51.100.20 80 198.51.100.1");
    BOOST_TEST(taken.is_answered("two:80 sees 198.51.100.2"));
    BOOST_TEST(left.is_answered("two:80 sees 198.51.100.1"));
    const std::string forward
        = "type=dnat external_ip=198.51.100.20 logical_ip=10.0.0.5 "
          "external_port=80 options:allowed-ext=198.51.100.2 protocol=";
    node.snatctl(row(forward + "udp", "@udp") + " -- "
                 + row(forward + "tcp", "@tcp"));
    BOOST_TEST(taken.is_answered("one:80 sees 198.51.100.2"));
    BOOST_TEST(left.is_answered("two:80 sees 198.51.100.1"));
}

BOOST_AUTO_TEST_CASE(that_left_before_snat_was_on)
{
    wire("nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.5 -- "
         "set Router r1 enable_snat=false");
    const Call udp = keep_calling("two", "udp 198.51.100.1 80"),
               tcp = keep_calling("two", "tcp 198.51.100.1 80"),
               floating = keep_calling("one", "tcp 198.51.100.1 80");
    BOOST_TEST(udp.is_answered(untranslated));
    BOOST_TEST(tcp.is_answered(untranslated));
    BOOST_TEST(floating.is_answered("outside:80 sees 198.51.100.20"));
    enable_snat("true");
    BOOST_TEST(udp.is_answered(from_two));
    BOOST_TEST(floating.is_answered("outside:80 sees 198.51.100.20"));
    goes_nowhere("two", "10.0.0.6");
    BOOST_TEST(call("outside", "tcp 198.51.100.20 80") == from_outside);
}

BOOST_AUTO_TEST_CASE(of_snat_that_is_turned_off)
{
    wire("nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.5");
    const Call udp = keep_calling("two", "udp 198.51.100.1 80"),
               tcp = keep_calling("two", "tcp 198.51.100.1 80"),
               floating = keep_calling("one", "tcp 198.51.100.1 80");
    BOOST_TEST(udp.is_answered(from_two));
    BOOST_TEST(tcp.is_answered(from_two));
    BOOST_TEST(floating.is_answered("outside:80 sees 198.51.100.20"));
    enable_snat("false");
    BOOST_TEST(flows("--src-nat 198.51.100.10") == "");
    BOOST_TEST(udp.is_answered(untranslated));
    BOOST_TEST(floating.is_answered("outside:80 sees 198.51.100.20"));
    BOOST_TEST(call("one", "tcp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.20");
    BOOST_TEST(call("outside", "tcp 198.51.100.20 80") == from_outside);
    BOOST_TEST(call("two", "tcp 198.51.100.1 80") == untranslated);
}

BOOST_AUTO_TEST_SUITE_END()
