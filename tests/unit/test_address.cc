// Addresses: what parses, what does not, and that what parses comes back.
#include "router/address.hh"
#include "sentences.hh"

#include <boost/test/unit_test.hpp>

using namespace snat;
using namespace std::string_literals;

namespace {

// Every text here is refused as whatever it is taken for, and the sentence
// names it, made fit for a terminal.
const std::string hostile[] = {
    "",
    " ",
    "banana",
    "\0"s,
    "198.51.100.1\0"s,
    "198.51.100.1\0/24"s,
    "198.51.100.1 ",
    " 198.51.100.1",
    "198.51.100.1\n",
    "$(reboot)",
    "`id`",
    "; rm -rf /",
    "../../etc/passwd",
    "%s%n%s%n",
    "\x1b[2J",
    "\xff\xfe",
    std::string(100000, '1'),
    std::string(100000, ':'),
    std::string(100000, '\xff'),
};

} // namespace

BOOST_AUTO_TEST_SUITE(addresses)

BOOST_AUTO_TEST_CASE(good_ips_come_back)
{
    const struct {
        const char *text, *canonical;
        Family family;
    } rows[] = {
        {"0.0.0.0", "0.0.0.0", Family::ipv4},
        {"198.51.100.1", "198.51.100.1", Family::ipv4},
        {"255.255.255.255", "255.255.255.255", Family::ipv4},
        {"::", "::", Family::ipv6},
        {"::1", "::1", Family::ipv6},
        {"2001:DB8::1", "2001:db8::1", Family::ipv6},
        {"2001:0db8:0:0:0:0:0:1", "2001:db8::1", Family::ipv6},
        {"::ffff:198.51.100.1", "::ffff:198.51.100.1", Family::ipv6},
        {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Family::ipv6},
    };
    for (const auto &row : rows) {
        BOOST_TEST_CONTEXT(row.text)
        {
            const auto ip = parse_ip(row.text);
            BOOST_REQUIRE(bool(ip));
            BOOST_TEST((ip->family == row.family));
            BOOST_TEST(to_string(*ip) == row.canonical);
            BOOST_TEST((*parse_ip(to_string(*ip)) == *ip));
        }
    }
}

BOOST_AUTO_TEST_CASE(bad_ips_are_refused_by_name)
{
    for (const char *text :
         {"198.51.100", "198.51.100.1.2", "198.51.100.256", "198.51.100.01",
          "0x1.2.3.4", "3325256705", "1.2.3.-4", "198.51.100.1/24",
          "fe80::1%eth0", "[2001:db8::1]", "2001:db8", "2001:db8::1::2",
          ":::", "12345::", "2001:db8::g", "1:2:3:4:5:6:7:8:9"}) {
        BOOST_TEST_CONTEXT(text)
        {
            const auto ip = parse_ip(text);
            BOOST_REQUIRE(!ip);
            BOOST_TEST(ip.error().what.find(text) != std::string::npos);
            BOOST_TEST(ip.error().what.find("expected") != std::string::npos);
        }
    }
}

BOOST_AUTO_TEST_CASE(good_networks_come_back_with_their_host_bits)
{
    for (const char *text :
         {"198.51.100.10/24", "198.51.100.10/0", "198.51.100.10/32",
          "2001:db8::1/64", "2001:db8::1/128", "::/0"}) {
        BOOST_TEST_CONTEXT(text)
        {
            const auto network = parse_network(text);
            BOOST_REQUIRE(bool(network));
            BOOST_TEST(to_string(*network) == text);
        }
    }
}

BOOST_AUTO_TEST_CASE(bad_networks_are_refused_by_name)
{
    for (const char *text :
         {"198.51.100.10", "198.51.100.10/", "198.51.100.10/33",
          "198.51.100.10/-1", "198.51.100.10/+1", "198.51.100.10/024",
          "198.51.100.10/00", "198.51.100.10/ 24", "198.51.100.10/24 ",
          "198.51.100.10/24/24", "198.51.100.010/24",
          "198.51.100.10/255.255.255.0", "198.51.100.10/4294967320",
          "198.51.100.10/99999999999999999999", "2001:db8::1/129",
          "fe80::1%2/64", "/24", "/", "banana/24"}) {
        BOOST_TEST_CONTEXT(text)
        {
            const auto network = parse_network(text);
            BOOST_REQUIRE(!network);
            BOOST_TEST(network.error().what.find(text) != std::string::npos);
            BOOST_TEST(network.error().what.find("expected")
                       != std::string::npos);
        }
    }
}

BOOST_AUTO_TEST_CASE(macs)
{
    for (const char *text :
         {"02:00:00:00:00:01", "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"}) {
        const auto mac = parse_mac(text);
        BOOST_REQUIRE(bool(mac));
        BOOST_TEST(to_string(*mac) == text);
    }
    BOOST_TEST(to_string(*parse_mac("0A:bC:De:F0:12:34"))
               == "0a:bc:de:f0:12:34");
    BOOST_TEST(parse_mac("00:00:00:00:00:00")->is_zero());
    BOOST_TEST(parse_mac("01:00:00:00:00:00")->is_multicast());
    BOOST_TEST(!parse_mac("02:00:00:00:00:00")->is_multicast());
    for (const char *text :
         {"02:00:00:00:00", "02:00:00:00:00:01:02", "2:0:0:0:0:1",
          "02-00-00-00-00-01", "020000000001", "0200.0000.0001",
          "02:00:00:00:00:0g", "02:00:00:00:00:-1", "+2:00:00:00:00:01",
          " 2:00:00:00:00:01", "0x:00:00:00:00:01", "02:00:00:00:00:01 "}) {
        BOOST_TEST_CONTEXT(text)
        {
            const auto mac = parse_mac(text);
            BOOST_REQUIRE(!mac);
            BOOST_TEST(mac.error().what.find(text) != std::string::npos);
        }
    }
}

BOOST_AUTO_TEST_CASE(hostile_texts_are_refused_in_short_plain_sentences)
{
    const auto check
        = [](const auto &result) { sentences::check_error(result); };
    for (const std::string &text : hostile) {
        BOOST_TEST_CONTEXT("\"" << text.substr(0, 20) << "\"")
        {
            check(parse_network(text));
            check(parse_network(text + "/24"));
            check(parse_network("198.51.100.1/" + text));
            check(parse_mac(text));
            check(parse_ip(text));
        }
    }
}

BOOST_AUTO_TEST_CASE(base_and_broadcast)
{
    const struct {
        const char *text, *base;
        bool is_base, is_broadcast;
    } rows[] = {
        {"198.51.100.0/24", "198.51.100.0/24", true, false},
        {"198.51.100.10/24", "198.51.100.0/24", false, false},
        {"198.51.100.255/24", "198.51.100.0/24", false, true},
        {"198.51.100.0/23", "198.51.100.0/23", true, false},
        {"198.51.101.0/23", "198.51.100.0/23", false, false},
        {"198.51.100.255/23", "198.51.100.0/23", false, false},
        {"198.51.101.255/23", "198.51.100.0/23", false, true},
        {"198.51.100.4/30", "198.51.100.4/30", true, false},
        {"198.51.100.7/30", "198.51.100.4/30", false, true},
        {"198.51.100.4/31", "198.51.100.4/31", false, false},
        {"198.51.100.5/31", "198.51.100.4/31", false, false},
        {"198.51.100.4/32", "198.51.100.4/32", false, false},
        {"10.0.0.0/8", "10.0.0.0/8", true, false},
        {"10.255.255.255/8", "10.0.0.0/8", false, true},
        {"2001:db8::/64", "2001:db8::/64", false, false},
        {"2001:db8::5/63", "2001:db8::/63", false, false},
        {"2001:db8::ffff:ffff:ffff:ffff/64", "2001:db8::/64", false, false},
    };
    for (const auto &row : rows) {
        BOOST_TEST_CONTEXT(row.text)
        {
            const Network network = *parse_network(row.text);
            BOOST_TEST(to_string(network.base()) == row.base);
            BOOST_TEST(network.is_base() == row.is_base);
            BOOST_TEST(network.is_broadcast() == row.is_broadcast);
        }
    }
}

BOOST_AUTO_TEST_CASE(contains)
{
    const struct {
        const char *network, *ip;
        bool contains;
    } rows[] = {
        {"198.51.100.10/24", "198.51.100.1", true},
        {"198.51.100.10/24", "198.51.101.1", false},
        {"198.51.100.10/32", "198.51.100.10", true},
        {"198.51.100.10/32", "198.51.100.11", false},
        {"198.51.100.10/0", "8.8.8.8", true},
        {"198.51.100.10/0", "::", false},
        {"::/0", "198.51.100.10", false},
        {"2001:db8::1/64", "2001:db8::ffff", true},
        {"2001:db8::1/64", "2001:db8:0:1::1", false},
        {"2001:db8::1/127", "2001:db8::", true},
    };
    for (const auto &row : rows) {
        BOOST_TEST(parse_network(row.network)->contains(*parse_ip(row.ip))
                       == row.contains,
                   row.network << " and " << row.ip);
    }
}

BOOST_AUTO_TEST_CASE(kinds)
{
    BOOST_TEST(parse_ip("0.0.0.0")->is_unspecified());
    BOOST_TEST(parse_ip("::")->is_unspecified());
    BOOST_TEST(parse_ip("127.1.2.3")->is_loopback());
    BOOST_TEST(parse_ip("::1")->is_loopback());
    BOOST_TEST(!parse_ip("::2")->is_loopback());
    for (const char *text : {"224.0.0.1", "239.1.1.1", "240.0.0.1",
                             "255.255.255.255", "ff02::1"}) {
        BOOST_TEST(parse_ip(text)->is_multicast(), text);
    }
    BOOST_TEST(!parse_ip("223.255.255.255")->is_multicast());
    BOOST_TEST(parse_ip("169.254.1.1")->is_link_local());
    BOOST_TEST(parse_ip("fe80::1")->is_link_local());
    BOOST_TEST(parse_ip("febf::1")->is_link_local());
    BOOST_TEST(!parse_ip("fec0::1")->is_link_local());
}

BOOST_AUTO_TEST_CASE(sentences_without_addresses)
{
    const std::pair<const char *, const char *> rows[] = {
        {"", ""},
        {"the port qg-a has no carrier", "the port qg-a has no carrier"},
        {"198.51.100.10", "(not shown)"},
        {"of 198.51.100.10/24, fe80::1; (2001:db8::/32)",
         "of (not shown), (not shown); ((not shown))"},
        {"by 02:00:00:00:00:0a: why", "by (not shown): why"},
        {"10.0.0.1: in use", "(not shown): in use"},
        {"at step 12: 30", "at step 12: 30"},
        {"fe80::", "(not shown)"},
        {" ::  ", " (not shown)  "},
    };
    for (const auto &[text, without] : rows) {
        BOOST_TEST(without_addresses(text) == without);
    }
}

BOOST_AUTO_TEST_SUITE_END()
