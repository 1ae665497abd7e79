// One change from its start to its end, in a world that fails at every step,
// at every undo of a step, and everywhere between.
#include "change/transaction.hh"
#include "fake_world.hh"
#include "step/json.hh"

using namespace std::chrono_literals;

namespace {

using namespace samples;
using End = Transaction::End;

bool
has(const std::string &text, const std::string &part)
{
    return text.find(part) != text.npos;
}

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
        fake.users = first.user_ports;
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

std::optional<Router>
three()
{
    return three_ports(true);
}

// Everything of a router changes: all kinds of steps are there.
std::optional<Router>
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

} // namespace

BOOST_AUTO_TEST_SUITE(changes)

BOOST_AUTO_TEST_CASE(every_change_arrives_and_says_so)
{
    for_each_pair([](const auto &before, const auto &after) {
        Trial t{before, after};
        t.run(t.job());
        t.check_is(after);
        if (t.step_count() == 0) {
            BOOST_TEST((t.ending.end == End::unchanged));
            BOOST_TEST(t.fake.records == 0);
            return;
        }
        BOOST_TEST((t.ending.end == End::committed));
        BOOST_TEST(t.ending.error == "");
        const Change &change = t.recorded();
        BOOST_TEST((change.state == Change_state::committed));
        BOOST_TEST(change.finished_at > 0);
        BOOST_TEST(change.error == "");
        BOOST_TEST(change.steps == dump(to_json(t.ending.steps)));
        BOOST_TEST(t.fake.records == 2);
    });
}

BOOST_AUTO_TEST_CASE(the_record_is_there_before_the_first_step)
{
    Trial t{three(), other()};
    t.fake.refuse_step = [&](const Step &) -> std::optional<Error> {
        BOOST_REQUIRE(t.fake.changes.size() == 1u);
        BOOST_TEST((t.recorded().state == Change_state::applying));
        const auto steps = plan(wish(t.after), t.first);
        BOOST_TEST(t.recorded().steps == dump(to_json(steps)));
        return std::nullopt;
    };
    t.run(t.job());
    BOOST_TEST(t.fake.effects > 0);
}

BOOST_AUTO_TEST_CASE(a_step_that_fails_leaves_everything_as_before)
{
    for_each_pair([](const auto &before, const auto &after) {
        const size_t count = Trial{before, after}.step_count();
        for (size_t n = 1; n <= count; n++) {
            Trial t{before, after};
            t.fault.fail_step(n, 28);
            t.run(t.job());
            BOOST_TEST_CONTEXT("step " << n << ": " << t.ending.error)
            {
                t.check_is_as_before();
                BOOST_TEST((t.ending.end == End::undone));
                BOOST_TEST((t.recorded().state == Change_state::undone));
                BOOST_TEST(t.recorded().finished_at > 0);
                BOOST_TEST(t.recorded().error == t.ending.error);
                BOOST_TEST(
                    has(t.ending.error, "step " + std::to_string(n) + " ("));
                BOOST_TEST(!has(t.ending.error, "outstanding"));
                BOOST_TEST(t.fault.show() == "none");
            }
        }
    });
}

// The rows of a step that ovs-vswitchd is late with are there.
BOOST_AUTO_TEST_CASE(a_step_that_is_late_is_taken_back_too)
{
    for_each_pair([](const auto &before, const auto &after) {
        Trial t{before, after};
        bool late = false;
        t.fake.refuse_step = [&](const Step &step) -> std::optional<Error> {
            if (late || is_kernel_step(step)) {
                return std::nullopt;
            }
            late = true;
            return Error{ETIMEDOUT, "no answer in time"};
        };
        t.run(t.job());
        if (late) {
            t.check_is_as_before();
            BOOST_TEST((t.ending.end == End::undone));
        }
    });
}

BOOST_AUTO_TEST_CASE(an_undo_that_fails_is_named_and_made_good_later)
{
    const size_t count = Trial{three(), other()}.step_count();
    for (size_t n = 2; n <= count; n++) {
        for (size_t m = 1; m < n; m++) {
            Trial t{three(), other()};
            t.fault.fail_step(n, 28);
            t.fault.fail_undo(m);
            t.run(t.job());
            BOOST_TEST_CONTEXT("step " << n << ", undo " << m << ": "
                                       << t.ending.error)
            {
                BOOST_TEST(t.fault.show() == "none");
                BOOST_TEST((t.ending.end == End::undo_failed));
                BOOST_TEST((t.recorded().state == Change_state::undo_failed));
                BOOST_TEST(t.recorded().finished_at == 0);
                BOOST_TEST(has(t.ending.error, "outstanding: "));
                t.run(t.resumed(true));
                t.check_is(t.before);
                BOOST_TEST((t.ending.end == End::undone));
                BOOST_TEST((t.recorded().state == Change_state::undone));
                BOOST_TEST(t.recorded().finished_at > 0);
                BOOST_TEST(!has(t.recorded().error, "outstanding"));
            }
        }
    }
}

// The switch would not get over the loss of a device that it has made.
BOOST_AUTO_TEST_CASE(a_users_device_outlives_an_undo_that_fails)
{
    Router router = one_gateway(false);
    set_wiring(router.ports.begin()->second, Wiring::internal);
    const size_t count = Trial{std::nullopt, router}.step_count();
    for (size_t n = 2; n <= count; n++) {
        for (size_t m = 1; m < n; m++) {
            Trial t{std::nullopt, router};
            t.fault.fail_step(n, 28);
            t.fault.fail_undo(m);
            t.run(t.job());
            t.run(t.resumed(true));
            BOOST_TEST_CONTEXT("step " << n << ", undo " << m)
            {
                BOOST_TEST((t.recorded().state == Change_state::undone));
                BOOST_TEST(t.there().kernel.on_node.contains("qg-a"));
                BOOST_TEST(!t.there().kernel.exists);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(the_outstanding_step_is_named_once)
{
    Trial t{three(), std::nullopt};
    const auto stuck = [](const Step &step) -> std::optional<Error> {
        const auto *name = std::get_if<Set_name>(&step);
        return name && name->becomes ? std::optional{Error{13, "stuck"}}
                                     : std::nullopt;
    };
    t.fake.refuse_step = stuck;
    t.fault.fail_step(t.step_count(), 5);
    t.run(t.job());
    const std::string told = t.ending.error;
    BOOST_TEST(has(told, "outstanding: give the namespace its name"), told);
    for (int i = 0; i < 3; i++) {
        t.run(t.resumed(true));
        BOOST_TEST((t.ending.end == End::undo_failed));
        BOOST_TEST(t.ending.error.size() < told.size() + 100, t.ending.error);
        const size_t first = t.ending.error.find("outstanding");
        BOOST_TEST(t.ending.error.find("outstanding", first + 1)
                   == std::string::npos);
    }
    t.fake.refuse_step = nullptr;
    t.run(t.resumed(true));
    BOOST_TEST((t.ending.end == End::undone));
    t.check_is(t.before);
}

// ... to where the rows still want it, or back to where it was.
BOOST_AUTO_TEST_CASE(a_crash_after_any_step_is_ended_either_way)
{
    const std::vector<std::optional<Router>> ends
        = {std::nullopt, three(), other()};
    for (const auto &before : ends) {
        for (const auto &after : ends) {
            const size_t count = Trial{before, after}.step_count();
            for (size_t n = 1; n <= count; n++) {
                for (const bool backwards : {false, true}) {
                    Trial t{before, after};
                    t.fault.crash_at_step(n);
                    t.run(t.job());
                    BOOST_REQUIRE(t.fake.is_dead);
                    t.reboot();
                    t.run(t.resumed(backwards));
                    BOOST_TEST_CONTEXT("step " << n << ": " << t.ending.error)
                    {
                        BOOST_TEST(
                            (t.ending.end
                             == (backwards ? End::undone : End::committed)));
                        BOOST_TEST((t.recorded().state
                                    == (backwards ? Change_state::undone
                                                  : Change_state::committed)));
                        t.check_is(backwards ? before : after);
                    }
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_crash_in_the_middle_of_an_undo_is_ended_either_way)
{
    const size_t count = Trial{three(), other()}.step_count();
    for (size_t n = 2; n <= count; n++) {
        for (size_t m = 1; m < n; m++) {
            for (const bool backwards : {false, true}) {
                Trial t{three(), other()};
                t.fault.fail_step(n, 28);
                t.fault.crash_at_undo(m);
                t.run(t.job());
                BOOST_REQUIRE(t.fake.is_dead);
                t.reboot();
                t.run(t.resumed(backwards));
                BOOST_TEST_CONTEXT("step " << n << ", undo " << m << ": "
                                           << t.ending.error)
                {
                    BOOST_TEST(
                        (t.ending.end
                         == (backwards ? End::undone : End::committed)));
                    t.check_is(backwards ? t.before : t.after);
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_change_stops_before_any_step_and_goes_on)
{
    const size_t count = Trial{three(), other()}.step_count();
    for (size_t n = 1; n <= count + 1; n++) {
        Trial t{three(), other()};
        t.fault.stop_at_step(n);
        size_t done = 0;
        t.fake.refuse_step = [&](const Step &) -> std::optional<Error> {
            done++;
            return std::nullopt;
        };
        bool ended = false;
        std::make_shared<Transaction>(t.fake.world, t.fault, t.job(),
                                      [&](const Transaction::Ending &how) {
                                          t.ending = how;
                                          ended = true;
                                      })
            ->start();
        t.fake.run(60s);
        BOOST_TEST(!ended);
        BOOST_TEST(done == n - 1);
        t.fault.go();
        t.fake.run(60s);
        BOOST_TEST(ended);
        BOOST_TEST((t.ending.end == End::committed));
        t.check_is(t.after);
    }
}

BOOST_AUTO_TEST_CASE(without_a_record_nothing_happens)
{
    Trial t{three(), other()};
    t.fake.refuse_record = [](const Change &) {
        return std::optional{Error{0, "disk full"}};
    };
    t.run(t.job());
    BOOST_TEST((t.ending.end == End::undone));
    BOOST_TEST(has(t.ending.error, "disk full"));
    BOOST_TEST(t.fake.effects == 0);
}

BOOST_AUTO_TEST_CASE(without_a_commit_everything_is_undone)
{
    Trial t{three(), other()};
    t.fake.refuse_record = [](const Change &change) {
        return change.state == Change_state::committed
                   ? std::optional{Error{0, "disk full"}}
                   : std::nullopt;
    };
    t.run(t.job());
    BOOST_TEST((t.ending.end == End::undone));
    t.check_is_as_before();
}

// A namespace that is gone does not come back: the deletion is tried again.
BOOST_AUTO_TEST_CASE(a_deletion_past_return_goes_on_forwards)
{
    Trial t{three(), std::nullopt};
    t.fake.refuse_record = [](const Change &change) {
        return change.state == Change_state::committed
                   ? std::optional{Error{0, "disk full"}}
                   : std::nullopt;
    };
    t.run(t.job());
    BOOST_TEST((t.ending.end == End::undo_failed));
    BOOST_TEST((t.last.state == Change_state::applying));
    t.fake.refuse_record = nullptr;
    t.run(t.resumed(false));
    BOOST_TEST((t.ending.end == End::committed));
    BOOST_TEST(t.recorded().error == "");
    t.check_is(std::nullopt);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_looked_at_is_not_touched)
{
    Trial t{three(), other()};
    t.fake.refuse_look = Error{13, "permission denied"};
    t.run(t.job());
    BOOST_TEST((t.ending.end == End::undone));
    BOOST_TEST(has(t.ending.error, "permission denied"));
    BOOST_TEST(t.fake.effects == 0);
    BOOST_TEST(t.fake.records == 0);
}

BOOST_AUTO_TEST_CASE(a_foreign_namespace_is_not_touched)
{
    Trial t{std::nullopt, three()};
    t.there().kernel.name = Name_state::foreign;
    t.run(t.job());
    BOOST_TEST((t.ending.end == End::undone));
    BOOST_TEST(has(t.ending.error, "snat-demo is taken"), t.ending.error);
    BOOST_TEST(t.fake.effects == 0);
    BOOST_TEST(t.fake.records == 0);
}

BOOST_AUTO_TEST_CASE(what_never_becomes_usable_is_undone)
{
    Trial t{std::nullopt, three()};
    t.fake.has_carrier = false;
    const auto start = t.fake.wall_ms();
    t.run(t.job());
    BOOST_TEST((t.ending.end == End::undone));
    BOOST_TEST(has(t.ending.error, "qg-a has no carrier"), t.ending.error);
    t.check_is_as_before();
    BOOST_TEST(t.fake.lines.size() == 1u);
    BOOST_TEST(t.recorded().finished_at - start >= 5000);
    BOOST_TEST(t.recorded().finished_at - start < 6000);
}

BOOST_AUTO_TEST_CASE(a_port_that_the_switch_never_takes_up_is_undone)
{
    Trial t{std::nullopt, three()};
    t.fake.unready = "ovs-vswitchd has not taken up the port qg-a";
    t.run(t.job());
    BOOST_TEST((t.ending.end == End::undone));
    BOOST_TEST(has(t.ending.error, "not taken up the port"), t.ending.error);
    t.check_is_as_before();
}

BOOST_AUTO_TEST_CASE(a_check_waits_for_what_comes_late)
{
    Trial t{std::nullopt, three()};
    t.fake.has_carrier = false;
    t.fake.after(300ms, [&] { t.fake.has_carrier = true; });
    t.run(t.job());
    BOOST_TEST((t.ending.end == End::committed));
}

// As after a crash, until the kernel has taken apart what nobody holds.
BOOST_AUTO_TEST_CASE(a_device_that_is_about_to_go_is_waited_for)
{
    for (const bool goes : {false, true}) {
        Trial t{std::nullopt, three()};
        t.there().kernel.on_node["qg-a"] = {};
        t.fake.refuse_step = [&](const Step &step) -> std::optional<Error> {
            const auto *make = std::get_if<Set_device>(&step);
            return make && t.there().kernel.on_node.contains(make->link)
                       ? std::optional{Error{17, "the name is taken"}}
                       : std::nullopt;
        };
        if (goes) {
            t.fake.after(50ms, [&] { t.there().kernel.on_node.clear(); });
        }
        t.run(t.job());
        BOOST_TEST((t.ending.end == (goes ? End::committed : End::undone)));
        BOOST_TEST(has(t.ending.error, "the name is taken") == !goes);
    }
}

BOOST_AUTO_TEST_CASE(an_address_that_somebody_else_has_is_undone_at_once)
{
    Router ipv6 = three_ports(true);
    ipv6.ports["qg-a"].networks.push_back(network("2001:db8::10/64"));
    Trial t{three(), ipv6};
    t.there().kernel.links["qg-a"].dad_failed = true;
    const auto start = t.fake.wall_ms();
    t.run(t.job());
    BOOST_TEST((t.ending.end == End::undone));
    BOOST_TEST(has(t.ending.error, "somebody else"), t.ending.error);
    BOOST_TEST(t.recorded().finished_at - start < 100);
}

BOOST_AUTO_TEST_CASE(a_dry_run_tells_the_steps_and_does_none)
{
    Trial t{three(), other()};
    Job job = t.job();
    job.dry_run = true;
    t.run(job);
    BOOST_TEST((t.ending.steps == plan(wish(t.after), t.first)));
    BOOST_TEST(t.fake.effects == 0);
    BOOST_TEST(t.fake.records == 0);
}

BOOST_AUTO_TEST_CASE(new_addresses_are_announced_after_the_commit)
{
    Trial t{three(), other()};
    t.fake.refuse_record = [&](const Change &) -> std::optional<Error> {
        BOOST_TEST(t.fake.announced.empty());
        return std::nullopt;
    };
    t.run(t.job());
    BOOST_TEST((t.fake.announced
                == std::vector<std::string>{"qg-a", "sg-a", "sg-b", "sg-c"}));
}

BOOST_AUTO_TEST_SUITE_END()
