// NAT rules back to rows and keys: what is written is accepted as the same
// rules, and what says them already stays as it is.
#include "asked.hh"
#include "random_nat.hh"
#include "router/rows_for.hh"

using namespace asked;
using samples::nat_rows;
using samples::Random_nat;

namespace {

Router_row
two_gateways()
{
    return demo({door2("qg-a", "198.51.100.10/24"),
                 door1("qg-b", "192.0.2.10/24"),
                 door2("sg-a", "10.0.0.1/24")});
}

Router
accepted(const Router_row &row)
{
    const Accepted all = accept_demo(row);
    BOOST_TEST(all.refusals.empty(), summary(all.refusals));
    return all.router;
}

// The router of those rows with some rules of door 2, and of door 1.
Router
with_rules(unsigned seed)
{
    Router router = accepted(two_gateways());
    Random_nat random{seed};
    Nat_rules rules{router};
    Shared_set<Nat_rule> kept;
    std::set<Nat_rule> keys;
    for (int n = 0; n < 12; n++) {
        Nat_rule rule = random.rule();
        const bool is_door1
            = n % 2 && rule.type != Nat_type::snat && !rule.no_nat
              && !rule.has_peers() && !rule.random_ports && !rule.max_flows
              && (rule.type == Nat_type::dnat_and_snat || rule.is_forward());
        if (is_door1) {
            rule.gateway_port = "qg-b";
        }
        if (rules.add(rule)) {
            continue;
        }
        if (is_door1) {
            rule.gateway_port = "";
            keys.insert(rule);
        } else {
            kept.insert(rule);
        }
    }
    router.nat = kept;
    router.ports.at("qg-b").nat = keys;
    return router;
}

Rewritten
written(const Router_row &row, const Router &wanted)
{
    auto out = rows_for({row, {}, {}}, {wanted, Idle::no_rows}, {});
    BOOST_REQUIRE_MESSAGE(out.lacking.empty(), out.lacking.front());
    return out;
}

// As if the texts of door 1 had been read from the keys again.
std::string
key_of(const Port_row &row, const char *key)
{
    const auto found = row.options.find(key);
    return found == row.options.end() ? "" : found->second;
}

} // namespace

BOOST_AUTO_TEST_SUITE(rows_for_nat)

BOOST_AUTO_TEST_CASE(rules_come_back_by_either_door)
{
    size_t rules = 0, keys = 0;
    for (unsigned seed = 0; seed < 500; seed++) {
        const Router wanted = with_rules(seed), other = with_rules(seed + 1);
        BOOST_TEST_CONTEXT("seed " << seed)
        {
            const Router_row row = written(two_gateways(), wanted).row;
            BOOST_REQUIRE((accepted(row) == wanted));
            BOOST_TEST((written(row, wanted).row == row));
            // From one to another, and back.
            const Router_row there = written(row, other).row;
            BOOST_REQUIRE((accepted(there) == other));
            BOOST_REQUIRE((accepted(written(there, wanted).row) == wanted));
            rules += wanted.nat.size();
            keys += wanted.ports.at("qg-b").nat.size();
        }
    }
    BOOST_TEST(rules > 1000u);
    BOOST_TEST(keys > 200u);
}

BOOST_AUTO_TEST_CASE(the_keys_say_what_their_members_do)
{
    Router wanted = accepted(two_gateways());
    auto &nat = wanted.ports.at("qg-b").nat;
    for (const char *text :
         {"192.0.2.20=10.0.0.5", "2001:db8::9=2001:db8:1::9"}) {
        Nat_rule rule;
        BOOST_REQUIRE(!read_floating_ip(text, rule));
        nat.insert(rule);
    }
    for (const char *text :
         {"tcp:192.0.2.10:80=10.0.0.5:8080",
          "udp:[2001:db8::8]:53-54=[2001:db8:1::8]:53-54"}) {
        Nat_rule rule;
        BOOST_REQUIRE(!read_port_forward(text, rule));
        nat.insert(rule);
    }
    const Port_row port = written(two_gateways(), wanted).row.ports[1];
    BOOST_TEST(key_of(port, "snat-floating-ips")
               == "192.0.2.20=10.0.0.5 2001:db8::9=2001:db8:1::9");
    BOOST_TEST(key_of(port, "snat-port-forwards")
               == "tcp:192.0.2.10:80=10.0.0.5:8080 "
                  "udp:[2001:db8::8]:53-54=[2001:db8:1::8]:53-54");
    // And go with the rules.
    const Router plain = accepted(two_gateways());
    BOOST_TEST((written({written(two_gateways(), wanted).row}, plain).row
                == two_gateways()));
}

BOOST_AUTO_TEST_CASE(rows_that_are_right_stay_to_the_letter)
{
    Router_row row = two_gateways();
    Nat_row nat;
    nat.id = {Table::nat, "some"};
    nat.type = "dnat";
    nat.external_ip = "2001:DB8:0::20";
    nat.logical_ip = "2001:db8:1:0::5";
    nat.protocol = "tcp";
    nat.external_port = nat.internal_port = "80-80";
    nat.options = {{"allowed-ext", " 2001:db8:2::/64,2001:db8:2::/64"},
                   {"no-nat", "false"}};
    row.nat = nat_rows({nat});
    Port_row &port = row.ports[1];
    port.floating_ips = {"192.0.2.21=10.0.0.6", "192.0.2.20=10.0.0.5"};
    port.options["snat-floating-ips"]
        = "192.0.2.21=10.0.0.6,, 192.0.2.20=10.0.0.5";
    const Router wanted = accepted(row);
    BOOST_TEST((written(row, wanted).row == row));
    // Beside one that is to go, and one that is not there yet.
    Nat_row next = nat;
    next.id.uuid = "other";
    next.external_port = next.internal_port = "81";
    Router_row other = row;
    other.nat = nat_rows({next, nat});
    BOOST_TEST((written(other, wanted).row == row));
    Nat_rows both = written(row, accepted(other)).row.nat;
    BOOST_REQUIRE(both.size() == 2u);
    BOOST_REQUIRE(both.contains("some"));
    BOOST_TEST((*both.find("some") == nat));
    both.erase("some");
    BOOST_TEST((both.begin()->second.id == Row_id{Table::nat, ""}));
}

// Of two rows that say the same one is enough, and either is right.
BOOST_AUTO_TEST_CASE(twins_and_refused_rows)
{
    Router_row row = two_gateways();
    const Router plain = accepted(row);
    row.nat = nat_rows({samples::bad_nat_row("bad", "banana")});
    BOOST_TEST(written(row, plain).row.nat.empty());
    row.options["refused-rows"] = "skip";
    BOOST_TEST((written(row, plain).row.nat == row.nat));
    Nat_rule rule;
    BOOST_REQUIRE(!read_floating_ip("192.0.2.20=10.0.0.5", rule));
    Nat_row first = nat_rows_for({}, {rule}, false).begin()->second;
    Nat_row second = first;
    first.id.uuid = "first";
    second.id.uuid = "second";
    const auto left = nat_rows_for(nat_rows({first, second}), {rule}, true);
    BOOST_REQUIRE(left.size() == 1u);
    BOOST_TEST(left.begin()->second.id.uuid == "first");
}

// Rules of rows need a row of the router.
BOOST_AUTO_TEST_CASE(a_router_row_is_made_for_rules)
{
    Router_row row = demo({door1("qg-b", "192.0.2.10/24")});
    Router wanted = accepted(row);
    row.id.reset();
    BOOST_TEST(!written(row, wanted).row.id.has_value());
    wanted.nat.insert(Random_nat{2}.rule());
    BOOST_TEST((written(row, wanted).row.id == Row_id{Table::router, ""}));
}

BOOST_AUTO_TEST_SUITE_END()
