// One change from its start to its end, in a world that fails wherever a test
// wants it to.
#pragma once

#include "change/transaction.hh"
#include "fake_world.hh"

namespace samples {

using namespace std::chrono_literals;
using End = Transaction::End;

// A router that is to become another one.
struct Trial {
    std::optional<Router> before, after;
    Picture first; // What is there before anything happens.
    Fake_world fake;
    Fault fault;
    Transaction::Ending ending;
    Change last; // As the transaction left it.

    Trial(const std::optional<Router> &from, const std::optional<Router> &to)
        : before{from}, after{to}, first{seen(from, to)}
    {
        fake.pictures["demo"] = first;
        for (const std::string &port : first.user_ports) {
            fake.users[port]; // Of which type makes no difference here.
        }
    }

    Picture &
    there()
    {
        return fake.pictures["demo"];
    }

    Job
    job() const
    {
        Job out;
        out.change.router = "demo";
        out.change.cause = "edit";
        out.before = before;
        out.after = after;
        return out;
    }

    // The same change, taken up again as the history has it.
    Job
    resumed(bool backwards) const
    {
        Job out = job();
        out.change = fake.changes.rbegin()->second;
        out.resumed = true;
        out.backwards = backwards;
        return out;
    }

    void
    run(Job what)
    {
        bool ended = false;
        const auto transaction = std::make_shared<Transaction>(
            fake.world, fault, std::move(what),
            [&](const Transaction::Ending &how) {
                ending = how;
                ended = true;
            });
        transaction->start();
        fake.run(60s);
        last = transaction->change();
        BOOST_TEST(ended != fake.is_dead);
    }

    size_t
    step_count() const
    {
        return plan(wish(after), first).size();
    }

    const Change &
    recorded() const
    {
        return fake.changes.at(1);
    }

    // Of the device of a port whose row is gone, the switch lets go late.
    void
    dies_before_it_deletes(const std::string &port)
    {
        fake.taps_stay = fake.taps_are_held = true;
        fake.after(300ms, [this, port] {
            BOOST_TEST((recorded().state == Change_state::applying));
            BOOST_REQUIRE(there().kernel.on_node.contains(port));
            there().kernel.on_node[port].abandoned = true;
        });
    }

    void
    check_is_as_before()
    {
        BOOST_TEST(difference(there(), first) == "");
    }

    void
    check_is(const std::optional<Router> &router)
    {
        for (const Step &step : plan(wish(router), there())) {
            BOOST_ERROR("still to do: " << step);
        }
    }

    // The daemon starts again.
    void
    reboot()
    {
        fault.clear();
        fake.reboot();
    }
};

inline Router
two_taps()
{
    Router router = three_ports(true);
    router.ports.erase("sg-b");
    for (auto &[name, port] : router.ports) {
        set_wiring(port, Wiring::internal);
    }
    return router;
}

inline Router
one_tap()
{
    Router router = two_taps();
    router.ports.erase("sg-a");
    return router;
}

inline std::optional<Router>
three()
{
    return three_ports(true);
}

// Everything of a router changes: all kinds of steps are there.
inline std::optional<Router>
other()
{
    Router router = three_ports(true);
    Port &qg = router.ports["qg-a"];
    qg.networks = {network("198.51.100.20/24")};
    qg.gateway_ips = {*parse_ip("198.51.100.1"), *parse_ip("203.0.113.1")};
    qg.snat_ip = qg.networks[0].ip;
    qg.mtu = 1400;
    router.ports["sg-a"].switch_port->bridge = "br-other";
    set_wiring(router.ports["sg-b"], Wiring::internal);
    router.ports["sg-c"] = port("sg-c", "10.0.2.1/24", true);
    return router;
}

} // namespace samples
