// Failures that heal; those at every step are the campaign's: tests/campaign.
#include "system/drill.hh"

#include <boost/test/unit_test.hpp>
#include <string>

using test::Door;
using test::Drilled;
using test::Kind;
using test::Node;

BOOST_AUTO_TEST_SUITE(faults)

// The undo fails as well: it is told, and made good when the cause is gone.
BOOST_AUTO_TEST_CASE(a_failed_undo_heals)
{
    Drilled drilled{{Door::snatctl, Kind::update, "veth"}};
    Node &node = drilled.node;
    node.appctl("fault/fail-step 5");
    node.appctl("fault/fail-undo 2");
    BOOST_TEST(!drilled.edit());
    BOOST_TEST(node.appctl("fault/show") == "none");
    const auto told = node.appctl("change/show 2");
    BOOST_TEST(told.find("undo_failed") != told.npos, told);
    BOOST_TEST(told.find("outstanding") != told.npos, told);
    const auto error = node.snatctl("get Router r1 error");
    BOOST_TEST(error.find("outstanding") != error.npos, error);
    node.snatctl("wait-until Router r1 state=active");
    const auto healed = node.appctl("change/show 2");
    BOOST_TEST(healed.find("undone") != healed.npos, healed);
    BOOST_TEST(healed.find("outstanding") == healed.npos, healed);
    node.wait_for("ip -n snat-r1 link show sg-r1c");
}

BOOST_AUTO_TEST_SUITE_END()
