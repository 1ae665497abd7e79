// What people read: names and sentences, not UUIDs, numbers of errors or what
// a program says to itself.
#include "system/rich.hh"

#include <boost/test/unit_test.hpp>
#include <string>

using test::holds;
using test::Node;
using test::Rich;
using namespace std::chrono_literals;

namespace {

// Words that nobody has use for: a UUID, "error 17", "errno 17", "(17)", an
// address in memory, what ends a program that went wrong.
const std::string raw
    = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|err(or|no)[: ]+-?[0-9]+|"
      "[(]-?[0-9]+[)]|0x7f[0-9a-f]{6}|terminate called|std::|Assertion";

// All that is to be read about routers, by whatever way.
const std::string read_all
    = "{ cd /run\n"
      "appctl() { ovs-appctl -t ovs-snatd \"$@\" 2>&1; }\n"
      "for command in router/list router/show change/list orphan/list "
      "limits/show fault/show list-commands; do appctl $command; done\n"
      "for number in $(appctl change/list | cut -d ' ' -f 1); do\n"
      "    appctl change/show $number\n"
      "    ovs-snatctl change-show $number\n"
      "done\n"
      "for router in $(appctl router/list | cut -d ' ' -f 1); do\n"
      "    for command in router/plan nat/stats; do appctl $command $router; "
      "done\n"
      "    for command in port nat route; do ovs-snatctl $command-list "
      "$router 2>&1; done\n"
      "done\n"
      "ovs-snatctl show; ovs-snatctl change-list; ovs-snatctl router-list\n"
      "for table in Router Router_Port NAT Static_Route; do\n"
      "    ovs-snatctl --bare --columns=state,error list $table\n"
      "done\n"
      "ovs-vsctl --bare --columns=external_ids list Interface\n"
      "cut -d '|' -f 3- $OVS_LOGDIR/ovs-snatd.log; } > /run/told 2>&1";

std::string
raw_words(Node &node)
{
    node.must(read_all, 60s);
    BOOST_TEST(node.must("wc -c < /run/told").size() > 4u);
    return node.must("grep -nE '" + raw + "' /run/told || true");
}

} // namespace

BOOST_AUTO_TEST_SUITE(words)

BOOST_FIXTURE_TEST_CASE(nothing_raw_is_said_of_a_rich_node, Rich)
{
    const auto found = raw_words(node);
    BOOST_TEST(found == "");
    // Rows are named by what they say; either of two that conflict is refused.
    const auto told = node.must("cat /run/told");
    for (const std::string words :
         {"198.51.100.51 10.5.0.",
          "Static_Route row 203.0.113.0/24 192.168.0.1",
          "sg-bad: ", "No space left on device", "did you mean change-rate?",
          "did you mean snat-networks?", "the bridge \"br-late\""}) {
        BOOST_TEST(holds(told, words), words);
    }
}

BOOST_AUTO_TEST_CASE(nothing_raw_is_said_when_any_step_fails)
{
    Node node;
    node.must("ovs-snatctl --no-wait set SNAT_Global . options:change-rate=0 "
              "options:retry-initial=600000 options:retry-max=600000");
    node.must(TOP_SRCDIR "/tests/system/fail-each > /run/said", 120s);
    BOOST_TEST(raw_words(node) == "");
    node.must("! grep -nE '" + raw + "' /run/said >&2");
    // There was enough to be read.
    BOOST_TEST(std::stoi(node.must("grep -c 'undone' /run/told")) > 30);
}

BOOST_AUTO_TEST_SUITE_END()
