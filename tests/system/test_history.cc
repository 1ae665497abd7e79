// What changes of NAT rules cost to record, and what the next life knows of
// them.
#include "system/undone.hh"

#include <boost/test/unit_test.hpp>
#include <string>

using test::last_number;
using test::Node;

namespace {

bool
has(const std::string &text, const std::string &part)
{
    return text.find(part) != std::string::npos;
}

// A router of three floating IPs.
struct Recorded {
    Node node;

    Recorded()
    {
        node.snatctl("-- router-add r1 -- --bridge=br-ex port-add r1 qg-r1 "
                     "198.51.100.10/24 -- --bridge=br-int port-add r1 sg-r1 "
                     "10.0.0.1/24 "
                     + add("21") + add("22") + add("23"));
    }

    static std::string
    add(const std::string &host)
    {
        return "-- nat-add r1 dnat_and_snat 203.0.113." + host + " 10.0.0."
               + host + " ";
    }

    static std::string
    remove(const std::string &host)
    {
        return "-- nat-del r1 dnat_and_snat 203.0.113." + host + " ";
    }

    // The last bytes of the rules' addresses that a command shows.
    std::string
    shown_by(const std::string &command)
    {
        return node.must(command
                         + " | grep -o '203.0.113.[0-9]*' | cut -d . -f 4 | "
                           "sort | xargs");
    }

    std::string
    kept()
    {
        return shown_by("ovs-snatctl --no-wait --bare --columns=rule list "
                        "Wired_NAT");
    }

    std::string
    wired()
    {
        return shown_by("ip -n snat-r1 address show qg-r1");
    }

    std::string
    told(const std::string &column)
    {
        return node.snatctl("get Change " + last_number(node) + " " + column);
    }

    // And of the next life.
    void
    restart()
    {
        const auto pid = std::to_string(node.main_pid());
        node.kill_main();
        node.wait_for("! kill -0 " + pid);
        node.start_daemon();
        node.wait_for("ovs-appctl -t ovs-snatd router/list");
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(history, Recorded)

BOOST_AUTO_TEST_CASE(a_change_records_what_it_changes)
{
    BOOST_TEST(kept() == "21 22 23");
    node.snatctl(add("24") + remove("21"));
    BOOST_TEST(kept() == "22 23 24");
    const auto before = told("before"), after = told("after");
    BOOST_TEST(has(before, "203.0.113.21"), before);
    BOOST_TEST(has(after, "203.0.113.24"), after);
    for (const auto &text : {before, after}) {
        BOOST_TEST(!has(text, "203.0.113.22"), text);
        BOOST_TEST(has(text, "\\\"size\\\":3"), text);
    }
    node.snatctl("router-del r1");
    BOOST_TEST(kept() == "");
}

BOOST_AUTO_TEST_CASE(what_fails_keeps_the_rules)
{
    node.appctl("fault/fail-step 1");
    node.run("ovs-snatctl " + add("24"));
    BOOST_TEST(told("state") == "undone");
    BOOST_TEST(kept() == "21 22 23");
}

// From the record and the rules: the rows ask for nothing that could be.
BOOST_AUTO_TEST_CASE(the_next_life_keeps_what_was_good)
{
    node.snatctl(add("24"));
    const auto before = node.snapshot();
    const auto number = last_number(node);
    node.run("ovs-snatctl -- set Router_Port sg-r1 networks=bad "
             + remove("21"));
    restart();
    node.wait_for("ovs-snatctl --no-wait get Router r1 state | grep failed");
    BOOST_TEST(node.is_as(before));
    BOOST_TEST(last_number(node) == number);
    node.snatctl("set Router_Port sg-r1 networks=10.0.0.1/24");
    BOOST_TEST(kept() == "22 23 24");
}

BOOST_AUTO_TEST_CASE(rules_that_do_not_fit_are_not_believed)
{
    node.snatctl(remove("21"));
    node.must("ovs-snatctl --no-wait --all destroy Wired_NAT");
    node.run("ovs-snatctl set Router_Port sg-r1 networks=bad");
    const auto before = node.snapshot();
    const auto number = last_number(node);
    node.snatctl("--no-wait " + add("24"));
    restart();
    node.wait_for("ovs-snatctl --no-wait get Router r1 error | grep 'left as "
                  "it is'");
    BOOST_TEST(node.is_as(before));
    BOOST_TEST(last_number(node) == number);
    node.snatctl("set Router_Port sg-r1 networks=10.0.0.1/24");
    BOOST_TEST(kept() == "22 23 24");
}

BOOST_AUTO_TEST_CASE(rules_spoilt_by_hand_are_written_anew)
{
    node.must("ovs-snatctl --no-wait --all destroy Wired_NAT");
    node.must("ovs-snatctl --no-wait -- --id=@a create Wired_NAT router=r1 "
              "rule=banana");
    node.snatctl(add("24"));
    BOOST_TEST(kept() == "21 22 23 24");
    BOOST_TEST(node.snatctl("--bare --columns=router find Wired_NAT "
                            "rule=banana")
               == "");
}

// Behind others, and by both ways.
BOOST_AUTO_TEST_CASE(an_undo_goes_back_through_the_changes)
{
    node.snatctl(add("24"));
    const auto number = last_number(node);
    node.snatctl(remove("21"));
    node.snatctl(remove("22") + add("25"));
    restart();
    node.snatctl("-- --force undo " + number);
    BOOST_TEST(kept() == "21 22 23");
    BOOST_TEST(wired() == "21 22 23");
    node.snatctl(remove("21"));
    node.appctl("change/undo --force " + number);
    node.wait_for("ovs-appctl -t ovs-snatd change/list r1 | tail -n 1 | grep "
                  "-q 'undo *committed'");
    BOOST_TEST(kept() == "21 22 23");
    BOOST_TEST(wired() == "21 22 23");
}

BOOST_AUTO_TEST_SUITE_END()
