// Plans between all pairs of a small set of routers, as values: they arrive,
// they can be turned round at every step, and their order serves nobody half.
#include "router/timeouts.hh"
#include "samples.hh"

#include <algorithm>
#include <boost/test/unit_test.hpp>

namespace {

using namespace samples;

// The two ends of every pair: what is wished for, and what is there.
void
for_each_plan(const std::function<void(const Picture &wished,
                                       const Picture &there)> &test)
{
    for_each_pair([&](const auto &before, const auto &after) {
        test(wish(after), seen(before, after));
        BOOST_TEST_CONTEXT("tampered with")
        {
            test(wish(after), tampered(seen(before, after)));
        }
    });
}

template <typename T>
std::optional<size_t>
find_step(const std::vector<Step> &steps, auto fits)
{
    for (size_t i = 0; i < steps.size(); i++) {
        const T *step = std::get_if<T>(&steps[i]);
        if (step && fits(*step)) {
            return i;
        }
    }
    return std::nullopt;
}

// Whether what leaves by 'port' has the default SNAT.
bool
translates(const std::optional<Nat> &nat, const std::string &port)
{
    if (!nat) {
        return false;
    }
    const auto table = nat->tables.find("default4");
    return table != nat->tables.end() && table->second.contains(port);
}

} // namespace

BOOST_AUTO_TEST_SUITE(plans)

BOOST_AUTO_TEST_CASE(nothing_to_do_writes_nothing)
{
    for (const bool door2 : {false, true}) {
        for (const Sample &sample : all(door2)) {
            BOOST_TEST_CONTEXT(sample.name)
            {
                const auto steps = plan(wish(sample.router),
                                        seen(sample.router, sample.router));
                BOOST_TEST(steps.size() == 0u);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(every_plan_arrives)
{
    for_each_plan([](const Picture &wished, const Picture &seen) {
        Picture now = seen;
        for (const Step &step : plan(wished, seen)) {
            act(now, step);
        }
        for (const Step &step : plan(wished, now)) {
            BOOST_ERROR("still to do: " << step);
        }
        BOOST_TEST(now.kernel.links.size() == wished.kernel.links.size());
        BOOST_TEST((now.switch_ports == wished.switch_ports));
        std::erase_if(now.kernel.routes, [](const auto &item) {
            return item.second.is_foreign();
        });
        BOOST_TEST((now.kernel.routes == wished.kernel.routes));
        BOOST_TEST((now.kernel.route_rules == wished.kernel.route_rules));
        BOOST_TEST((now.kernel.nat == wished.kernel.nat));
        std::erase_if(now.kernel.sysctls, [&](const auto &sysctl) {
            const auto &[key, value] = sysctl;
            return (usual_timeout(key) == value // Given up.
                    || value == "0")            // As the kernel makes a link.
                   && !wished.kernel.sysctls.contains(key);
        });
        BOOST_TEST((now.kernel.sysctls == wished.kernel.sysctls));
    });
}

BOOST_AUTO_TEST_CASE(every_plan_can_be_turned_round_after_every_step)
{
    for_each_plan([](const Picture &wished, const Picture &seen) {
        const auto steps = plan(wished, seen);
        Picture there = seen;
        std::vector<Step> done;
        for (const Step &step : steps) {
            // What a namespace held is gone with it.
            if (drops_namespace(step)) {
                break;
            }
            act(there, step);
            done.push_back(step);
            Picture back = there;
            for (const Step &undo : inverse(done)) {
                act(back, undo);
            }
            BOOST_TEST(difference(back, seen) == "",
                       "after " << done.size() << " steps, the last to "
                                << step << ", the undo leaves other "
                                << difference(back, seen));
        }
    });
}

BOOST_AUTO_TEST_CASE(steps_start_from_where_the_last_one_ended)
{
    for_each_plan([](const Picture &wished, const Picture &seen) {
        const auto steps = plan(wished, seen);
        for (size_t i = 1; i < steps.size(); i++) {
            BOOST_TEST((steps[i] != steps[i - 1]), "twice: " << steps[i]);
        }
        for (const Step &step : steps) {
            BOOST_TEST((inverse(step) != step), "idle: " << step);
        }
    });
}

// No packet leaves untranslated: in a plan that makes a gateway, and that
// changes nothing for another, the rules are there before the link is up.
BOOST_AUTO_TEST_CASE(nat_is_loaded_before_a_gateway_comes_up)
{
    for_each_plan([](const Picture &wished, const Picture &seen) {
        Picture now = seen;
        for (const Step &step : plan(wished, seen)) {
            act(now, step);
            const auto *up = std::get_if<Set_up>(&step);
            if (!up || !up->becomes
                || !translates(wished.kernel.nat, up->link)) {
                continue;
            }
            BOOST_TEST(translates(now.kernel.nat, up->link),
                       up->link << " is up without NAT");
        }
    });
}

// ... and as long as it is up and wanted so on both sides, they stay.
BOOST_AUTO_TEST_CASE(nat_stays_while_a_gateway_is_up)
{
    for_each_plan([](const Picture &wished, const Picture &seen) {
        if (!translates(seen.kernel.nat, "qg-a")
            || (wished.kernel.nat && !translates(wished.kernel.nat, "qg-a"))) {
            return;
        }
        Picture now = seen;
        for (const Step &step : plan(wished, seen)) {
            act(now, step);
            const auto link = now.kernel.links.find("qg-a");
            if (link != now.kernel.links.end() && link->second.up) {
                BOOST_TEST(translates(now.kernel.nat, "qg-a"),
                           "untranslated after: " << step);
            }
        }
    });
}

BOOST_AUTO_TEST_CASE(the_name_comes_last)
{
    for_each_plan([](const Picture &wished, const Picture &seen) {
        const auto steps = plan(wished, seen);
        const auto name = find_step<Set_name>(
            steps, [](const Set_name &s) { return s.becomes; });
        if (!name) {
            return;
        }
        // A device of the switch must not be lost with a nameless namespace.
        const auto move = find_step<Move_device>(
            steps, [](const Move_device &s) { return s.inward; });
        BOOST_TEST((move ? *name + 1 == *move : *name + 1 == steps.size()));
    });
}

// Should we die, a namespace without a name dies as well, and ovs-vswitchd
// would not get over the loss of its own device.
BOOST_AUTO_TEST_CASE(what_is_the_switchs_is_in_no_nameless_namespace)
{
    for_each_plan([](const Picture &wished, const Picture &seen) {
        Picture now = seen;
        for (const Step &step : plan(wished, seen)) {
            act(now, step);
            for (const auto &[name, link] : now.kernel.links) {
                BOOST_TEST((now.kernel.name == Name_state::ours
                            || link.device.wiring == Wiring::veth),
                           name << " after: " << step);
            }
        }
    });
}

// Rows come early, so that the switch works while the rest is made.
BOOST_AUTO_TEST_CASE(what_is_new_is_opened_while_the_rest_is_made)
{
    for (const Wiring wiring : {Wiring::veth, Wiring::internal}) {
        Router router = one_gateway(true);
        set_wiring(router.ports["qg-a"], wiring);
        const auto steps = plan(wish(router), wish(std::nullopt));
        const auto any = [](const auto &) { return true; };
        const auto rows = find_step<Set_switch>(steps, any);
        const auto rules = find_step<Set_nat>(steps, any);
        const auto open = find_step<Await_open>(steps, any);
        BOOST_REQUIRE((rows && rules && open));
        BOOST_TEST(*rows < *rules);
        BOOST_TEST(*rules < *open);
        BOOST_TEST(!find_step<Set_open>(steps, any).has_value());
    }
}

// A pair that is made while its row on the switch is there.
BOOST_AUTO_TEST_CASE(what_the_switch_has_open_is_opened_anew)
{
    for (const bool door2 : {false, true}) {
        const Router router = three_ports(door2);
        Picture now = seen(router, std::nullopt);
        now.kernel.links.erase("sg-a");
        bool opened = false;
        for (const Step &step : plan(wish(router), now)) {
            if (const auto *open = std::get_if<Set_open>(&step)) {
                opened = true;
                BOOST_TEST((open->ports == std::vector<std::string>{"sg-a"}));
                BOOST_TEST(!now.kernel.links["sg-a"].device.node_up);
            }
            act(now, step);
        }
        BOOST_TEST(opened);
        BOOST_TEST(now.kernel.links["sg-a"].open);
        BOOST_TEST(now.kernel.links["sg-a"].device.node_up);
    }
}

// It went with a namespace, and ovs-vswitchd has not noticed.
BOOST_AUTO_TEST_CASE(what_the_switch_has_lost_is_opened_anew)
{
    for (const bool door2 : {false, true}) {
        Router router = one_gateway(door2);
        set_wiring(router.ports["qg-a"], Wiring::internal);
        Picture now = seen(router, std::nullopt);
        now.kernel = {};
        const auto lost = plan(wish(router), now);
        const auto open = find_step<Set_open>(lost, [](const Set_open &s) {
            return s.ports == std::vector<std::string>{"qg-a"};
        });
        const auto move = find_step<Move_device>(
            lost, [](const Move_device &s) { return s.inward; });
        BOOST_REQUIRE(open.has_value());
        BOOST_REQUIRE(move.has_value());
        BOOST_TEST(*open < *move);
        now.open_ports.clear(); // Nor has it made it yet.
        BOOST_TEST((plan(wish(router), now) == lost));
        now.kernel.on_node["qg-a"].wiring = Wiring::internal;
        BOOST_TEST(!find_step<Set_open>(plan(wish(router), now),
                                        [](const Set_open &) { return true; })
                        .has_value());
    }
}

BOOST_AUTO_TEST_CASE(the_namespace_goes_last_and_nameless)
{
    for_each_plan([](const Picture &wished, const Picture &seen) {
        if (wished.kernel.exists || !seen.kernel.exists) {
            return;
        }
        const auto steps = plan(wished, seen);
        BOOST_REQUIRE(steps.size() > 1u);
        BOOST_TEST(drops_namespace(steps.back()));
        const auto name = find_step<Set_name>(
            steps, [](const Set_name &s) { return !s.becomes; });
        BOOST_TEST(name.has_value());
    });
}

// On-link routes to next hops stand before the routes that go by them.
BOOST_AUTO_TEST_CASE(a_next_hop_is_reachable_before_it_is_used)
{
    Router router = one_gateway(true);
    router.ports["qg-a"].gateway_ips = {*parse_ip("203.0.113.1")};
    const auto steps = plan(wish(router), seen(std::nullopt, router));
    const auto prefix = [&](uint8_t length) {
        return find_step<Set_route>(steps, [&](const Set_route &s) {
            return s.becomes && s.becomes->prefix.length == length;
        });
    };
    BOOST_REQUIRE(prefix(32).has_value());
    BOOST_REQUIRE(prefix(0).has_value());
    BOOST_TEST(*prefix(32) < *prefix(0));
}

BOOST_AUTO_TEST_CASE(an_address_is_added_before_the_old_one_goes)
{
    Router after = one_gateway(true);
    after.ports["qg-a"].networks = {network("198.51.100.99/24")};
    const auto steps
        = plan(wish(after), seen(one_gateway(true), std::nullopt));
    for (const Step &step : steps) {
        if (const auto *s = std::get_if<Set_addresses>(&step)) {
            BOOST_TEST(s->becomes.size() > 0u);
        }
    }
}

// It died with its ovs-vswitchd, and nobody would take it off the node.
BOOST_AUTO_TEST_CASE(a_tap_whose_row_asks_for_a_pair_is_deleted)
{
    const Router pairs = three_ports(true);
    Router taps = pairs;
    set_wiring(taps.ports["sg-b"], Wiring::internal);
    Picture now = seen(taps, pairs);
    now.switch_ports["sg-b"].wiring = Wiring::veth;
    const auto steps = plan(wish(pairs), now);
    BOOST_TEST(!find_step<Move_device>(steps, [](const auto &) {
                    return true;
                }).has_value());
    const auto is_deleted = [](const Set_device &step) {
        return step.link == "sg-b" && !step.becomes;
    };
    BOOST_TEST(find_step<Set_device>(steps, is_deleted).has_value());
}

BOOST_AUTO_TEST_CASE(routes_of_the_kernel_are_restored_before_ours)
{
    const Router router = one_gateway(true);
    Picture now = seen(router, std::nullopt);
    now.kernel.links["qg-a"].lacks_route = true;
    now.kernel.routes.clear();
    const auto steps = plan(wish(router), now);
    BOOST_REQUIRE(steps.size() == 2u);
    BOOST_TEST(words(steps[0])
               == "restore the kernel's routes to the addresses of qg-a");
    BOOST_TEST(words(steps[1]) == "add the default route for IPv4");
    for (const Step &step : steps) {
        take_effect(now, step);
    }
    BOOST_TEST(plan(wish(router), now).empty());
}

BOOST_AUTO_TEST_CASE(usable_means_carrier_and_checked_addresses)
{
    const Router router = one_gateway(true);
    const Picture wished = wish(router);
    Picture now = seen(router, std::nullopt);
    Link &link = now.kernel.links["qg-a"];
    BOOST_TEST(!find_unusable(wished, now).has_value());
    link.tentative = true;
    BOOST_TEST(!find_unusable(wished, now).value().lasting);
    link.carrier = false;
    BOOST_TEST(find_unusable(wished, now).value().what
               == "the port qg-a has no carrier");
    link.dad_failed = true;
    BOOST_TEST(find_unusable(wished, now).value().lasting);
    now.kernel.links.clear();
    BOOST_TEST(find_unusable(wished, now).value().what
               == "the device qg-a is missing");
}

BOOST_AUTO_TEST_SUITE_END()
