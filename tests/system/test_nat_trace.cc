// Whether nat/trace is right: packets that are really sent come out where and
// as it has said, with rules that chance makes.
//
// Environment: SEEDS, such as "7 8 9", for others than these.
#include "system/node.hh"
#include "system/text.hh"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>

using test::Node;
using namespace std::chrono_literals;

namespace {

// A host behind each port of the router, which traced.py gives more addresses.
struct Traced {
    Node node;

    Traced()
    {
        node.host("in-a", "br-int", "ip=10.0.0.2/24");
        node.host("in-b", "br-int", "ip=10.0.1.2/24");
        node.host("out-a", "br-ex", "ip=198.51.100.1/24");
        node.host("out-b", "br-ex", "ip=203.0.113.1/24 tag=2");
    }
};

std::vector<std::string>
seeds()
{
    const char *wanted = getenv("SEEDS");
    return test::split(wanted ? wanted : "1 2 3", ' ');
}

} // namespace

BOOST_AUTO_TEST_SUITE(nat_trace)

BOOST_DATA_TEST_CASE_F(Traced, packets_go_as_it_says,
                       boost::unit_test::data::make(seeds()), seed)
{
    const auto sent = node.run(
        test::quoted(TOP_SRCDIR "/tests/system/traced.py") + " " + seed, 60s);
    BOOST_TEST(sent.status == 0, sent.out << sent.err);
}

BOOST_AUTO_TEST_SUITE_END()
