// The checks that ask the networks, in plans between all pairs of a small set
// of routers: where they stand, and that they are in nobody's way.
#include "samples.hh"

#include <algorithm>
#include <set>
#include <utility>

namespace {

using namespace samples;

const Checks duplicates{true, {}};

// Runs 'test' with each step of a plan and what was there before it.
void
walk(const Picture &seen, const std::vector<Step> &steps,
     const std::function<void(const Step &, const Picture &)> &test)
{
    Picture now = seen;
    for (const Step &step : steps) {
        test(step, now);
        act(now, step);
    }
}

std::vector<Step>
without_checks(std::vector<Step> steps)
{
    std::erase_if(steps, [](const Step &step) {
        return std::holds_alternative<Verify>(step);
    });
    return steps;
}

} // namespace

BOOST_AUTO_TEST_SUITE(verify_plans)

// Of every pair of routers: no IPv4 address is set that was neither there at
// the beginning nor asked for, on a link that was up, before it was set.
BOOST_AUTO_TEST_CASE(new_addresses_are_asked_for_before_they_are_set)
{
    for_each_pair([](const auto &before, const auto &after) {
        const Picture first = seen(before, after);
        std::set<std::pair<std::string, Ip>> fine;
        for (const auto &[name, link] : first.kernel.links) {
            for (const Network &network : link.addresses) {
                fine.emplace(name, network.ip);
            }
            for (const Ip &ip : link.hosts) {
                fine.emplace(name, ip);
            }
        }
        const auto steps = plan(wish(after), first, duplicates);
        walk(first, steps, [&](const Step &step, const Picture &now) {
            if (const auto *verify = std::get_if<Verify>(&step)) {
                for (const auto &[name, ips] : verify->links) {
                    const Link &link = now.kernel.links.at(name);
                    BOOST_TEST(link.up, "not up: " << step);
                    for (const Ip &ip : ips) {
                        BOOST_TEST(!link.has(ip));
                        BOOST_TEST(fine.emplace(name, ip).second);
                    }
                }
            } else if (const auto *s = std::get_if<Set_addresses>(&step)) {
                for (const Network &network : s->becomes) {
                    BOOST_TEST((!network.ip.is_v4()
                                || fine.contains({s->link, network.ip})),
                               "not asked for: " << step);
                }
            } else if (const auto *h = std::get_if<Change_hosts>(&step)) {
                for (const Ip &ip : h->becomes) {
                    BOOST_TEST((fine.contains({h->link, ip})),
                               "not asked for: " << step);
                }
            }
        });
    });
}

BOOST_AUTO_TEST_CASE(plans_with_checks_arrive_and_can_be_turned_round)
{
    for_each_pair([](const auto &before, const auto &after) {
        const Picture first = seen(before, after);
        const Checks checks{true, changed_next_hops(before, after)};
        std::vector<Step> done;
        Picture now = first;
        for (const Step &step : plan(wish(after), first, checks)) {
            if (drops_namespace(step)) {
                return;
            }
            act(now, step);
            done.push_back(step);
            Picture back = now;
            for (const Step &undo : inverse(done)) {
                BOOST_TEST(!std::holds_alternative<Verify>(undo));
                act(back, undo);
            }
            BOOST_TEST(difference(back, first) == "");
        }
        BOOST_TEST(plan(wish(after), now).empty());
    });
}

BOOST_AUTO_TEST_CASE(only_checks_that_are_asked_for)
{
    for_each_pair([](const auto &before, const auto &after) {
        const Picture first = seen(before, after);
        const auto steps = plan(wish(after), first);
        BOOST_TEST((without_checks(steps) == steps));
        // With them the same is done, be it in another order.
        const auto checked
            = without_checks(plan(wish(after), first, duplicates));
        BOOST_TEST(checked.size() == steps.size());
        for (const Step &step : steps) {
            BOOST_TEST(std::ranges::count(checked, step) == 1, step);
        }
    });
}

// A route goes by no next hop that was not asked for before.
BOOST_AUTO_TEST_CASE(next_hops_are_asked_for_before_routes_go_by_them)
{
    for_each_pair([](const auto &before, const auto &after) {
        const auto hops = changed_next_hops(before, after);
        bool asked = false;
        for (const Step &step :
             plan(wish(after), seen(before, after), {false, hops})) {
            const auto *verify = std::get_if<Verify>(&step);
            asked = asked || (verify && verify->links == hops);
            const auto *route = std::get_if<Set_route>(&step);
            if (!route || !route->becomes) {
                continue;
            }
            for (const Hop &hop : route->becomes->hops) {
                BOOST_TEST((asked || !hops.contains(hop.link)), step);
            }
        }
        BOOST_TEST(asked == (!hops.empty() && after));
    });
}

BOOST_AUTO_TEST_CASE(next_hops_of_changed_ports_only)
{
    Router before = three_ports(true), after = before;
    BOOST_TEST(changed_next_hops(before, after).empty());
    after.ports["sg-a"].mtu = 1400;
    BOOST_TEST(changed_next_hops(before, after).empty());
    BOOST_TEST(changed_next_hops(before, std::nullopt).empty());
    BOOST_TEST(changed_next_hops(std::nullopt, after).size() == 1u);
    after.ports["qg-a"].mtu = 1400;
    const auto hops = changed_next_hops(before, after);
    BOOST_REQUIRE(hops.contains("qg-a"));
    BOOST_TEST((hops.at("qg-a") == after.ports["qg-a"].gateway_ips));
    after.ports["qg-a"].gateway_ips.clear();
    BOOST_TEST(changed_next_hops(before, after).empty());
}

BOOST_AUTO_TEST_SUITE_END()
