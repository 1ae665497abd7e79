// Options of NAT rules beyond what they translate: blocks of ports, rates and
// logs; and the rates of gateway ports.
#include "router/accept_nat.hh"

#include "asked.hh"

#include <boost/test/data/test_case.hpp>

using namespace asked;

namespace {

Nat_row
source(const std::string &logical, const Options &options)
{
    Nat_row row;
    row.type = "snat";
    row.external_ip = "198.51.100.30";
    row.logical_ip = logical;
    row.options = options;
    return row;
}

Nat_row
floating(const Options &options)
{
    Nat_row row = source("10.0.0.5", options);
    row.type = "dnat_and_snat";
    return row;
}

Nat_row
forward(const Options &options)
{
    Nat_row row = floating(options);
    row.type = "dnat";
    row.protocol = "tcp";
    row.external_port = "80";
    return row;
}

Nat_rule
read(const Nat_row &row)
{
    Nat_rule rule;
    const Check refused = read_nat_row(row, rule);
    BOOST_TEST(!refused, (refused ? refused->what : ""));
    return rule;
}

void
check_row_refused(const Nat_row &row, const std::vector<std::string> &parts)
{
    Nat_rule rule;
    const Check refused = read_nat_row(row, rule);
    BOOST_REQUIRE(refused.has_value());
    check_sentence(refused->what, parts);
    BOOST_TEST((rule == Nat_rule{}));
}

const char *const no_numbers[]
    = {"banana", "-1",  "+1", " 20",        "20 ",
       "0x20",   "2e1", "0",  "4294967316", "99999999999999999999"};

const char *const rates[] = {"rate-in", "rate-out"}, *const bursts[]
                                                     = {"burst-in",
                                                        "burst-out"};

} // namespace

BOOST_AUTO_TEST_SUITE(accept_nat_options)

BOOST_AUTO_TEST_CASE(any_rule_may_be_logged)
{
    for (const Nat_row &row :
         {source("10.0.0.0/24", {{"log", "true"}}),
          floating({{"log", "true"}}), forward({{"log", "true"}})}) {
        BOOST_TEST(read(row).log);
    }
    BOOST_TEST(!read(floating({{"log", "false"}})).log);
    BOOST_TEST(!read(floating({})).log);
    check_row_refused(floating({{"log", "yes"}}),
                      {"log", "\"yes\"", "true or false"});
}

BOOST_AUTO_TEST_CASE(blocks_are_for_sources)
{
    const Options block = {{"port-block-size", "100"}};
    BOOST_TEST(read(source("10.0.0.0/24", block)).port_block == 100u);
    BOOST_TEST(read(source("10.0.0.0/24", {})).port_block == 0u);
    for (const Nat_row &row : {floating(block), forward(block)}) {
        check_row_refused(row, {"port-block-size", "snat only"});
    }
    Nat_row exception = source(
        "10.0.0.0/24", {{"port-block-size", "100"}, {"no-nat", "true"}});
    exception.external_ip.clear();
    check_row_refused(exception, {"port-block-size", "snat only"});
}

BOOST_DATA_TEST_CASE(a_block_has_a_size, no_numbers, text)
{
    check_row_refused(source("10.0.0.5", {{"port-block-size", text}}),
                      {"port-block-size", quoted(text), "1 to 64512"});
}

BOOST_AUTO_TEST_CASE(a_host_has_so_many_flows)
{
    const Options most = {{"max-translations", "100"}};
    BOOST_TEST(read(source("10.0.0.0/16", most)).max_flows == 100u);
    Nat_row ipv6 = source("2001:db8:1::/112", most);
    ipv6.external_ip = "2001:db8::20";
    BOOST_TEST(read(ipv6).max_flows == 100u);
    BOOST_TEST(read(floating(most)).max_flows == 100u);
    BOOST_TEST(read(floating({})).max_flows == 0u);
    check_row_refused(forward(most), {"max-translations", "expected it on"});
    check_row_refused(
        floating({{"max-translations", "5"}, {"stateless", "true"}}),
        {"max-translations", "not stateless"});
    ipv6.logical_ip = "2001:db8:1::/64";
    for (const Nat_row &row : {source("10.0.0.0/15", most), ipv6}) {
        check_row_refused(
            row, {"max-translations", row.logical_ip, "65536 addresses"});
    }
}

BOOST_DATA_TEST_CASE(flows_are_counted, no_numbers, text)
{
    check_row_refused(source("10.0.0.5", {{"max-translations", text}}),
                      {"max-translations", quoted(text), "1 to 65536"});
}

BOOST_AUTO_TEST_CASE(each_host_has_a_block)
{
    const auto row
        = [](const char *logical, const char *size, const char *ports = "") {
              Nat_row out = source(logical, {{"port-block-size", size}});
              out.external_port = ports;
              return out;
          };
    // All of the ports from 1024 on.
    read(row("10.0.0.5", "64512"));
    read(row("10.0.0.0/24", "252"));
    check_row_refused(row("10.0.0.0/24", "253"),
                      {"10.0.0.0/24", "253", "at most 254 addresses"});
    read(row("10.0.0.0/30", "250", "2000-2999"));
    check_row_refused(row("10.0.0.0/30", "251", "2000-2999"),
                      {"10.0.0.0/30", "251", "at most 3 addresses"});
    check_row_refused(row("10.0.0.5", "2", "2000"), {"at most 0 addresses"});
    check_row_refused(row("0.0.0.0/0", "1"), {"0.0.0.0/0", "64512"});
    Nat_row wide = row("2001:db8::/64", "1");
    wide.external_ip = "2001:db8:1::30";
    check_row_refused(wide, {"2001:db8::/64", "64512"});
}

BOOST_AUTO_TEST_CASE(floating_ips_have_rates)
{
    const Nat_rule rule = read(floating({{"rate-in", "8000"},
                                         {"burst-in", "80"},
                                         {"rate-out", "4000000000"}}));
    BOOST_TEST((rule.in == Rate{8000, 80}));
    BOOST_TEST((rule.out == Rate{4000000000, 0}));
    BOOST_TEST((read(floating({})).in == Rate{}));
    for (const char *key : rates) {
        const Options rate = {{key, "1000"}};
        for (const Nat_row &row : {source("10.0.0.5", rate), forward(rate)}) {
            check_row_refused(row, {"rate", "dnat_and_snat only"});
        }
        check_row_refused(floating({{key, "4000000001"}}),
                          {key, "4000000001", "16 to 4000000000"});
    }
}

BOOST_DATA_TEST_CASE(rates_are_numbers, no_numbers, text)
{
    for (const char *key : rates) {
        check_row_refused(floating({{key, text}}),
                          {key, quoted(text), "16 to 4000000000"});
    }
    for (size_t i = 0; i < std::size(rates); i++) {
        check_row_refused(floating({{rates[i], "1000"}, {bursts[i], text}}),
                          {bursts[i], quoted(text), "1 to 4000000"});
    }
}

BOOST_AUTO_TEST_CASE(a_burst_needs_a_rate)
{
    check_row_refused(floating({{"burst-in", "10"}}),
                      {"burst-in without rate-in"});
    check_row_refused(floating({{"burst-out", "10"}, {"rate-in", "16"}}),
                      {"burst-out without rate-out"});
}

BOOST_AUTO_TEST_CASE(gateway_ports_have_rates)
{
    Port_row row = make_gateway(false);
    row.options
        = {{"rate-in", "8000"}, {"rate-out", "4000"}, {"burst-out", "40"}};
    const Port port = read_good(row);
    BOOST_TEST((port.in == Rate{8000, 0}));
    BOOST_TEST((port.out == Rate{4000, 40}));
    row.options = {{"rate-in", "fast"}};
    check_port_refused(row, {"rate-in", "\"fast\"", "16 to 4000000000"});
    row.options = {{"burst-in", "10"}};
    check_port_refused(row, {"burst-in without rate-in"});
}

BOOST_AUTO_TEST_CASE(internal_ports_have_no_rate)
{
    Port_row row = make_internal(false);
    row.options = {{"rate-in", "8000"}};
    check_port_refused(row, {"rate", "gateway ports only"});
}

BOOST_AUTO_TEST_SUITE_END()
