// Whom news concerns: nobody else is looked at, and nobody is overlooked.
#include "daemon.hh"

using namespace samples;

namespace {

struct Several : Daemon {
    // What is shown comes back from the databases.
    void
    see()
    {
        rows.shown.clear();
        for (const auto &[name, status] : fake.shown) {
            rows.shown.insert(status.rows.begin(), status.rows.end());
            rows.shown[{Table::router, name}] = status.router;
        }
        commit();
    }

    static Router_row
    router(int number, const std::string &network = "10.0.0.1/24")
    {
        const std::string name = std::to_string(number);
        return router_row("r" + name, {port_row("sg-" + name, network)});
    }

    void
    have(int count)
    {
        rows.options["total-change-rate"] = "0";
        for (int i = 0; i < count; i++) {
            set(router(i));
        }
        commit();
        fake.run(1s);
        see();
        fake.run(1s);
        fake.asked_for.clear();
    }

    State
    state(const std::string &name)
    {
        return status(name).state;
    }
};

using Names = std::set<std::string>;

} // namespace

BOOST_FIXTURE_TEST_SUITE(engine_news, Several)

BOOST_AUTO_TEST_CASE(an_edit_concerns_its_router)
{
    rows.options["sweep-interval"] = "0";
    have(200);
    edit(router(7, "10.0.1.1/24"));
    BOOST_TEST((state("r7") == State::active));
    see();
    fake.run(1s);
    BOOST_TEST((fake.asked_for == Names{"r7"}));
    BOOST_TEST(realised() == rows.numbers.next_cfg);
    // As does its end.
    fake.asked_for.clear();
    remove("r7");
    fake.run(1s);
    BOOST_TEST((fake.asked_for == Names{"r7"}));
    BOOST_TEST(engine->routers().size() == 199u);
}

BOOST_AUTO_TEST_CASE(numbers_concern_nobody)
{
    rows.options["sweep-interval"] = "0";
    have(50);
    commit();
    fake.run(1s);
    BOOST_TEST(fake.asked_for.empty());
    BOOST_TEST(realised() == rows.numbers.next_cfg);
}

BOOST_AUTO_TEST_CASE(what_moved_concerns_who_has_it)
{
    rows.options["sweep-interval"] = "0";
    have(50);
    engine->moved({false, {"r1", "nobody"}, {"sg-2", "eth0"}});
    fake.run(1s);
    BOOST_TEST((fake.asked_for == Names{"r1", "r2"}));
}

BOOST_AUTO_TEST_CASE(options_concern_all)
{
    have(3);
    rows.options["max-addresses-per-port"] = "1";
    Router_row more = router(1);
    more.ports[0].networks.push_back("10.0.1.1/24");
    edit(more);
    BOOST_TEST((state("r1") == State::failed));
    rows.options.erase("max-addresses-per-port");
    commit();
    fake.run(1s);
    BOOST_TEST((state("r1") == State::active));
}

BOOST_AUTO_TEST_CASE(a_bridge_concerns_all)
{
    rows.around.bridges.erase("br-int");
    have(3);
    BOOST_TEST((state("r2") == State::pending));
    rows.around.bridges["br-int"] = true;
    commit();
    fake.run(1s);
    for (const std::string name : {"r0", "r1", "r2"}) {
        BOOST_TEST((state(name) == State::active), name);
    }
}

BOOST_AUTO_TEST_CASE(a_foreign_port_concerns_who_claims_it)
{
    rows.around.foreign_ports = {"sg-1"};
    have(3);
    BOOST_TEST((state("r1") == State::failed));
    rows.around.foreign_ports.clear();
    commit();
    fake.run(1s);
    BOOST_TEST((state("r1") == State::active));
    BOOST_TEST((fake.asked_for == Names{"r1"}));
    rows.around.foreign_ports = {"sg-0", "tap0"};
    commit();
    BOOST_TEST((state("r0") == State::failed));
}

BOOST_AUTO_TEST_CASE(a_device_concerns_who_waits_for_it)
{
    have(2);
    Port_row port = port_row("sg-user", "10.0.1.1/24");
    port.id.table = Table::interface;
    port.wiring = "internal";
    port.bridge = "br-int";
    rows.around.missing_devices["sg-user"] = "";
    fake.users["sg-user"] = "internal";
    edit(router_row("r1", {port}));
    BOOST_TEST((state("r1") == State::pending));
    rows.around.missing_devices.clear();
    fake.pictures["r1"].open_ports.insert("sg-user");
    commit();
    BOOST_TEST((engine->routers().at("r1").accepted.refusals.empty()));
}

BOOST_AUTO_TEST_CASE(a_name_concerns_who_else_claims_it)
{
    have(2);
    Router_row both = router(1);
    both.ports.push_back(port_row("sg-0", "10.0.1.1/24"));
    edit(both);
    BOOST_TEST((state("r1") == State::failed)); // As r0 has it.
    fake.run(1s);
    edit(router_row("r0", {port_row("sg-other", "10.0.0.1/24")}));
    fake.run(500ms);
    BOOST_TEST((state("r0") == State::active));
    BOOST_TEST((state("r1") == State::active));
    BOOST_TEST((links("r1") == Names{"sg-0", "sg-1"}));
    // And the other way round: it is wanted back.
    edit(router(0));
    BOOST_TEST((state("r0") == State::failed));
    edit(router(1));
    fake.run(500ms);
    BOOST_TEST((state("r0") == State::active));
    BOOST_TEST((links("r0") == Names{"sg-0"}));
    BOOST_TEST(realised() == rows.numbers.next_cfg);
}

// Who waits becomes part of a ring by an edit of another router.
BOOST_AUTO_TEST_CASE(a_ring_may_close_late)
{
    have(3);
    const auto port = [](int number) { return router(number).ports[0]; };
    fault.stop_at_step(1);
    fault.only("r1");
    edit(router_row("r1", {port(1), port_row("sg-more", "10.0.2.1/24")}));
    set(router_row("r2", {port(2)}));
    edit(router_row("r0", {port(1)}));
    BOOST_TEST(
        (state("r0") == State::failed || state("r0") == State::pending));
    edit(router_row("r1", {port(0)}));
    fault.go();
    fake.run(2s);
    BOOST_TEST((links("r0") == Names{"sg-1"}));
    BOOST_TEST((links("r1") == Names{"sg-0"}));
    BOOST_TEST(realised() == rows.numbers.next_cfg);
}

BOOST_AUTO_TEST_CASE(what_is_wiped_is_shown_again)
{
    have(3);
    see();
    fake.shown.erase("r1");
    rows.shown.erase({Table::router, "r1"});
    fake.asked_for.clear();
    commit();
    BOOST_TEST((state("r1") == State::active));
    BOOST_TEST((fake.asked_for == Names{"r1"}));
}

BOOST_AUTO_TEST_CASE(too_many_routers_concern_all)
{
    rows.options["max-routers"] = "2";
    have(3);
    BOOST_TEST((state("r2") == State::failed));
    remove("r0");
    BOOST_TEST((state("r1") == State::active));
    BOOST_TEST((state("r2") == State::active));
}

BOOST_AUTO_TEST_CASE(lost_history_is_written_anew)
{
    have(3);
    std::erase_if(fake.changes, [](const auto &change) {
        return change.second.router == "r1";
    });
    commit();
    fake.run(500ms);
    BOOST_TEST(last_change().router == "r1");
    BOOST_TEST(last_change().cause == "recovery");
}

BOOST_AUTO_TEST_SUITE_END()
