// The checks that ask the networks: where they stand in a plan, and what
// becomes of a change when they fail.
#include "daemon.hh"

#include <algorithm>

using namespace samples;

namespace {

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

bool
has_ip(const std::vector<Network> &networks, const Ip &ip)
{
    return std::ranges::any_of(
        networks, [&](const Network &network) { return network.ip == ip; });
}

std::vector<Step>
without_checks(std::vector<Step> steps)
{
    std::erase_if(steps, [](const Step &step) {
        return std::holds_alternative<Verify>(step);
    });
    return steps;
}

struct Verifying : Daemon {
    Verifying()
    {
        rows.options
            = {{"verify-duplicates", "true"}, {"verify-gateway", "true"}};
    }

    static Router_row
    gateway_demo(const std::string &next_hop = "198.51.100.1")
    {
        Router_row row = demo();
        row.ports[0].gateway_ips = {next_hop};
        return row;
    }

    // The number of times that somebody was asked for.
    auto
    asked(bool answers) const
    {
        return std::ranges::count_if(fake.probes, [&](const Probe &probe) {
            return probe.answers == answers;
        });
    }

    void
    refuse(bool answers, const std::string &what)
    {
        fake.answer_probe = [answers, what](const Probe &probe) {
            return probe.answers == answers ? Outcome{Error{0, what}} : Done{};
        };
    }

    bool
    log_has(const std::string &text) const
    {
        return std::ranges::any_of(
            fake.lines, [&](const auto &line) { return has(line, text); });
    }
};

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
        }
        const auto steps = plan(wish(after), first, duplicates);
        walk(first, steps, [&](const Step &step, const Picture &now) {
            if (const auto *verify = std::get_if<Verify>(&step)) {
                for (const auto &[name, ips] : verify->links) {
                    const Link &link = now.kernel.links.at(name);
                    BOOST_TEST(link.up, "not up: " << step);
                    for (const Ip &ip : ips) {
                        BOOST_TEST(!has_ip(link.addresses, ip));
                        BOOST_TEST(fine.emplace(name, ip).second);
                    }
                }
            } else if (const auto *s = std::get_if<Set_addresses>(&step)) {
                for (const Network &network : s->becomes) {
                    BOOST_TEST((!network.ip.is_v4()
                                || fine.contains({s->link, network.ip})),
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

BOOST_FIXTURE_TEST_SUITE(verify_changes, Verifying)

BOOST_AUTO_TEST_CASE(both_are_asked_and_the_change_commits)
{
    edit(gateway_demo());
    check_demo_is(gateway_demo());
    BOOST_REQUIRE(fake.probes.size() == 2u);
    const Probe &free = fake.probes[0], &hops = fake.probes[1];
    BOOST_TEST(!free.answers);
    BOOST_TEST((free.links.at("qg-a")
                == std::vector<Ip>{*parse_ip("198.51.100.10")}));
    BOOST_TEST(
        (free.links.at("sg-a") == std::vector<Ip>{*parse_ip("10.0.0.1")}));
    BOOST_TEST(hops.answers);
    BOOST_TEST(hops.links.size() == 1u);
    BOOST_TEST(
        (hops.links.at("qg-a") == std::vector<Ip>{*parse_ip("198.51.100.1")}));
    BOOST_TEST(hops.timeout == 3000u);
    BOOST_TEST(has(last_change().steps, "verify that nobody else has 2"));
    BOOST_TEST(has(last_change().steps, "verify that 1 next hop answers"));
}

BOOST_AUTO_TEST_CASE(off_unless_asked_for)
{
    rows.options.clear();
    edit(gateway_demo());
    BOOST_TEST(fake.probes.empty());
    Router_row row = gateway_demo("198.51.100.2");
    row.options = {{"verify-gateway", "true"}, {"verify-timeout", "123"}};
    edit(row);
    BOOST_REQUIRE(fake.probes.size() == 1u);
    BOOST_TEST(fake.probes[0].timeout == 123u);
    rows.options = {{"verify-gateway", "true"}};
    row = gateway_demo("198.51.100.3");
    row.options = {{"verify-gateway", "false"}};
    edit(row);
    BOOST_TEST(fake.probes.size() == 1u);
}

// While it is asked for the address is nowhere, and the old one is.
BOOST_AUTO_TEST_CASE(a_duplicate_undoes_the_change)
{
    edit(gateway_demo());
    const Picture before = fake.pictures["demo"];
    fake.answer_probe = [&](const Probe &) -> Outcome {
        const auto &link = fake.pictures["demo"].kernel.links.at("qg-a");
        BOOST_TEST((link.addresses
                    == std::vector<Network>{network("198.51.100.10/24")}));
        return Error{98, "the address 198.51.100.20 of the port qg-a is in "
                         "use by 02:00:00:00:00:0b"};
    };
    Router_row other = gateway_demo();
    other.ports[0].networks = {"198.51.100.20/24"};
    edit(other);
    BOOST_TEST((last_change().state == Change_state::undone));
    BOOST_TEST((status().state == State::failed));
    BOOST_TEST(status().error
               == "the check verify-duplicates failed: the address "
                  "198.51.100.20 of the port qg-a is in use by "
                  "02:00:00:00:00:0b");
    BOOST_TEST(difference(fake.pictures["demo"], before) == "");
    BOOST_TEST(realised() == 2);
    BOOST_TEST(log_has("the check verify-duplicates failed: the address "
                       "(not shown) of the port qg-a"));
    BOOST_TEST(!log_has("198.51.100"));
    BOOST_TEST(!log_has("02:00"));
    // And it is tried again.
    fake.answer_probe = nullptr;
    fake.run(3s);
    check_demo_is(other);
}

// Before the old routes are touched.
BOOST_AUTO_TEST_CASE(a_silent_next_hop_undoes_the_change)
{
    edit(gateway_demo());
    const Picture before = fake.pictures["demo"];
    fake.answer_probe = [&](const Probe &) -> Outcome {
        BOOST_TEST(
            (fake.pictures["demo"].kernel.routes == before.kernel.routes));
        return Error{110, "silence"};
    };
    edit(gateway_demo("198.51.100.2"));
    BOOST_TEST(status().error == "the check verify-gateway failed: silence");
    BOOST_TEST(difference(fake.pictures["demo"], before) == "");
}

BOOST_AUTO_TEST_CASE(a_new_router_that_fails_leaves_nothing)
{
    refuse(true, "silence");
    edit(gateway_demo());
    BOOST_TEST((status().state == State::failed));
    BOOST_TEST((fake.pictures["demo"] == Picture{}));
    BOOST_TEST((last_change().state == Change_state::undone));
}

BOOST_AUTO_TEST_CASE(what_is_right_is_not_asked_for)
{
    edit(gateway_demo());
    fake.probes.clear();
    const int records = fake.records;
    start();
    commit();
    fake.run(500ms);
    check_demo_is(gateway_demo());
    engine->resync();
    fake.run(500ms);
    BOOST_TEST(fake.probes.empty());
    BOOST_TEST(fake.records == records);
}

// Nor are addresses that the port has; the next hops are none of a repair's.
BOOST_AUTO_TEST_CASE(a_repair_asks_for_missing_addresses_only)
{
    edit(gateway_demo());
    fake.probes.clear();
    refuse(true, "silence");
    auto &kernel = fake.pictures["demo"].kernel;
    kernel.links["qg-a"].up = false;
    kernel.routes.clear();
    kernel.links["sg-a"].addresses.clear();
    engine->resync();
    fake.run(500ms);
    check_demo_is(gateway_demo());
    BOOST_TEST(asked(true) == 0);
    BOOST_REQUIRE(asked(false) == 1);
    BOOST_TEST(fake.probes[0].links.size() == 1u);
    BOOST_TEST(fake.probes[0].links.contains("sg-a"));
}

BOOST_AUTO_TEST_CASE(deleting_asks_nobody)
{
    edit(gateway_demo());
    fake.probes.clear();
    remove("demo");
    check_nothing_is_left();
    BOOST_TEST(fake.probes.empty());
}

// A port that nobody can hear yet is waited for, and then told of.
BOOST_AUTO_TEST_CASE(nobody_is_asked_without_a_carrier)
{
    rows.options["check-timeout"] = "300";
    rows.options["retry-initial"] = "60000";
    fake.has_carrier = false;
    set(gateway_demo());
    commit();
    fake.run(200ms);
    BOOST_TEST(fake.probes.empty());
    fake.run(300ms);
    BOOST_TEST(fake.probes.empty());
    BOOST_TEST(status().error
               == "the check verify-duplicates failed: the port qg-a has no "
                  "carrier");
    BOOST_TEST((fake.pictures["demo"] == Picture{}));
    fake.has_carrier = true;
    fake.run(100s);
    check_demo_is(gateway_demo());
}

BOOST_AUTO_TEST_CASE(nobody_is_asked_while_the_switch_is_not_ready)
{
    fake.unready = "ovs-vswitchd has not taken up the port qg-a";
    set(gateway_demo());
    commit();
    fake.run(200ms);
    BOOST_TEST(fake.probes.empty());
    BOOST_TEST((status().state == State::pending));
    fake.unready.reset();
    fake.run(500ms);
    check_demo_is(gateway_demo());
    BOOST_TEST(fake.probes.size() == 2u);
}

// Interrupted after its last step the change is not committed unasked.
BOOST_AUTO_TEST_CASE(a_change_that_was_interrupted_asks_again)
{
    fake.answer_probe = [&](const Probe &probe) -> Outcome {
        if (probe.answers) {
            fake.world.crash();
        }
        return Done{};
    };
    edit(gateway_demo());
    BOOST_TEST(fake.is_dead);
    fake.answer_probe = nullptr;
    fake.probes.clear();
    start();
    commit();
    fake.run(500ms);
    check_demo_is(gateway_demo());
    BOOST_TEST(asked(true) == 1);
}

// Also as a fault is it a step like the others.
BOOST_AUTO_TEST_CASE(every_step_can_be_made_to_fail)
{
    edit(gateway_demo());
    Router_row other = gateway_demo("198.51.100.2");
    other.ports[0].networks = {"198.51.100.20/24"};
    const Picture before = fake.pictures["demo"];
    size_t failed_checks = 0;
    for (size_t n = 1;; n++) {
        fault.fail_step(n, 28);
        edit(other);
        if (fault.show() != "none") {
            break;
        }
        BOOST_TEST((last_change().state == Change_state::undone));
        BOOST_TEST(difference(fake.pictures["demo"], before) == "");
        failed_checks += has(status().error, "the check verify-");
        edit(gateway_demo());
    }
    BOOST_TEST(failed_checks == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
