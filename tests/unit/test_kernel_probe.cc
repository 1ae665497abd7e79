// Who has an address: what is sent, what is made of what comes, and how the
// two processes speak about it.
#include "both_ends.hh"
#include "kernel/announce_frames.hh"
#include "kernel/arp.hh"
#include "kernel/check.hh"
#include "kernel/neighbour.hh"
#include "sentences.hh"

#include <boost/test/unit_test.hpp>
#include <random>

using namespace snat;
using namespace sentences;

namespace {

const Mac mac = *parse_mac("02:00:00:00:00:0a");
const Ip ipv4 = *parse_ip("198.51.100.10");
const Ip ipv6 = *parse_ip("2001:db8::12:3456");

// A reply from another MAC, as it arrives.
std::string
reply()
{
    std::string frame
        = arp_request(*parse_mac("02:00:00:00:00:0b"), ipv4, Ip{});
    frame[21] = 2;
    return frame;
}

std::string
advertisement()
{
    // An Ethernet and an IPv6 header come before it.
    return announcement(mac, ipv6).substr(14 + 40);
}

Request
request(const Probe &probe)
{
    return {1, probe};
}

} // namespace

BOOST_AUTO_TEST_SUITE(kernel_probe)

BOOST_AUTO_TEST_CASE(a_probe_is_from_nobody)
{
    const std::string frame = arp_request(mac, Ip{}, ipv4);
    BOOST_TEST(frame
               == "\xff\xff\xff\xff\xff\xff\x02\x00\x00\x00\x00\x0a\x08\x06"
                  "\x00\x01\x08\x00\x06\x04\x00\x01"
                  "\x02\x00\x00\x00\x00\x0a\x00\x00\x00\x00"
                  "\x00\x00\x00\x00\x00\x00\xc6\x33\x64\x0a"s);
    const auto arp = parse_arp(frame);
    BOOST_REQUIRE(arp.has_value());
    BOOST_TEST((arp->mac == mac));
    BOOST_TEST(arp->sender.is_unspecified());
    BOOST_TEST((arp->target == ipv4));
    // An announcement is one from the address itself.
    BOOST_TEST(announcement(mac, ipv4) == arp_request(mac, ipv4, ipv4));
}

BOOST_AUTO_TEST_CASE(replies_tell_who_has_it)
{
    for (const std::string &padding : {""s, std::string(18, '\0')}) {
        const auto arp = parse_arp(reply() + padding);
        BOOST_REQUIRE(arp.has_value());
        BOOST_TEST(to_string(arp->mac) == "02:00:00:00:00:0b");
        BOOST_TEST((arp->sender == ipv4));
    }
}

BOOST_AUTO_TEST_CASE(frames_that_are_no_arp)
{
    for (size_t size = 0; size < reply().size(); size++) {
        BOOST_TEST(!parse_arp(reply().substr(0, size)));
    }
    // The types, the sizes, and what it is.
    for (const size_t at : {12, 13, 14, 15, 16, 17, 18, 19, 20, 21}) {
        std::string frame = reply();
        frame[at] = char(frame[at] ^ 0x40);
        BOOST_TEST(!parse_arp(frame), "byte " << at);
    }
    for (const std::string &text : hostile) {
        BOOST_TEST(!parse_arp(text));
    }
}

// By the kernel's own hand, of a socket of another family.
BOOST_AUTO_TEST_CASE(the_filter_lets_through_who_has_them_or_wants_them)
{
    const Ip other = *parse_ip("198.51.100.11");
    for (const std::vector<Ip> &ips :
         {std::vector{ipv4}, std::vector{*parse_ip("10.0.0.1"), ipv4},
          std::vector<Ip>(1000, ipv4)}) {
        int ends[2];
        BOOST_REQUIRE(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0);
        auto filter = arp_filter(ips);
        const sock_fprog program{static_cast<uint16_t>(filter.size()),
                                 filter.data()};
        BOOST_REQUIRE(setsockopt(ends[1], SOL_SOCKET, SO_ATTACH_FILTER,
                                 &program, sizeof program)
                      == 0);
        const auto passes = [&](const std::string &frame) {
            char buffer[100];
            (void)!send(ends[0], frame.data(), frame.size(), MSG_DONTWAIT);
            return recv(ends[1], buffer, sizeof buffer, MSG_DONTWAIT)
                   == static_cast<ssize_t>(frame.size());
        };
        BOOST_TEST(passes(reply()));
        BOOST_TEST(passes(arp_request(mac, ipv4, other)));
        BOOST_TEST(passes(arp_request(mac, ipv4, ipv4)));
        BOOST_TEST(passes(arp_request(mac, Ip{}, ipv4)));
        BOOST_TEST(!passes(arp_request(mac, other, ipv4)));
        BOOST_TEST(!passes(arp_request(mac, Ip{}, other)));
        BOOST_TEST(!passes(arp_request(mac, other, other)));
        BOOST_TEST(!passes("short"));
        close(ends[0]);
        close(ends[1]);
    }
    BOOST_TEST(arp_filter(std::vector<Ip>(2000, ipv4)).empty());
}

BOOST_AUTO_TEST_CASE(a_solicitation_asks_the_groups_members)
{
    BOOST_TEST(to_string(solicited_node(ipv6)) == "ff02::1:ff12:3456");
    BOOST_TEST(neighbour_solicitation(mac, ipv6)
               == "\x87\x00\x00\x00\x00\x00\x00\x00"
                  "\x20\x01\x0d\xb8\x00\x00\x00\x00"
                  "\x00\x00\x00\x00\x00\x12\x34\x56"
                  "\x01\x01\x02\x00\x00\x00\x00\x0a"s);
}

BOOST_AUTO_TEST_CASE(advertisements_tell_who_is_there)
{
    BOOST_TEST((parse_advertisement(advertisement(), 255) == ipv6));
    // The option is not needed.
    const std::string bare = advertisement().substr(0, 24);
    BOOST_TEST((parse_advertisement(bare, 255) == ipv6));
}

BOOST_AUTO_TEST_CASE(messages_that_are_no_advertisement)
{
    // Forwarded: from who knows where.
    for (const int hops : {0, 1, 64, 254}) {
        BOOST_TEST(!parse_advertisement(advertisement(), hops));
    }
    for (size_t size = 0; size < advertisement().size(); size++) {
        BOOST_TEST(
            (size == 24
             || !parse_advertisement(advertisement().substr(0, size), 255)),
            size);
    }
    const auto spoilt = [](size_t at, char value) {
        std::string message = advertisement();
        message[at] = value;
        return message;
    };
    BOOST_TEST(!parse_advertisement(spoilt(0, '\x87'), 255)); // A question.
    BOOST_TEST(!parse_advertisement(spoilt(1, 1), 255));
    BOOST_TEST(!parse_advertisement(spoilt(8, '\xff'), 255)); // Multicast.
    BOOST_TEST(!parse_advertisement(spoilt(25, 0), 255)); // Endless options.
    BOOST_TEST(!parse_advertisement(spoilt(25, 2), 255));
    for (const std::string &text : hostile) {
        BOOST_TEST(!parse_advertisement(text, 255));
    }
}

// Nothing is read past the end: with a sanitizer this tells.
BOOST_AUTO_TEST_CASE(random_bytes)
{
    std::minstd_rand random{1};
    for (int i = 0; i < 20000; i++) {
        std::string arp = reply(), icmp = advertisement();
        arp.resize(random() % 80);
        icmp.resize(random() % 80);
        arp.shrink_to_fit();
        icmp.shrink_to_fit();
        for (std::string *text : {&arp, &icmp}) {
            for (int n = 0; n < 3 && !text->empty(); n++) {
                (*text)[random() % text->size()] = char(random());
            }
        }
        (void)parse_arp(arp);
        (void)parse_advertisement(icmp, 255);
    }
}

BOOST_AUTO_TEST_CASE(requests_come_through)
{
    const Probe probe{"demo", {{"qg-a", {ipv4, ipv6}}, {"b", {}}}, true, 500};
    const auto read = request_from_text(to_text(request(probe)));
    BOOST_REQUIRE(bool(read));
    const auto *back = std::get_if<Probe>(&read->body);
    BOOST_REQUIRE(back);
    BOOST_TEST(back->router == probe.router);
    BOOST_TEST((back->links == probe.links));
    BOOST_TEST(back->answers == probe.answers);
    BOOST_TEST(back->timeout == probe.timeout);
    std::string text = to_text(request(probe));
    text.replace(text.find("500"), 3, "4294967296");
    check_error(request_from_text(text), {"not a request"});
}

BOOST_AUTO_TEST_CASE(requests_that_are_refused)
{
    BOOST_TEST(bool(check(request({"demo", {{"qg-a", {ipv4}}}, false, 0}))));
    BOOST_TEST(
        bool(check(request({"demo", {{"qg-a", {ipv6}}}, true, 60000}))));
    check_error(check(request({"demo", {{"qg-a", {ipv6}}}, false, 0})),
                {"nobody can be asked"});
    for (const char *ip : {"0.0.0.0", "255.255.255.255", "ff02::1", "::"}) {
        check_error(
            check(request({"demo", {{"qg-a", {*parse_ip(ip)}}}, true, 0})),
            {"nobody can be asked"});
    }
    check_error(check(request({"demo", {}, true, 60001})), {"60001 ms"});
    check_error(check(request({"../x", {}, true, 0})), {"router name"});
    check_error(check(request({"demo", {{"a/b", {}}}, true, 0})),
                {"interface name"});
    // Not in the middle of steps either.
    check_error(check({1, Apply{"demo", {Verify{}}, false, {}}}),
                {"not the kernel process's"});
}

// What is asked meanwhile is answered before.
BOOST_FIXTURE_TEST_CASE(nothing_waits_for_a_probe, Both_ends)
{
    std::vector<std::string> told;
    kernel->probe({"a", {}, true, 0}, [&](const Outcome &outcome) {
        told.push_back(outcome ? "a" : outcome.error().what);
    });
    kernel->observe({"demo", {}, {}, false, {}},
                    [&](const Result<Wired> &) { told.push_back("seen"); });
    kernel->probe({"b", {}, true, 0}, [&](const Outcome &outcome) {
        told.push_back(outcome ? "b" : outcome.error().what);
    });
    answer({2, Seen{}});
    answer({3, Error{110, "silence"}});
    answer({1, Done{}});
    BOOST_TEST(bool(kernel->run()));
    BOOST_TEST((told == std::vector<std::string>{"seen", "silence", "a"}));
    // Each once.
    answer({1, Done{}});
    check_error(kernel->run(), {"nobody asked"});
}

BOOST_FIXTURE_TEST_CASE(a_probe_is_answered_as_such, Both_ends)
{
    kernel->probe({"a", {}, true, 0}, [](const Outcome &) {});
    answer({1, Seen{}});
    check_error(kernel->run(), {"answers something else"});
}

BOOST_AUTO_TEST_SUITE_END()
