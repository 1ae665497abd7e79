// What rules count, tell, share out and let pass, and who is behind them.
#include "system/ask.hh"
#include "system/node.hh"
#include "system/text.hh"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <csignal>

namespace data = boost::unit_test::data;
using test::ask_tcp;
using test::ask_udp;
using test::hears;
using test::holds;
using test::Node;
using namespace std::chrono_literals;

namespace {

// A router with two hosts inside.
struct Stats {
    Node node;

    Stats()
    {
        node.host("one", "br-int", "ip=10.0.0.5/24 via=10.0.0.1");
        node.host("two", "br-int", "ip=10.0.0.6/24 via=10.0.0.1");
        node.host("outside", "br-ex", "ip=198.51.100.1/24");
        node.snatctl("router-add demo -- --gateway=198.51.100.1 port-add demo "
                     "qg-demo 198.51.100.10/24 -- port-add demo sg-demo "
                     "10.0.0.1/24");
    }

    void
    ping(const std::string &host, const std::string &address, int times)
    {
        node.must_in(host, "ping -i 0.1 -W 5 -c " + std::to_string(times) + " "
                               + address);
    }

    std::string
    stats(const std::string &words = "")
    {
        return node.appctl("nat/stats demo " + words);
    }

    void
    wait_until_counted(const std::string &counts)
    {
        node.wait_for("ovs-appctl -t ovs-snatd nat/stats demo | grep -q "
                      + test::quoted(counts));
    }

    // Adds a rule with an option or more.
    void
    add(const std::string &columns)
    {
        node.snatctl("--id=@rule create NAT " + columns
                     + " -- add Router demo nat @rule");
    }

    // Which port the outside sees when a host calls it.
    int
    port_seen(const test::Job &who, const std::string &host,
              const std::string &address)
    {
        const std::string call = "udp " + address + " ";
        const auto before = who.output().size();
        ask_udp(node, host, "198.51.100.1");
        BOOST_REQUIRE(test::wait_until([&] {
            return who.output().find(call, before) != std::string::npos;
        }));
        const auto calls = who.output();
        return std::stoi(calls.substr(calls.find(call, before) + call.size()));
    }

    std::string
    who(const std::string &address, int port)
    {
        return node.appctl("nat/who " + address + " " + std::to_string(port));
    }
};

// A flood through the router, and how much of it arrives.
class Flood {
public:
    static constexpr int kbit = 12000;

    Flood(Node &node, const std::string &from, const std::string &to,
          const std::string &address, int port)
        : receiver_{node.start_in(to, "exec " + script + " receive "
                                          + std::to_string(port) + " 2 3")}
    {
        BOOST_REQUIRE(test::wait_until(
            [&] { return receiver_->output() == "ready\n"; }));
        sender_ = node.start_in(from, "exec " + script + " send " + address
                                          + " " + std::to_string(port) + " "
                                          + std::to_string(kbit) + " 5.5");
    }

    int
    arrived()
    {
        const auto lines = test::split(receiver_->finish().out, '\n');
        return lines.size() > 1 ? std::stoi(lines[1]) : 0;
    }

private:
    static inline const std::string script
        = test::quoted(TOP_SRCDIR "/tests/system/rate.py");
    std::unique_ptr<test::Job> receiver_, sender_;
};

// Within a tenth.
bool
is_about(int kbit, int wanted)
{
    return wanted * 9 <= kbit * 10 && kbit * 10 <= wanted * 11;
}

} // namespace

BOOST_AUTO_TEST_SUITE(nat_stats)

// Of both directions, whoever began.
BOOST_FIXTURE_TEST_CASE(counters_are_exact, Stats)
{
    node.snatctl("nat-add demo dnat_and_snat 198.51.100.20 10.0.0.5");
    ping("outside", "198.51.100.20", 3);
    ping("one", "198.51.100.1", 2);
    ping("two", "198.51.100.1", 4);
    const std::string floating = "dnat_and_snat 198.51.100.20 10.0.0.5",
                      all = "default snat 198.51.100.10 on qg-demo";
    BOOST_TEST(stats()
               == all
                      + "\n    1 flows, 4 packets of 336 bytes, 4 in reply of "
                        "336 bytes\n"
                      + floating
                      + "\n    2 flows, 5 packets of 420 bytes, 5 in reply of "
                        "420 bytes");
    node.must("ip netns exec snat-demo conntrack -F 2> /dev/null");
    const std::string json = stats("--format=json");
    BOOST_TEST(json
               == "{\n  \"" + all
                      + "\": {\n    \"packets\": 4,\n    \"bytes\": 336,\n"
                        "    \"reply_packets\": 4,\n    \"reply_bytes\": 336,"
                        "\n    \"flows\": 0\n  },\n  \""
                      + floating
                      + "\": {\n    \"packets\": 5,\n    \"bytes\": 420,\n"
                        "    \"reply_packets\": 5,\n    \"reply_bytes\": 420,"
                        "\n    \"flows\": 0\n  }\n}");
}

// What is not answered has no replies; a rule keeps its counts while others
// come and go.
BOOST_FIXTURE_TEST_CASE(counters_stay_as_rules_change, Stats)
{
    node.snatctl("nat-add demo dnat 198.51.100.20 10.0.0.5 udp 5000 5001");
    node.must_in("outside", "for i in 1 2 3; do echo > "
                            "/dev/udp/198.51.100.20/5000; done; ping -c 1 -W "
                            "5 198.51.100.10");
    const std::string counts = "3 flows, 3 packets of 87 bytes";
    wait_until_counted(counts);
    node.snatctl("nat-add demo dnat_and_snat 198.51.100.21 10.0.0.6");
    BOOST_TEST(holds(stats(), counts));
    node.snatctl("nat-del demo dnat_and_snat");
    BOOST_TEST(holds(stats(), counts));
    BOOST_TEST(!holds(stats(), "198.51.100.21"));
}

BOOST_FIXTURE_TEST_CASE(rows_are_written_when_asked, Stats)
{
    node.snatctl("nat-add demo dnat_and_snat 198.51.100.20 10.0.0.5");
    const auto column
        = [&] { return node.snatctl("--bare --columns=statistics list NAT"); };
    ping("outside", "198.51.100.20", 3);
    stats();
    BOOST_TEST(column() == "");
    stats("--write");
    node.wait_for("ovs-snatctl --bare --columns=statistics list NAT | grep -q "
                  ".");
    BOOST_TEST(column()
               == "bytes=252 flows=1 packets=3 reply_bytes=252 "
                  "reply_packets=3");
}

BOOST_FIXTURE_TEST_CASE(rows_are_written_at_an_interval, Stats)
{
    node.snatctl("nat-add demo dnat_and_snat 198.51.100.20 10.0.0.5 -- set "
                 "Router demo options:stats-interval=1000");
    ping("outside", "198.51.100.20", 3);
    const std::string packets = "ovs-snatctl --bare --columns=statistics list "
                                "NAT | grep -q 'packets=";
    node.wait_for(packets + "3 '");
    ping("outside", "198.51.100.20", 2);
    node.wait_for(packets + "5 '");
    node.snatctl("clear Router demo options");
    BOOST_TEST(node.snatctl("get Router demo state") == "active");
}

BOOST_FIXTURE_TEST_CASE(who_has_a_port, Stats)
{
    node.snatctl("nat-add demo dnat_and_snat 198.51.100.20 10.0.0.5 -- "
                 "nat-add demo dnat 198.51.100.10 10.0.0.6 tcp 8000-8009 "
                 "80-89");
    const std::string by_default = "router demo: 0.0.0.0/0, by the rule "
                                   "default snat 198.51.100.10 on qg-demo";
    const auto heard = node.whoami("outside");
    const int port = port_seen(*heard, "one", "198.51.100.20");
    BOOST_TEST(who("198.51.100.20", port)
               == "router demo: 10.0.0.5, by the rule dnat_and_snat "
                  "198.51.100.20 10.0.0.5");
    BOOST_TEST(who("198.51.100.10", 8009)
               == "router demo: 10.0.0.6, ports 8000-8009, by the rule "
                  "dnat 198.51.100.10 10.0.0.6 tcp 8000-8009 80-89\n"
                      + by_default);
    BOOST_TEST(who("198.51.100.10", 8010) == by_default);
    BOOST_TEST(who("198.51.100.21", 8010) == "");
    const auto web = node.whoami("two", 89);
    BOOST_TEST(node.must_in("outside", "curl -s -m 5 198.51.100.10:8009")
               == "you are 198.51.100.1");
}

// So that who had a port is known without any log.
BOOST_FIXTURE_TEST_CASE(each_host_has_its_block_of_ports, Stats)
{
    add("type=snat external_ip=198.51.100.30 logical_ip=10.0.0.0/29 "
        "options:port-block-size=1000");
    const auto heard = node.whoami("outside");
    for (const auto &[host, address, first] :
         {std::tuple{"one", "10.0.0.5", 6024},
          std::tuple{"two", "10.0.0.6", 7024}}) {
        for (int i = 0; i < 3; i++) {
            const int port = port_seen(*heard, host, "198.51.100.30");
            BOOST_TEST(port >= first);
            BOOST_TEST(port < first + 1000);
            BOOST_TEST(who("198.51.100.30", port)
                       == std::string{"router demo: "} + address + ", ports "
                              + std::to_string(first) + "-"
                              + std::to_string(first + 999)
                              + ", by the rule snat 198.51.100.30 "
                                "10.0.0.0/29");
        }
        ask_tcp(node, host, "198.51.100.1");
        ping(host, "198.51.100.1", 1);
        BOOST_TEST(hears(*heard, "icmp 198.51.100.30\n"));
    }
}

BOOST_FIXTURE_TEST_CASE(a_host_has_at_most_so_many_flows, Stats)
{
    add("type=snat external_ip=198.51.100.30 logical_ip=10.0.0.0/29 "
        "options:max-translations=3");
    const auto heard = node.whoami("outside");
    const auto calls = [&] {
        const auto lines = heard->output();
        size_t n = 0;
        for (size_t at = 0;
             (at = lines.find("udp 198.51.100.30 ", at)) != std::string::npos;
             at++) {
            n++;
        }
        return n;
    };
    for (int i = 0; i < 5; i++) {
        node.must_in("one", "echo > /dev/udp/198.51.100.1/80");
    }
    // Who has answered the last one has heard those before.
    ask_udp(node, "two", "198.51.100.1");
    BOOST_TEST(calls() == 4u);
    const auto row = node.snatctl("--bare --columns=_uuid find NAT "
                                  "external_ip=198.51.100.30");
    node.snatctl("remove NAT " + row + " options max-translations");
    ask_udp(node, "one", "198.51.100.1");
    BOOST_TEST(calls() == 5u);
}

BOOST_FIXTURE_TEST_CASE(each_flow_is_told_once, Stats)
{
    add("type=dnat_and_snat external_ip=198.51.100.20 logical_ip=10.0.0.5 "
        "options:log=true");
    const auto log = node.tcpdump("snat-demo", "-nn -i nflog:1");
    ping("outside", "198.51.100.20", 3);
    ping("two", "198.51.100.1", 2); // By another rule.
    const auto heard = node.whoami("outside");
    ask_udp(node, "one", "198.51.100.1");
    BOOST_TEST(test::wait_until(
        [&] { return holds(log->output(), " > 198.51.100.1.80: UDP"); }));
    log->signal(SIGINT);
    const auto told = test::split(log->finish().out, '\n');
    BOOST_REQUIRE(told.size() == 3u); // The last one is empty.
    BOOST_TEST(holds(told[0], "198.51.100.1 > 10.0.0.5: ICMP echo request"));
    BOOST_TEST(holds(told[1], "198.51.100.20."));
}

// Of a floating IP and of what its gateway port's address is for: that of the
// one does not hold for the other.
BOOST_DATA_TEST_CASE_F(Stats, a_rate_is_kept, data::make({true, false}),
                       is_floating)
{
    const std::string rates = "options:rate-out=4000 options:rate-in=8000";
    add("type=dnat_and_snat external_ip=198.51.100.20 logical_ip=10.0.0.5 "
        + (is_floating ? rates : ""));
    node.snatctl(
        "nat-add demo dnat 198.51.100.10 10.0.0.6 udp 5004 5004"
        + (is_floating ? "" : " -- set Router_Port qg-demo " + rates));
    Flood floating_out{node, "one", "outside", "198.51.100.1", 5001},
        floating_in{node, "outside", "one", "198.51.100.20", 5002},
        port_out{node, "two", "outside", "198.51.100.1", 5003},
        port_in{node, "outside", "two", "198.51.100.10", 5004};
    const auto arrives = [&](Flood &flood, bool is_held, int rate) {
        const int kbit = flood.arrived();
        BOOST_TEST((is_held ? is_about(kbit, rate) : kbit > rate * 11 / 10),
                   kbit << " with a rate of " << rate);
    };
    arrives(floating_out, is_floating, 4000);
    arrives(floating_in, is_floating, 8000);
    arrives(port_out, !is_floating, 4000);
    arrives(port_in, !is_floating, 8000);
}

BOOST_AUTO_TEST_SUITE_END()
