// Ranges of addresses and pairs of ranges, taken away from one another: by
// example, and at random compared with a space so small that every address of
// it can be asked.
#include "router/ranges.hh"

#include <boost/test/unit_test.hpp>
#include <random>
#include <set>

using namespace snat;

namespace {

using Ranges = std::vector<Ip_range>;

Ip_range
range(const std::string &first, const std::string &last)
{
    return {*parse_ip(first), *parse_ip(last)};
}

Ip_range
range(const std::string &network)
{
    return range_of(*parse_network(network));
}

std::string
text(const Ranges &ranges)
{
    std::string out;
    for (const Ip_range &one : ranges) {
        out += (out.empty() ? "" : " ") + to_string(one);
    }
    return out;
}

std::string
text(const std::vector<Flows> &parts)
{
    std::string out;
    for (const Flows &one : parts) {
        out += (out.empty() ? "" : " ") + to_string(one.inside) + ">"
               + to_string(one.outside);
    }
    return out;
}

// A space of sixteen addresses, at the end of all where 'high'.
struct Small {
    bool high = false;
    Family family = Family::ipv4;

    Ip
    address(unsigned n) const
    {
        Ip ip;
        ip.family = family;
        const uint8_t other = high ? 0xff : 0;
        std::fill_n(ip.bytes.begin(), ip.size(), other);
        ip.bytes[ip.size() - 1] = static_cast<uint8_t>((other & 0xf0) | n);
        return ip;
    }

    Ip_range
    range(unsigned a, unsigned b) const
    {
        return {address(std::min(a, b)), address(std::max(a, b))};
    }
};

constexpr unsigned n_addresses = 16;

// Both families, at either end.
const Small spaces[] = {{false, Family::ipv4},
                        {true, Family::ipv4},
                        {false, Family::ipv6},
                        {true, Family::ipv6}};

size_t
count(const Ranges &ranges, const Ip &ip)
{
    return std::ranges::count_if(ranges, [&](const Ip_range &one) {
        return one.first <= ip && ip <= one.last;
    });
}

bool
contains(const Ip_range &range, const Ip &ip)
{
    return range.first <= ip && ip <= range.last;
}

bool
contains(const Flows &flows, const Ip &inside, const Ip &outside)
{
    return contains(flows.inside, inside) && contains(flows.outside, outside);
}

class Dice {
public:
    explicit Dice(unsigned seed) : random_{seed} {}

    unsigned
    below(unsigned n)
    {
        return std::uniform_int_distribution<unsigned>{0, n - 1}(random_);
    }

    Ip_range
    range(const Small &space)
    {
        return space.range(below(n_addresses), below(n_addresses));
    }

    Ranges
    ranges(const Small &space)
    {
        Ranges out;
        for (unsigned n = below(4); n > 0; n--) {
            out.push_back(range(space));
        }
        return out;
    }

private:
    std::mt19937 random_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(ranges)

BOOST_AUTO_TEST_CASE(a_network_is_a_range)
{
    const struct {
        const char *network, *range;
    } rows[] = {
        {"10.0.0.5/24", "10.0.0.0-10.0.0.255"},
        {"10.0.0.5/32", "10.0.0.5"},
        {"10.0.0.5/31", "10.0.0.4-10.0.0.5"},
        {"10.0.0.5/9", "10.0.0.0-10.127.255.255"},
        {"10.0.0.5/0", "0.0.0.0-255.255.255.255"},
        {"2001:db8::5/128", "2001:db8::5"},
        {"2001:db8::5/65", "2001:db8::-2001:db8::7fff:ffff:ffff:ffff"},
        {"::/0", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    };
    for (const auto &row : rows) {
        BOOST_TEST(to_string(range(row.network)) == row.range);
    }
    BOOST_TEST((everybody(Family::ipv4) == range("0.0.0.0/0")));
    BOOST_TEST((everybody(Family::ipv6) == range("::/0")));
}

BOOST_AUTO_TEST_CASE(what_is_left_of_ranges)
{
    const auto whole = range("10.0.0.0/24");
    const struct {
        Ranges some, others;
        const char *rest;
    } rows[] = {
        {{whole}, {}, "10.0.0.0-10.0.0.255"},
        {{}, {whole}, ""},
        {{whole}, {whole}, ""},
        {{whole}, {range("10.0.0.0/8")}, ""},
        {{whole}, {range("10.0.1.0/24")}, "10.0.0.0-10.0.0.255"},
        {{whole}, {range("10.0.0.0/32")}, "10.0.0.1-10.0.0.255"},
        {{whole}, {range("10.0.0.255/32")}, "10.0.0.0-10.0.0.254"},
        {{whole},
         {range("10.0.0.4/30"), range("10.0.0.9/32")},
         "10.0.0.0-10.0.0.3 10.0.0.8 10.0.0.10-10.0.0.255"},
        // What was given may overlap and be in any order.
        {{range("10.0.0.8/29"), range("10.0.0.0/28")},
         {},
         "10.0.0.0-10.0.0.15"},
        {{range("10.0.1.0/24"), whole},
         {range("10.0.0.128", "10.0.1.127")},
         "10.0.0.0-10.0.0.127 10.0.1.128-10.0.1.255"},
        // Bytes carry over.
        {{range("10.0.255.0", "10.1.0.255")},
         {range("10.1.0.0/32")},
         "10.0.255.0-10.0.255.255 10.1.0.1-10.1.0.255"},
        // Families do not meet.
        {{whole}, {range("::/0")}, "10.0.0.0-10.0.0.255"},
    };
    for (const auto &row : rows) {
        BOOST_TEST(text(subtract(row.some, row.others)) == row.rest);
    }
}

BOOST_AUTO_TEST_CASE(the_ends_of_all_addresses)
{
    const auto rest_of = [](const std::string &all, const Ranges &others) {
        return text(subtract({range(all)}, others));
    };
    BOOST_TEST(rest_of("0.0.0.0/0", {range("0.0.0.0/32")})
               == "0.0.0.1-255.255.255.255");
    BOOST_TEST(rest_of("0.0.0.0/0", {range("255.255.255.255/32")})
               == "0.0.0.0-255.255.255.254");
    BOOST_TEST(rest_of("0.0.0.0/0", {range("0.0.0.0/0")}) == "");
    BOOST_TEST(rest_of("::/0", {range("8000::/1")})
               == "::-7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    BOOST_TEST(rest_of("::/0", {range("::/1")})
               == "8000::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

BOOST_AUTO_TEST_CASE(any_ranges_as_address_by_address)
{
    for (unsigned seed = 0; seed < 4000; seed++) {
        Dice dice{seed};
        const Small &space = spaces[seed % std::size(spaces)];
        const Ranges some = dice.ranges(space), others = dice.ranges(space);
        const Ranges rest = subtract(some, others);
        BOOST_TEST_CONTEXT("seed " << seed << ": " << text(some) << " without "
                                   << text(others) << " is " << text(rest))
        {
            for (unsigned n = 0; n < n_addresses; n++) {
                const Ip ip = space.address(n);
                const bool wanted = count(some, ip) && !count(others, ip);
                BOOST_REQUIRE(count(rest, ip) == size_t{wanted});
            }
            BOOST_REQUIRE(std::ranges::is_sorted(rest));
        }
    }
}

BOOST_AUTO_TEST_CASE(what_is_left_of_flows)
{
    const Flows all{range("10.0.0.0/24"), range("0.0.0.0/0")};
    BOOST_TEST(text(subtract(all, all)) == "");
    BOOST_TEST(text(subtract(all, {range("10.0.1.0/24"), all.outside}))
               == text(std::vector{all}));
    BOOST_TEST(text(subtract(Flows{all.inside, range("192.0.2.0/24")},
                             Flows{all.inside, range("203.0.113.0/24")}))
               == "10.0.0.0-10.0.0.255>192.0.2.0-192.0.2.255");
    BOOST_TEST(
        text(subtract(all, {range("10.0.0.5/32"), range("203.0.113.0/24")}))
        == "10.0.0.0-10.0.0.4>0.0.0.0-255.255.255.255 "
           "10.0.0.6-10.0.0.255>0.0.0.0-255.255.255.255 "
           "10.0.0.5>0.0.0.0-203.0.112.255 "
           "10.0.0.5>203.0.114.0-255.255.255.255");
}

BOOST_AUTO_TEST_CASE(any_flows_as_flow_by_flow)
{
    for (unsigned seed = 0; seed < 2000; seed++) {
        Dice dice{seed};
        const Small &space = spaces[seed % std::size(spaces)];
        const Flows some{dice.range(space), dice.range(space)},
            others{dice.range(space), dice.range(space)};
        const std::vector<Flows> rest = subtract(some, others);
        BOOST_TEST_CONTEXT("seed " << seed << ": " << text(std::vector{some})
                                   << " without " << text(std::vector{others})
                                   << " is " << text(rest))
        {
            for (unsigned n = 0; n < n_addresses * n_addresses; n++) {
                const Ip inside = space.address(n % n_addresses),
                         outside = space.address(n / n_addresses);
                const bool wanted = contains(some, inside, outside)
                                    && !contains(others, inside, outside);
                const auto found
                    = std::ranges::count_if(rest, [&](const Flows &part) {
                          return contains(part, inside, outside);
                      });
                BOOST_REQUIRE(found == (wanted ? 1 : 0));
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
