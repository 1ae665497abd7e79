// Many changes of rules, one after the other.
#include "system/nat.hh"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

using test::Call;
using test::Nat_site;

BOOST_FIXTURE_TEST_SUITE(nat_changes, Nat_site)

// As many changes as flows that they do not concern are to get over.
BOOST_AUTO_TEST_CASE(a_thousand_interrupt_no_other_flow)
{
    wire("nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.5 -- "
         "nat-add r1 dnat 198.51.100.10 10.0.0.6 tcp 81 80 -- "
         "nat-add r1 dnat 198.51.100.10 10.0.0.6 udp 81 80");
    node.snatctl("set SNAT_Global . options:change-rate=0 "
                 "options:total-change-rate=0");
    answer("one", "80");
    answer("two", "80");
    std::vector<Call> calls;
    for (const std::string protocol : {"udp", "tcp"}) {
        for (const std::string where :
             {"198.51.100.20 80", "198.51.100.10 81"}) {
            calls.push_back(keep_calling("outside", protocol + " " + where));
        }
        for (const std::string host : {"one", "two"}) {
            calls.push_back(keep_calling(host, protocol + " 198.51.100.1 80"));
        }
    }
    for (const Call &call : calls) {
        BOOST_TEST(test::wait_until([&] { return !call.answer().empty(); }));
    }
    const auto before = std::stoi(node.snatctl("get Router r1 change"));
    for (int i = 0; i < 250; i++) {
        node.must(
            "ovs-snatctl -- nat-add r1 dnat_and_snat 198.51.100.30 10.0.0.7 &&"
            " ovs-snatctl -- nat-add r1 dnat 198.51.100.20 10.0.0.7 tcp 8080 "
            "80 &&"
            " ovs-snatctl -- nat-del r1 dnat_and_snat 198.51.100.30 &&"
            " ovs-snatctl -- nat-del r1 dnat 198.51.100.20 tcp 8080");
    }
    const auto after = std::stoi(node.snatctl("get Router r1 change"));
    BOOST_TEST(after - before == 1000);
    for (const Call &call : calls) {
        BOOST_TEST(call.end() == "0 lost, 0 sent again");
    }
}

BOOST_AUTO_TEST_SUITE_END()
