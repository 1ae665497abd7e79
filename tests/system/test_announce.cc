// Addresses are made known to neighbours: how often, how far apart, and not
// any more once they are gone.
#include "system/nat.hh"

using test::Job;
using test::Nat_site;
using namespace std::chrono_literals;

namespace {

// When each line came that holds 'words', in seconds of the day.
std::vector<double>
times(const Job &heard, const std::string &words)
{
    std::vector<double> out;
    for (const std::string &line : test::split(heard.output(), '\n')) {
        int hours = 0, minutes = 0;
        double seconds = 0;
        if (test::holds(line, words)
            && sscanf(line.c_str(), "%d:%d:%lf", &hours, &minutes, &seconds)
                   == 3) {
            out.push_back(3600 * hours + 60 * minutes + seconds);
        }
    }
    return out;
}

std::string
by_arp(const std::string &ip)
{
    return "who-has " + ip + " tell " + ip;
}

// Not one that answers somebody.
std::string
by_advertisement(const std::string &ip)
{
    return "> ff02::1: ICMP6, neighbor advertisement, tgt is " + ip;
}

struct Announced : Nat_site {
    std::unique_ptr<Job> heard;

    // Of tcpdump(8), which tells times.
    Announced()
    {
        heard = node.tcpdump("outside", "-n -i eth0 'arp or icmp6'");
    }

    void
    wait_for(const std::string &words, size_t n)
    {
        BOOST_REQUIRE_MESSAGE(
            test::wait_until([&] { return times(*heard, words).size() >= n; },
                             10s),
            "not " << n << " times: " << words << "\n"
                   << heard->output());
    }

    // A second from each to the next.
    void
    are_spaced(const std::string &words)
    {
        const auto all = times(*heard, words);
        BOOST_REQUIRE(all.size() == 3u);
        for (size_t i = 1; i < all.size(); i++) {
            const double apart = all[i] - all[i - 1];
            BOOST_TEST((apart > 0.9 || apart < 0), apart); // Or midnight.
        }
    }

    void
    move_to(const std::string &networks)
    {
        node.snatctl("set Router_Port qg-r1 'networks=" + networks + "'");
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(announce)

// And nobody waits: the change is over when the first round begins.
BOOST_FIXTURE_TEST_CASE(three_rounds_a_second_apart, Announced)
{
    wire_ipv6("set Router r1 external_ids:some=thing");
    BOOST_TEST(times(*heard, by_arp("198.51.100.10")).size() < 3u);
    wait_for(by_arp("198.51.100.10"), 3);
    wait_for(by_advertisement("2001:db8::10"), 3);
    // As long as another address is announced, these are not again.
    node.snatctl("nat-add r1 dnat_and_snat 203.0.113.5 10.0.0.5");
    wait_for(by_arp("203.0.113.5"), 3);
    are_spaced(by_arp("198.51.100.10"));
    are_spaced(by_advertisement("2001:db8::10"));
    are_spaced(by_arp("203.0.113.5"));
}

BOOST_FIXTURE_TEST_CASE(no_more_once_the_address_is_gone, Announced)
{
    wire("");
    wait_for(by_arp("198.51.100.10"), 1);
    move_to("198.51.100.11/24");
    const auto before = times(*heard, by_arp("198.51.100.10")).size();
    BOOST_REQUIRE(before < 3u);
    wait_for(by_arp("198.51.100.11"), 3);
    BOOST_TEST(times(*heard, by_arp("198.51.100.10")).size() == before);
}

BOOST_FIXTURE_TEST_CASE(no_more_once_the_router_is_gone, Announced)
{
    wire("");
    wait_for(by_arp("198.51.100.10"), 1);
    node.snatctl("router-del r1");
    const auto before = times(*heard, by_arp("198.51.100.10")).size();
    BOOST_REQUIRE(before < 3u);
    node.snatctl("-- router-add r2 -- --bridge=br-ex port-add r2 qg-r2 "
                 "198.51.100.12/24");
    wait_for(by_arp("198.51.100.12"), 3);
    BOOST_TEST(times(*heard, by_arp("198.51.100.10")).size() == before);
}

BOOST_AUTO_TEST_SUITE_END()
