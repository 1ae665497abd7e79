// Whether nat/trace is right: packets that are really sent come out where and
// as it has said, with rules that chance makes.
//
// Environment: SEEDS, such as "7 8 9", for others than these.
#include "system/node.hh"
#include "system/text.hh"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>

using test::Node;
using namespace std::chrono_literals;

namespace {

// A host behind each port of the router, which traced.py gives more addresses.
struct Traced {
    Node node;

    Traced()
    {
        node.host("in-a", "br-int", "ip=10.0.0.2/24");
        node.host("in-b", "br-int", "ip=10.0.1.2/24");
        node.host("out-a", "br-ex", "ip=198.51.100.1/24");
        node.host("out-b", "br-ex", "ip=203.0.113.1/24 tag=2");
    }
};

// A router that nobody is connected to.
struct Asked {
    Node node;

    Asked()
    {
        node.snatctl("router-add demo -- --gateway=198.51.100.1 port-add demo "
                     "qg-demo 198.51.100.10/24 -- port-add demo sg-demo "
                     "10.0.0.1/24 -- nat-add demo dnat_and_snat 198.51.100.20 "
                     "10.0.0.5");
    }

    std::string
    trace(const std::string &words)
    {
        return node.appctl("nat/trace demo " + words);
    }

    std::string
    refusal(const std::string &words)
    {
        return node.run("ovs-appctl -t ovs-snatd nat/trace " + words).err;
    }
};

std::vector<std::string>
seeds()
{
    const char *wanted = getenv("SEEDS");
    return test::split(wanted ? wanted : "1 2 3", ' ');
}

} // namespace

BOOST_AUTO_TEST_SUITE(nat_trace)

BOOST_DATA_TEST_CASE_F(Traced, packets_go_as_it_says,
                       boost::unit_test::data::make(seeds()), seed)
{
    const auto sent = node.run(
        test::quoted(TOP_SRCDIR "/tests/system/traced.py") + " " + seed, 60s);
    BOOST_TEST(sent.status == 0, sent.out << sent.err);
}

BOOST_FIXTURE_TEST_CASE(it_says_so_in_words, Asked)
{
    BOOST_TEST(trace("in-port=sg-demo src=10.0.0.6 dst=203.0.113.7 proto=tcp "
                     "sport=4000 dport=80")
               == "in sg-demo: tcp 10.0.0.6:4000 > 203.0.113.7:80\n"
                  "destination: no rule\n"
                  "route: 0.0.0.0/0 via 198.51.100.1 on qg-demo\n"
                  "source: by the rule default snat 198.51.100.10 on qg-demo\n"
                  "out qg-demo: tcp 198.51.100.10:1-65535 > 203.0.113.7:80");
    BOOST_TEST(trace("in-port=qg-demo src=203.0.113.7 dst=198.51.100.20")
               == "in qg-demo: icmp 203.0.113.7 > 198.51.100.20\n"
                  "destination: by the rule dnat_and_snat 198.51.100.20 "
                  "10.0.0.5\n"
                  "route: 10.0.0.0/24 on-link on sg-demo\n"
                  "source: no rule\n"
                  "out sg-demo: icmp 203.0.113.7 > 10.0.0.5");
    BOOST_TEST(trace("in-port=sg-demo src=10.0.0.6 dst=10.0.0.1")
               == "in sg-demo: icmp 10.0.0.6 > 10.0.0.1\n"
                  "destination: no rule\n"
                  "route: to the router itself");
    BOOST_TEST(trace("in-port=sg-demo src=2001:db8::6 dst=2001:db8::7")
               == "in sg-demo: icmp 2001:db8::6 > 2001:db8::7\n"
                  "destination: no rule\n"
                  "route: none, so it is dropped");
}

BOOST_FIXTURE_TEST_CASE(it_says_what_is_wrong_with_the_question, Asked)
{
    const std::string good
        = "demo in-port=sg-demo src=10.0.0.6 dst=203.0.113.7 ";
    for (const auto &[words, part] : {
             std::pair{"other in-port=sg-demo src=10.0.0.6 dst=10.0.0.7",
                       "no router other"},
             std::pair{"demo src=10.0.0.6 dst=10.0.0.7 proto=icmp",
                       "qg-demo, sg-demo"},
             std::pair{"demo in-port=eth0 src=10.0.0.6 dst=10.0.0.7",
                       "qg-demo, sg-demo"},
             std::pair{"demo in-port=sg-demo dst=10.0.0.7 proto=icmp",
                       "src: it is"},
             std::pair{"demo in-port=sg-demo src=10.0.0.6 proto=icmp",
                       "dst: it is"},
             std::pair{"demo in-port=sg-demo src=10.0.0.06 dst=10.0.0.7",
                       "src: "},
             std::pair{"demo in-port=sg-demo src=10.0.0.6 dst=2001:db8::7",
                       "different families"},
         }) {
        BOOST_TEST(test::holds(refusal(words), part), refusal(words));
    }
    for (const auto &[words, part] : {
             std::pair{"banana", "expected in-port="},
             std::pair{"port=80", "expected in-port="},
             std::pair{"proto=gre", "tcp, udp, sctp or icmp"},
             std::pair{"proto=tcp dport=80", "sport: expected"},
             std::pair{"proto=tcp sport=4000", "dport: expected"},
             std::pair{"proto=udp sport=4000 dport=65536", "dport: expected"},
         }) {
        BOOST_TEST(test::holds(refusal(good + words), part),
                   refusal(good + words));
    }
}

BOOST_AUTO_TEST_SUITE_END()
