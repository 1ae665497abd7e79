// Whoever dies at whatever moment, edits go on, and all ends well.
// KILL_SECONDS and KILL_SEED in the environment make it longer, or the same
// again.
#include "system/node.hh"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <random>
#include <string>

using test::Node;
using namespace std::chrono_literals;

namespace {

int
number(const char *name, int otherwise)
{
    const char *given = std::getenv(name);
    return given ? std::stoi(given) : otherwise;
}

void
survives(const std::string &processes)
{
    Node node;
    const int seconds = number("KILL_SECONDS", 15);
    const int seed = number("KILL_SEED", int(std::random_device{}() % 32768));
    const auto told
        = node.run(TOP_SRCDIR "/tests/system/kills " + std::to_string(seconds)
                       + " " + std::to_string(seed) + " " + processes,
                   std::chrono::seconds{seconds + 60});
    BOOST_TEST(told.status == 0, told.out << told.err);
    BOOST_TEST_MESSAGE(told.out);
}

} // namespace

BOOST_AUTO_TEST_SUITE(kills)

BOOST_AUTO_TEST_CASE(of_our_own)
{
    survives("ovs-snatd ovs-snatd-kernel ovs_snat_db");
}

BOOST_AUTO_TEST_CASE(of_the_switch_too)
{
    survives("ovs-snatd ovs-snatd-kernel ovs_snat_db ovs-vswitchd");
}

BOOST_AUTO_TEST_CASE(of_all)
{
    survives("ovs-snatd ovs-snatd-kernel ovs_snat_db ovs-vswitchd "
             "ovsdb-server");
}

BOOST_AUTO_TEST_SUITE_END()
