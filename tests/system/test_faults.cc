// A change of which the N-th step fails, for every N: nothing has happened.
#include "system/node.hh"

#include <boost/test/unit_test.hpp>
#include <string>

using test::Node;

namespace {

struct Edits {
    std::string there, back; // Words of ovs-snatctl.
};

struct Faulty {
    Node node;

    Faulty()
    {
        // What was undone is not tried again behind our back.
        node.must("ovs-snatctl --no-wait set SNAT_Global . "
                  "options:retry-initial=3600000 "
                  "options:retry-max=3600000");
        settle();
    }

    // The kernel makes link-local addresses usable when it likes.
    void
    settle()
    {
        node.wait_for("! { ip -o address; ip -n snat-r1 -o address "
                      "2> /dev/null; } | grep -q tentative");
    }

    // Each step of the edit, or each 'stride'-th one from 'first' on, fails
    // once; at last the edit passes.
    void
    fails_at_every_step(const Edits &edits, int first = 1, int stride = 1)
    {
        const auto before = node.snapshot();
        int n = first;
        for (;; n += stride) {
            node.appctl("fault/fail-step " + std::to_string(n));
            const auto told
                = node.run("ovs-snatctl --timeout=10 " + edits.there);
            if (node.appctl("fault/show") != "none") {
                BOOST_TEST(told.status == 0, told.err);
                break;
            }
            BOOST_TEST_CONTEXT("step " << n << ": " << told.err)
            {
                BOOST_TEST(told.status != 0);
                BOOST_REQUIRE(node.is_as(before));
                node.snatctl(edits.back);
            }
        }
        node.appctl("fault/clear");
        BOOST_TEST(n > first + stride);
    }
};

std::string
create(const std::string &wiring)
{
    const std::string port = " -- --wiring=" + wiring;
    return "-- router-add r1" + port
           + " --bridge=br-ex --gateway=198.51.100.1 port-add r1 qg-r1 "
             "198.51.100.10/24"
           + port + " --bridge=br-int port-add r1 sg-r1 10.0.0.1/24" + port
           + " --bridge=br-int --tag=7 port-add r1 sg-r1b 10.0.1.1/24";
}

void
create_fails(const std::string &wiring)
{
    Faulty f;
    f.fails_at_every_step({create(wiring), "--if-exists router-del r1"});
}

// Addresses, MTU and tag change, one port comes and one goes.
void
update_fails(const std::string &wiring)
{
    Faulty f;
    f.node.snatctl(create(wiring));
    f.settle();
    const std::string port
        = " -- --wiring=" + wiring + " --bridge=br-int port-add r1 ";
    f.fails_at_every_step(
        {"-- set Router_Port qg-r1 "
         "'networks=[\"198.51.100.20/24\",\"198.51.100.21/24\"]' mtu=1400 "
         "-- port-del sg-r1 -- set Router_Port sg-r1b tag=8"
             + port + "sg-r1c 10.0.2.1/24",
         "-- set Router_Port qg-r1 networks=198.51.100.10/24 -- clear "
         "Router_Port qg-r1 mtu -- port-del sg-r1c -- set Router_Port "
         "sg-r1b tag=7"
             + port + "sg-r1 10.0.0.1/24"});
}

void
delete_fails(const std::string &wiring, int first = 1, int stride = 1)
{
    Faulty f;
    f.node.snatctl(create(wiring));
    f.settle();
    f.fails_at_every_step({"router-del r1", create(wiring)}, first, stride);
}

} // namespace

BOOST_AUTO_TEST_SUITE(faults)

BOOST_AUTO_TEST_CASE(create_veth)
{
    create_fails("veth");
}

BOOST_AUTO_TEST_CASE(create_internal)
{
    create_fails("internal");
}

BOOST_AUTO_TEST_CASE(update_veth)
{
    update_fails("veth");
}

BOOST_AUTO_TEST_CASE(update_internal)
{
    update_fails("internal");
}

BOOST_AUTO_TEST_CASE(delete_veth)
{
    delete_fails("veth");
}

// Ports that come back wait for their link-local addresses: two cases, that
// neither takes long.
BOOST_AUTO_TEST_CASE(delete_internal_odd_steps)
{
    delete_fails("internal", 1, 2);
}

BOOST_AUTO_TEST_CASE(delete_internal_even_steps)
{
    delete_fails("internal", 2, 2);
}

BOOST_AUTO_TEST_SUITE_END()
