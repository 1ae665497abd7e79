// What ovs-appctl -t ovs-snatd answers: JSON as its schemas say it, and plain
// sentences about wrong arguments.
#include "system/rich.hh"

#include <boost/test/unit_test.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

using test::holds;
using test::Node;
using test::quoted;
using test::Rich;
using test::split;

namespace {

const std::string appctl = "ovs-appctl -t ovs-snatd ";

// The commands of ours, as the daemon lists them.
std::set<std::string>
listed_commands(Node &node)
{
    const auto listed = node.appctl("list-commands");
    std::set<std::string> names;
    for (const auto &line : split(listed, '\n')) {
        const auto name = line.substr(0, line.find(' ', 2)).substr(2);
        for (const std::string room :
             {"router/", "change/", "nat/", "orphan/", "limits/", "fault/",
              "metrics/", "exit"}) {
            if (name.starts_with(room)) {
                names.insert(name);
            }
        }
    }
    return names;
}

// Those that ovs-snatd(8) has a paragraph about.
std::set<std::string>
described_commands(Node &node)
{
    const auto heads = node.must(
        "sed -n '/^.SH \"RUNTIME MANAGEMENT/,/^.SH \"EXIT STATUS/ {"
        "/^.TP/ {n; s/\\\\//g; s/^[.]B[IR]* *\"*\\([a-z/-]*\\).*/\\1/; "
        "p}}' " TOP_SRCDIR "/plugin/ovs-snatd.8");
    const auto lines = split(heads, '\n');
    return {lines.begin(), lines.end()};
}

} // namespace

BOOST_AUTO_TEST_SUITE(answers)

BOOST_FIXTURE_TEST_CASE(json_is_as_its_schemas_say, Rich)
{
    std::vector<std::pair<std::string, std::string>> answers = {
        {"router-list", "router/list"},
        {"router-show", "router/show"},
        {"change-list", "change/list"},
        {"change-list", "change/list r1"},
        {"orphan-list", "orphan/list"},
        {"limits-show", "limits/show"},
        {"nat-stats", "nat/stats d1"},
        {"nat-who", "nat/who 198.51.100.30 20001"},
        {"nat-who", "nat/who 198.51.100.41 80"},
        {"nat-who", "nat/who 192.0.2.1 80"},
    };
    for (const std::string packet :
         {"in-port=sg-r1 src=10.0.0.20 dst=203.0.113.9",
          "in-port=sg-r1 src=10.0.0.40 dst=203.0.113.9 proto=udp sport=1 "
          "dport=2",
          "in-port=qg-r1 src=203.0.113.9 dst=198.51.100.10 proto=tcp sport=9 "
          "dport=80",
          "in-port=qg-r1 src=203.0.113.9 dst=198.51.100.10",
          "in-port=sg-r1 src=10.0.0.5 dst=198.18.0.1",
          "in-port=sg-r1 src=10.0.0.129 dst=9.9.9.9",
          "in-port=sg-r1 src=10.0.0.5 dst=192.0.2.1",
          "in-port=sg-r1 src=2001:db8:1::5 dst=2001:db8::9"}) {
        answers.emplace_back("nat-trace", "nat/trace r1 " + packet);
    }
    for (const std::string router : {"r1", "r2", "d1", "off", "bad", "late",
                                     "typo", "undone", "stuck", "orphan"}) {
        answers.emplace_back("router-show", "router/show " + router);
    }
    for (const std::string router : {"r2", "d1", "late", "undone"}) {
        answers.emplace_back("router-plan", "router/plan " + router);
    }
    for (const auto &number :
         split(node.must(appctl + "change/list | cut -d ' ' -f 1"), '\n')) {
        answers.emplace_back("change-show", "change/show " + number);
    }
    for (const auto &[schema, command] : answers) {
        const auto told = node.run(
            appctl + command + " --format=json > /run/answer && "
            + TOP_SRCDIR "/tests/json-schemas " + schema + " < /run/answer");
        BOOST_TEST(told.status == 0, command << ": " << told.err);
    }
}

// The node has what the schemas are tried with.
BOOST_FIXTURE_TEST_CASE(the_node_is_rich, Rich)
{
    const auto changes = node.appctl("change/list --format=json");
    for (const std::string word :
         {"committed", "undone", "undo_failed", "applying", "confirm_until"}) {
        BOOST_TEST(holds(changes, '"' + word + '"'), word << changes);
    }
    const auto routers = node.appctl("router/list --format=json");
    for (const std::string word : {"active", "failed", "pending", "degraded",
                                   "disabled", "phase", "error"}) {
        BOOST_TEST(holds(routers, '"' + word + '"'), word << routers);
    }
    node.appctl("fault/go");
    node.snatctl("wait-until Router r1 state=active");
}

BOOST_AUTO_TEST_CASE(every_command_is_in_the_manual)
{
    Node node;
    const auto listed = listed_commands(node), told = described_commands(node);
    BOOST_TEST(listed.size() > 20u);
    BOOST_TEST(listed == told, boost::test_tools::per_element());
    const auto usages = node.appctl("list-commands");
    for (const auto &usage : split(usages, '\n')) {
        BOOST_TEST(usage.size() < 100u, usage);
    }
}

BOOST_AUTO_TEST_CASE(wrong_arguments_are_told)
{
    Node node;
    node.snatctl(Rich::add("r1", "10.0.0.1/24"));
    const std::string format = "expected [--format=text|json]";
    const std::pair<std::string, std::string> all[] = {
        {"router/list r1", "router/list: " + format},
        {"router/list --format=xml", "\"xml\": expected text or json"},
        {"router/list --fromat=json",
         "unknown option \"--fromat=json\": " + format},
        {"router/show nobody", "there is no router nobody"},
        {"router/show r1 r2", format + " [ROUTER]"},
        {"router/plan", format + " ROUTER"},
        {"router/plan nobody", "there is no router nobody"},
        {"router/resync nobody", "there is no router nobody"},
        {"router/resync --all", "unknown option \"--all\": expected [ROUTER]"},
        {"change/show", format + " NUMBER"},
        {"change/show one", "\"one\": expected the number of a change"},
        {"change/show 77", "there is no change 77"},
        {"change/undo 77", "77"},
        {"change/undo --froce 1", "expected [--force] NUMBER"},
        {"nat/stats nobody", "there is no router nobody"},
        {"nat/stats --write", "[--write] ROUTER"},
        {"nat/trace r1", "in-port=PORT src=IP dst=IP"},
        {"nat/trace r1 in-port=x src=10.0.0.5 dst=10.0.0.6",
         "in-port: expected one of sg-r1"},
        {"nat/who 198.51.100.1", "EXTERNAL-IP PORT"},
        {"nat/who 198.51.100.1 http", "\"http\": expected a port"},
        {"nat/who banana 80", "\"banana\""},
        {"orphan/purge r1", "there is no orphan r1"},
        {"limits/show now", format},
        {"fault/fail-step", "expected N [ERRNO]"},
        {"fault/fail-step zero", "expected the number of a step"},
        {"fault/fail-step 1 EWHAT", "\"EWHAT\": expected an errno value"},
        {"fault/crash-at-step 1 all", "expected both, main or kernel"},
        {"fault/go now", "fault/go: expected no arguments"},
    };
    for (const auto &[command, words] : all) {
        const auto told = node.run(appctl + command);
        BOOST_TEST(told.status == 2, command);
        BOOST_TEST(holds(told.err, words), command << ": " << told.err);
    }
}

BOOST_AUTO_TEST_SUITE_END()
