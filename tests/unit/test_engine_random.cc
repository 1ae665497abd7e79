// Random edits, faults, crashes and mischief: whatever came before, in the end
// all is as the rows ask, and the history tells how it came about.
#include "daemon.hh"

#include <random>

using namespace samples;

namespace {

const std::vector<std::string> router_names = {"a", "b", "c"};

class Random_life : public Daemon {
public:
    explicit Random_life(unsigned seed) : random_{seed}
    {
        rows.options["orphan-grace"] = "1000";
    }

    void
    live(int moments)
    {
        for (int i = 0; i < moments; i++) {
            happen();
            if (fake.is_dead) {
                start();
                commit();
            }
            fake.run(milliseconds{below(4) ? below(40) : below(3000)});
        }
    }

    // Nothing fails any more, and all rows are right.
    void
    come_to_rest()
    {
        fault.clear();
        for (const std::string &name : router_names) {
            deal(name, true);
        }
        if (fake.is_dead) {
            start();
        }
        commit();
        fake.run(10min);
    }

    void
    check_end()
    {
        for (const std::string &name : router_names) {
            BOOST_TEST_CONTEXT("router " << name)
            {
                check_router(name);
            }
        }
        BOOST_TEST(realised() == rows.numbers.next_cfg);
        check_history();
        // Looking at all again finds nothing that was overlooked.
        const int effects = fake.effects;
        engine->resync();
        fake.run(1min);
        BOOST_TEST(fake.effects == effects);
    }

private:
    unsigned
    below(unsigned count)
    {
        return static_cast<unsigned>(random_() % count);
    }

    // A router's ports are its own, but for one that all may have.
    void
    deal(const std::string &name, bool right)
    {
        std::vector<Port_row> ports;
        const std::vector<std::pair<std::string, std::string>> kinds = {
            {"qg-", "198.51.100."}, {"sg-", "10.0.0."}, {"sg-x", "10.0.1."}};
        for (const auto &[kind, prefix] : kinds) {
            if (below(3)) {
                ports.push_back(
                    port_row(kind + name,
                             prefix + std::to_string(1 + below(200)) + "/24"));
            }
        }
        const bool has_shared
            = std::ranges::any_of(rows.routers, [&](const auto &entry) {
                  return entry.first != name
                         && std::ranges::any_of(
                             entry.second.ports, [](const Port_row &port) {
                                 return port.name == "sg-shared";
                             });
              });
        if (!has_shared && below(2)) {
            ports.push_back(port_row("sg-shared", "10.7.0.1/24"));
        }
        if (!right && !ports.empty() && below(4) == 0) {
            ports[0].networks = {"banana"};
        }
        Router_row row = router_row(name, std::move(ports));
        row.enabled = below(5) != 0;
        set(row);
    }

    void
    spoil(const std::string &name)
    {
        Wired &kernel = fake.pictures[name].kernel;
        if (!kernel.links.empty() && below(2)) {
            kernel.links.begin()->second.up = false;
        } else if (below(2)) {
            kernel.routes.clear();
        } else if (kernel.nat) {
            kernel.nat->damaged = true;
        }
        engine->moved({false, {name}, {}});
    }

    void
    happen()
    {
        const std::string &name = router_names[below(3)];
        switch (below(9)) {
        case 0:
            rows.routers.erase(name);
            break;
        case 1:
            fault.fail_step(1 + below(30), 28);
            break;
        case 2:
            fault.crash_at_step(1 + below(30));
            break;
        case 3:
            fault.fail_step(5 + below(20), 28);
            fault.fail_undo(1 + below(10));
            break;
        case 4:
            spoil(name);
            break;
        default:
            deal(name, false);
            break;
        }
        commit();
    }

    void
    check_router(const std::string &name)
    {
        const Router_row &row = rows.routers.at(name);
        const Accepted accepted = accept(row, rows.around, Limits{});
        BOOST_REQUIRE(accepted.refusals.empty());
        const bool wired = row.enabled && !row.ports.empty();
        const auto wished
            = wish(wired ? std::optional{accepted.router} : std::nullopt);
        for (const Step &step : plan(wished, fake.pictures[name])) {
            BOOST_ERROR("still to do: " << step);
        }
        BOOST_TEST(status(name).error == "");
    }

    // Each change begins where the one before it has ended.
    void
    check_history()
    {
        std::map<std::string, Told> wired;
        for (const auto &[number, change] : fake.changes) {
            BOOST_TEST((change.state == Change_state::committed
                        || change.state == Change_state::undone));
            if (change.state == Change_state::committed) {
                BOOST_TEST((change.before == wired[change.router]), number);
                wired[change.router] = change.after;
            }
        }
        for (const auto &[name, life] : engine->routers()) {
            BOOST_TEST((life.good == wired[name].router), name);
        }
    }

    std::minstd_rand random_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(engine_random)

BOOST_AUTO_TEST_CASE(all_ends_well)
{
    for (unsigned seed = 1; seed <= 200; seed++) {
        BOOST_TEST_CONTEXT("seed " << seed)
        {
            Random_life life{seed};
            life.live(40);
            life.come_to_rest();
            life.check_end();
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
