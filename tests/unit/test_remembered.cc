// Who remembers what was asked for last must say the same as who does not.
#include "asked.hh"
#include "random_nat.hh"
#include "router/rows_for.hh"
#include "router/translate.hh"
#include "samples.hh"

using namespace asked;
using samples::Random_nat;

namespace {

Router_row
two_gateways()
{
    auto row
        = demo({door2("qg-a", "198.51.100.10/24"),
                door2("qg-b", "192.0.2.10/24"), door2("sg-a", "10.0.0.1/24")});
    for (auto &[port, network] :
         {std::pair{0, "2001:db8:a::10/64"}, std::pair{1, "2001:db8:b::10/64"},
          std::pair{2, "2001:db8:1::1/64"}}) {
        row.ports[static_cast<size_t>(port)].networks.push_back(network);
    }
    return row;
}

// Enough of them to be remembered.
constexpr unsigned many = 40;

// As many, which are right whatever else there is.
void
add_right_rows(Router_row &row)
{
    for (unsigned i = 1; i <= many; i++) {
        Nat_row nat;
        nat.id = {Table::nat, "right-" + std::to_string(i)};
        nat.type = "dnat_and_snat";
        nat.external_ip = "203.0.113." + std::to_string(i);
        nat.logical_ip = "10.9.9." + std::to_string(i);
        row.nat.set(nat.id.uuid, nat);
    }
}

// Rules, right by themselves, that may well conflict.
std::vector<Nat_row>
some_rows(Random_nat &random, size_t n)
{
    std::vector<Nat_row> rows;
    while (rows.size() < n) {
        const Nat_rows one = nat_rows_for({}, {random.rule()}, false);
        rows.push_back(one.begin()->second);
        rows.back().id.uuid = std::to_string(rows.size());
    }
    return rows;
}

} // namespace

BOOST_AUTO_TEST_SUITE(remembered)

BOOST_AUTO_TEST_CASE(translations)
{
    for (unsigned seed = 0; seed < 30; seed++) {
        Random_nat random{seed};
        Router router = random.router(2 * many);
        const std::vector<Nat_rule> rules{router.nat.begin(),
                                          router.nat.end()};
        Translator translator;
        for (int i = 0; i < 40; i++) {
            for (unsigned n = random.below(3); n; n--) {
                const Nat_rule &rule
                    = rules[random.below(static_cast<unsigned>(rules.size()))];
                if (!router.nat.erase(rule)) {
                    router.nat.insert(rule);
                }
            }
            if (random.one_in(10)) {
                auto &networks = router.ports.at("qg-a").networks;
                std::swap(networks.front(), networks.back());
            }
            if (random.one_in(10)) {
                router.settings.max_flows = random.below(5000);
            }
            const Wired now = wire(router, translator);
            BOOST_TEST_CONTEXT("seed " << seed << ", change " << i)
            {
                BOOST_TEST((now == wire(router)));
            }
        }
    }
}

// Of these two or three want the same mark.
BOOST_AUTO_TEST_CASE(translations_of_contested_marks)
{
    const auto rules = samples::of_contested_marks();
    Random_nat random{1};
    Router router = random.router(many);
    Translator translator;
    for (int i = 0; i < 60; i++) {
        const Nat_rule &rule
            = rules[random.below(static_cast<unsigned>(rules.size()))];
        if (!router.nat.erase(rule)) {
            router.nat.insert(rule);
        }
        const Wired now = wire(router, translator);
        BOOST_TEST_CONTEXT("change " << i)
        {
            BOOST_TEST((now == wire(router)));
        }
    }
}

// Refused rows among them, or not.
BOOST_AUTO_TEST_CASE(acceptances)
{
    int right = 0, wrong = 0;
    for (unsigned seed = 0; seed < 60; seed++) {
        Random_nat random{seed};
        const auto all = some_rows(random, 4 + seed / 4);
        Router_row row = two_gateways();
        if (seed % 4) {
            add_right_rows(row);
        }
        Acceptor acceptor;
        for (int i = 0; i < 40; i++) {
            const Nat_row &nat
                = all[random.below(static_cast<unsigned>(all.size()))];
            if (!row.nat.erase(nat.id.uuid)) {
                row.nat.set(nat.id.uuid, nat);
            } else if (random.one_in(3)) { // Another one in the same row.
                Nat_row other = all.front();
                other.id = nat.id;
                row.nat.set(nat.id.uuid, other);
            }
            if (random.one_in(10)) {
                row.ports.front().mtu = 1300 + i;
            }
            if (random.one_in(10)) {
                row.options["ct-limit"] = std::to_string(i);
            }
            const auto now = acceptor.accept(row, bridges(), {}, nullptr);
            (now.refusals.empty() ? right : wrong)++;
            BOOST_TEST_CONTEXT("seed " << seed << ", change " << i)
            {
                BOOST_TEST((now == accept(row, bridges(), {})));
            }
        }
    }
    BOOST_TEST(right > 100);
    BOOST_TEST(wrong > 100);
}

BOOST_AUTO_TEST_SUITE_END()
