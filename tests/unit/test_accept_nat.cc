// Acceptance of one NAT rule, of a row or of a key of door 1: what it may say,
// and the sentence that tells what it may not.
#include "router/accept_nat.hh"
#include "router/names.hh"
#include "sentences.hh"

#include <boost/test/unit_test.hpp>
#include <functional>

using namespace snat;
using namespace sentences;

namespace {

Nat_row
floating()
{
    Nat_row row;
    row.type = "dnat_and_snat";
    row.external_ip = "198.51.100.20";
    row.logical_ip = "10.0.0.5";
    return row;
}

Nat_row
forward()
{
    Nat_row row = floating();
    row.type = "dnat";
    row.protocol = "tcp";
    row.external_port = "80";
    return row;
}

Nat_row
network()
{
    Nat_row row = floating();
    row.type = "snat";
    row.logical_ip = "10.0.0.0/24";
    return row;
}

Nat_row
exception(const char *type)
{
    Nat_row row;
    row.type = type;
    row.options["no-nat"] = "true";
    (row.type == "snat" ? row.logical_ip : row.external_ip) = "192.0.2.9";
    return row;
}

Nat_rule
read(const Nat_row &row)
{
    Nat_rule rule;
    const Check refused = read_nat_row(row, rule);
    BOOST_TEST(!refused.has_value(), (refused ? refused->what : ""));
    return rule;
}

struct Bad {
    Nat_row row;
    std::function<void(Nat_row &)> change;
    std::vector<std::string> parts;
};

// Each row is right until it is changed.
void
check_refused(const std::vector<Bad> &all)
{
    for (const Bad &bad : all) {
        Nat_row row = bad.row;
        read(row);
        bad.change(row);
        Nat_rule rule;
        const Check refused = read_nat_row(row, rule);
        BOOST_REQUIRE_MESSAGE(refused.has_value(), bad.parts.front());
        check_sentence(refused->what, bad.parts);
        BOOST_TEST((rule == Nat_rule{}));
    }
}

auto
with(std::string Nat_row::*column, const std::string &text)
{
    return [=](Nat_row &row) { row.*column = text; };
}

auto
with_option(const std::string &key, const std::string &text)
{
    return [=](Nat_row &row) { row.options[key] = text; };
}

} // namespace

BOOST_AUTO_TEST_SUITE(accept_nat)

BOOST_AUTO_TEST_CASE(good_rows)
{
    Nat_rule rule;
    rule.type = Nat_type::dnat_and_snat;
    rule.external = *parse_ip("198.51.100.20");
    rule.logical = *parse_network("10.0.0.5/32");
    BOOST_TEST((read(floating()) == rule));
    rule.type = Nat_type::dnat;
    rule.protocol = Protocol::tcp;
    rule.external_ports = rule.internal_ports = Port_range{80, 80};
    BOOST_TEST((read(forward()) == rule));
    // Sources have any port, but the floating IP's its own.
    rule = {};
    rule.external = *parse_ip("198.51.100.20");
    rule.logical = *parse_network("10.0.0.0/24");
    rule.random_ports = true;
    BOOST_TEST((read(network()) == rule));
}

BOOST_AUTO_TEST_CASE(everything_a_row_can_say)
{
    Nat_row row = forward();
    row.protocol = "sctp";
    row.external_port = "1-65535";
    row.internal_port = "1-65535";
    row.gateway_port = "qg-a";
    row.options = {{"allowed-ext", " 203.0.113.0/24,192.0.2.1 203.0.113.0/24"},
                   {"exempted-ext", "203.0.113.8/29"}};
    Nat_rule rule = read(row);
    BOOST_TEST((rule.protocol == Protocol::sctp));
    BOOST_TEST((rule.internal_ports == Port_range{1, 65535}));
    BOOST_TEST(rule.gateway_port == "qg-a");
    const std::vector<Network> allowed
        = {*parse_network("192.0.2.1/32"), *parse_network("203.0.113.0/24")};
    BOOST_TEST((rule.allowed == allowed));
    BOOST_TEST(
        (rule.exempted == std::vector{*parse_network("203.0.113.8/29")}));
    row = floating();
    row.external_ip = "2001:DB8:0::20";
    row.logical_ip = "2001:db8:1::5";
    row.options = {{"random", "full"}, {"no-nat", "false"}};
    rule = read(row);
    BOOST_TEST(to_string(rule) == "dnat_and_snat 2001:db8::20 2001:db8:1::5");
    BOOST_TEST(rule.random_ports);
    row = network();
    row.external_port = "1024-2047";
    for (const auto &[value, is_random] :
         {std::pair{"full", true}, {"none", false}, {"persistent", false}}) {
        row.options["random"] = value;
        BOOST_TEST(read(row).random_ports == is_random);
    }
    BOOST_TEST((read(row).external_ports == Port_range{1024, 2047}));
}

BOOST_AUTO_TEST_CASE(exceptions)
{
    BOOST_TEST(to_string(read(exception("snat")))
               == "no-nat snat 192.0.2.9/32");
    BOOST_TEST(to_string(read(exception("dnat"))) == "no-nat dnat 192.0.2.9");
    Nat_row row = exception("dnat");
    row.protocol = "udp";
    row.external_port = "53-54";
    BOOST_TEST(to_string(read(row)) == "no-nat dnat 192.0.2.9 udp 53-54");
    check_refused({
        {exception("snat"),
         with(&Nat_row::external_ip, "192.0.2.1"),
         {"external_ip with no-nat", "expected none"}},
        {exception("dnat"),
         with(&Nat_row::logical_ip, "192.0.2.1"),
         {"logical_ip with no-nat", "expected none"}},
        {exception("snat"),
         with(&Nat_row::external_port, "80"),
         {"external_port with no-nat"}},
        {row,
         with(&Nat_row::internal_port, "53-54"),
         {"internal_port with no-nat"}},
        {floating(),
         with_option("no-nat", "true"),
         {"no-nat", "floating IP", "snat or dnat"}},
        {floating(),
         with_option("no-nat", "yes"),
         {"no-nat \"yes\"", "expected true or false"}},
        {exception("snat"),
         with_option("random", "full"),
         {"random", "translates no sources"}},
    });
}

BOOST_AUTO_TEST_CASE(types_and_addresses)
{
    for (const char *type : {"", "SNAT", "snat ", "masquerade"}) {
        check_refused({{floating(),
                        with(&Nat_row::type, type),
                        {"type " + quoted(type), "dnat_and_snat"}}});
    }
    const struct {
        const char *text, *part;
    } rows[] = {
        {"", "\"\""},
        {"198.51.100.020", "198.51.100.020"},
        {"198.51.100.20/32", "198.51.100.20/32"},
        {"198.51.100.20-21", "198.51.100.20-21"},
        {"0.0.0.0", "unspecified"},
        {"127.0.0.1", "loopback"},
        {"::1", "loopback"},
        {"224.0.0.1", "multicast"},
        {"255.255.255.255", "multicast or reserved"},
        {"ff02::1", "multicast"},
        {"169.254.1.1", "link-local"},
        {"fe80::1", "link-local"},
    };
    for (const auto &row : rows) {
        for (const Nat_row &good : {floating(), forward()}) {
            check_refused({{good,
                            with(&Nat_row::external_ip, row.text),
                            {"external_ip ", row.part}},
                           {good,
                            with(&Nat_row::logical_ip, row.text),
                            {"logical_ip ", row.part}}});
        }
        check_refused({{network(),
                        with(&Nat_row::external_ip, row.text),
                        {"external_ip ", row.part}}});
    }
    for (const char *text : {"", "10.0.0.5/24", "10.0.0.0/33", "10.0.0"}) {
        check_refused({{network(),
                        with(&Nat_row::logical_ip, text),
                        {"logical_ip " + quoted(text), "10.0.0.0/24"}}});
    }
}

BOOST_AUTO_TEST_CASE(families)
{
    check_refused({
        {floating(), with(&Nat_row::logical_ip, "2001:db8::5"), {"NAT64"}},
        {floating(), with(&Nat_row::external_ip, "2001:db8::5"), {"NAT64"}},
        {forward(), with(&Nat_row::logical_ip, "2001:db8::5"), {"NAT64"}},
        {network(), with(&Nat_row::logical_ip, "2001:db8::/64"), {"NAT64"}},
        {floating(),
         with_option("allowed-ext", "2001:db8::/64"),
         {"2001:db8::/64", "another family"}},
        {exception("snat"),
         with_option("exempted-ext", "2001:db8::/64"),
         {"2001:db8::/64", "another family"}},
    });
}

BOOST_AUTO_TEST_CASE(protocols_and_ports)
{
    for (const char *text : {"0", "00080", "65536", "-1", "80-", "-", "90-80",
                             "80 ", "+80", "80-81-82", "http", "0-80"}) {
        check_refused({{forward(),
                        with(&Nat_row::external_port, text),
                        {"external_port " + quoted(text), "8000-8010"}},
                       {forward(),
                        with(&Nat_row::internal_port, text),
                        {"internal_port " + quoted(text), "8000-8010"}}});
    }
    check_refused({
        {forward(),
         with(&Nat_row::protocol, "icmp"),
         {"protocol \"icmp\"", "tcp, udp or sctp"}},
        {forward(),
         with(&Nat_row::protocol, ""),
         {"external_port without protocol"}},
        {forward(),
         with(&Nat_row::external_port, ""),
         {"protocol without external_port"}},
        {forward(),
         with(&Nat_row::internal_port, "80-81"),
         {"internal_port 80-81", "of 2 ports", "80 of 1", "as many"}},
        {floating(),
         with(&Nat_row::protocol, "tcp"),
         {"protocol", "dnat_and_snat", "port forwards"}},
        {floating(),
         with(&Nat_row::external_port, "80"),
         {"external_port", "floating IP"}},
        {floating(),
         with(&Nat_row::internal_port, "80"),
         {"internal_port without protocol"}},
        {network(), with(&Nat_row::protocol, "tcp"), {"protocol", "snat"}},
        {network(), with(&Nat_row::internal_port, "80"), {"internal_port"}},
    });
}

BOOST_AUTO_TEST_CASE(options)
{
    check_refused({{floating(),
                    with_option("no_nat", "true"),
                    {"unknown option", "no_nat", "no-nat"}}});
    std::string many;
    for (int i = 0; i < 257; i++) {
        many += "203.0." + std::to_string(i / 8) + "."
                + std::to_string(i % 8 * 32) + "/27 ";
    }
    for (const char *key : {"allowed-ext", "exempted-ext"}) {
        for (const char *text : {"203.0.113.1/24", "any", "203.0.113.0/24;"}) {
            check_refused({{floating(),
                            with_option(key, text),
                            {"option "s + key, quoted(text), "expected"}}});
        }
        check_refused({{floating(),
                        with_option(key, many),
                        {key, "257 networks", "at most 256"}}});
    }
    check_refused({
        {network(),
         with_option("random", "yes"),
         {"random \"yes\"", "full, none or persistent"}},
        {forward(),
         with_option("random", "full"),
         {"random", "translates no sources"}},
    });
}

BOOST_AUTO_TEST_CASE(hostile_texts_become_short_plain_sentences)
{
    for (const std::string &text : hostile) {
        for (auto column :
             {&Nat_row::type, &Nat_row::external_ip, &Nat_row::logical_ip,
              &Nat_row::protocol, &Nat_row::external_port,
              &Nat_row::internal_port}) {
            check_refused({{forward(), with(column, text), {""}}});
        }
        check_refused({{network(), with_option("random", text), {"random"}},
                       {network(), with_option("no-nat", text), {"no-nat"}}});
        Nat_rule unused;
        check_sentence(read_floating_ip(text, unused).value().what, {});
        check_sentence(read_port_forward(text, unused).value().what, {});
    }
}

BOOST_AUTO_TEST_CASE(floating_ips_of_door_1)
{
    Nat_rule rule;
    BOOST_TEST(!read_floating_ip("198.51.100.20=10.0.0.5", rule).has_value());
    BOOST_TEST((rule == read(floating())));
    BOOST_TEST(!read_floating_ip("2001:db8::9=2001:db8:1::9", rule));
    BOOST_TEST(to_string(rule) == "dnat_and_snat 2001:db8::9 2001:db8:1::9");
    for (const char *text :
         {"", "=", "198.51.100.20", "198.51.100.20=", "=10.0.0.5",
          "198.51.100.20=10.0.0.5=", "198.51.100.20=10.0.0.0/24",
          "[2001:db8::9]=[2001:db8:1::9]", "198.51.100.20=2001:db8::9"}) {
        const Check refused = read_floating_ip(text, rule);
        BOOST_REQUIRE(refused.has_value());
        check_sentence(refused->what, {"snat-floating-ips " + quoted(text)});
    }
}

BOOST_AUTO_TEST_CASE(port_forwards_of_door_1)
{
    const struct {
        const char *text, *words;
    } rows[] = {
        {"tcp:198.51.100.10:80=10.0.0.5:8080",
         "dnat 198.51.100.10 10.0.0.5 tcp 80 8080"},
        {"udp:198.51.100.10:80-81=10.0.0.5:80-81",
         "dnat 198.51.100.10 10.0.0.5 udp 80-81 80-81"},
        {"tcp:[2001:db8::9]:80=[2001:db8:1::9]:8080",
         "dnat 2001:db8::9 2001:db8:1::9 tcp 80 8080"},
    };
    Nat_rule rule;
    for (const auto &row : rows) {
        BOOST_TEST(!read_port_forward(row.text, rule).has_value());
        BOOST_TEST(to_string(rule) == row.words);
    }
    for (const char *text :
         {"", ":", "=", "tcp", "tcp:198.51.100.10=10.0.0.5",
          "tcp:198.51.100.10:80=10.0.0.5", "tcp:198.51.100.10=10.0.0.5:80",
          "tcp:198.51.100.10:=10.0.0.5:80", "198.51.100.10:80=10.0.0.5:80",
          "icmp:198.51.100.10:80=10.0.0.5:80", ":198.51.100.10:80=10.0.0.5:80",
          "tcp:198.51.100.10:80=10.0.0.5:80-81",
          "tcp:198.51.100.10:80=[2001:db8::9]:80",
          "tcp:[198.51.100.10]:80=10.0.0.5:80",
          "tcp:2001:db8::9:80=[2001:db8:1::9]:80",
          "tcp:[2001:db8::9]:80=2001:db8:1::9:80",
          "tcp:[2001:db8::9:80=[2001:db8:1::9]:80",
          "tcp:[2001:db8::9]80=[2001:db8:1::9]:80"}) {
        BOOST_TEST_CONTEXT(text)
        {
            const Check refused = read_port_forward(text, rule);
            BOOST_REQUIRE(refused.has_value());
            check_sentence(refused->what,
                           {"snat-port-forwards " + quoted(text)});
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
