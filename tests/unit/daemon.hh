// A daemon without a process: the engine in a world of values, its rows, and
// what they show.
#pragma once

#include "change/engine.hh"
#include "databases.hh"
#include "fake_world.hh"
#include "rows.hh"

#include <memory>
#include <ostream>
#include <string>

namespace snat {

inline std::ostream &
operator<<(std::ostream &out, State state)
{
    return out << to_string(state);
}

} // namespace snat

namespace samples {

using namespace std::chrono_literals;

inline Router_row
demo()
{
    return router_row("demo", {port_row("qg-a", "198.51.100.10/24"),
                               port_row("sg-a", "10.0.0.1/24")});
}

// Addresses and ports of 'demo' change: one stays, one goes, one comes.
inline Router_row
other_demo()
{
    return router_row("demo", {port_row("qg-a", "198.51.100.20/24"),
                               port_row("sg-b", "10.0.1.1/24")});
}

// The databases, the world and a daemon that can be started anew.
struct Daemon {
    Fake_world fake;
    Fault fault;
    std::unique_ptr<Engine> engine;
    Teller teller;
    Databases rows;

    Daemon()
    {
        rows.around.bridges = {{"br-ex", true}, {"br-int", true}};
        fake.rewritten = [this](const Rewrite &what) { take(what); };
        start();
    }

    void
    start()
    {
        fault.clear();
        fake.reboot();
        engine = std::make_unique<Engine>(fake.world, fault);
        engine->load(fake.history());
        teller = {};
    }

    // The rows as they are now come in, with the next configuration number.
    void
    commit()
    {
        rows.numbers.next_cfg++;
        come_in();
    }

    // What the daemon wrote comes in, as from the databases.
    void
    take(const Rewrite &what)
    {
        rows.confirms = fake.confirms;
        if (!what.becomes.name.empty()) {
            Router_row row = what.becomes;
            for (Port_row &port : row.ports) {
                port.id.uuid = "uuid-of-" + port.name;
            }
            rows.routers.erase(row.name);
            if (row.id || !row.ports.empty()) {
                rows.routers[row.name] = row;
            }
        }
        come_in();
    }

    // With the numbers that we have written.
    void
    come_in()
    {
        if (!fake.settled.empty()) {
            rows.realised
                = {fake.settled.back().first, fake.settled.back().second};
        }
        hear();
    }

    void
    hear()
    {
        engine->update(teller.news_of(rows, fake));
    }

    // The next edit of the router is to be confirmed.
    void
    ask_to_confirm(uint32_t seconds, const std::string &router = "demo")
    {
        Confirm &confirm = fake.confirms[router];
        confirm.router = router;
        confirm.seconds = seconds;
        confirm.asked_at++;
        rows.confirms = fake.confirms;
    }

    void
    set(const Router_row &row)
    {
        rows.routers[row.name] = row;
    }

    // Short enough that nothing is tried twice.
    void
    edit(const Router_row &row)
    {
        set(row);
        commit();
        fake.run(500ms);
    }

    void
    remove(const std::string &name)
    {
        rows.routers.erase(name);
        commit();
        fake.run(500ms);
    }

    Row_status
    status(const std::string &router = "demo") const
    {
        const auto found = fake.shown.find(router);
        return found == fake.shown.end() ? Row_status{} : found->second.router;
    }

    State
    port_state(const std::string &port) const
    {
        return fake.shown.at("demo")
            .rows.at({Table::router_port, "uuid-of-" + port})
            .state;
    }

    const Change &
    last_change() const
    {
        return fake.changes.rbegin()->second;
    }

    int64_t
    realised() const
    {
        return fake.settled.empty() ? -1 : fake.settled.back().first;
    }

    std::set<std::string>
    links(const std::string &router = "demo")
    {
        std::set<std::string> names;
        for (const auto &[name, link] : fake.pictures[router].kernel.links) {
            names.insert(name);
        }
        return names;
    }

    void
    check_demo_is(const Router_row &row)
    {
        const Accepted accepted = accept(row, rows.around, Limits{});
        BOOST_REQUIRE(accepted.refusals.empty());
        for (const Step &step :
             plan(wish(accepted.router), fake.pictures["demo"])) {
            BOOST_ERROR("still to do: " << step);
        }
        BOOST_TEST((status().state == State::active));
        BOOST_TEST(status().error == "");
    }

    void
    check_nothing_is_left(const std::string &router = "demo")
    {
        BOOST_TEST((fake.pictures[router] == Picture{}));
        BOOST_TEST(!engine->routers().contains(router));
    }
};

} // namespace samples
