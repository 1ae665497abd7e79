// What the tests of going back share: a router whose edits can be told, and
// what the history says of it.
#pragma once

#include "system/node.hh"
#include "system/text.hh"

#include <boost/test/unit_test.hpp>
#include <string>

namespace test {

inline std::string
last_change(Node &node, const std::string &router = "r1")
{
    return node.must("ovs-appctl -t ovs-snatd change/list " + router
                     + " | tail -n 1");
}

inline std::string
last_number(Node &node)
{
    return node.must("ovs-appctl -t ovs-snatd change/list r1 | tail -n 1 | "
                     "cut -d ' ' -f 1");
}

inline void
wait_for_change(Node &node, const std::string &cause)
{
    node.wait_for("ovs-appctl -t ovs-snatd change/list r1 | tail -n 1 | grep "
                  "-q '"
                  + cause + " *committed'");
}

// A router of the one database, whose edits can be told by their MTU.
struct Undone {
    Node node;

    static std::string
    create(const std::string &router = "r1",
           const std::string &network = "10.0.0.1/24")
    {
        return "-- router-add " + router
               + " -- --wiring=veth --bridge=br-int port-add " + router
               + " sg-" + router + " " + network;
    }

    static std::string
    mtu_edit(const std::string &mtu, const std::string &router = "r1")
    {
        return "set Router_Port sg-" + router + " mtu=" + mtu;
    }

    static std::string
    mtu_is(const std::string &mtu, const std::string &router = "r1")
    {
        return "ip -n snat-" + router + " link show sg-" + router
               + " | grep -q 'mtu " + mtu + " '";
    }

    // Fails and says these words.
    void
    is_refused(const std::string &command, const std::string &words)
    {
        const auto told = node.run(command);
        BOOST_TEST(told.status != 0, command << " is taken");
        BOOST_TEST(holds(told.err, words), command << " gives: " << told.err);
    }

    void
    both_refuse(const std::string &number, const std::string &words)
    {
        is_refused("ovs-snatctl undo " + number, words);
        is_refused("ovs-appctl -t ovs-snatd change/undo " + number, words);
    }

    // A port of the switch's database in router r1.
    void
    add_user_port()
    {
        node.vsctl("add-port br-int sg-user -- set Interface sg-user "
                   "type=internal external_ids:mine=yes");
        node.vsctl("set Interface sg-user external_ids:snat-router=r1 "
                   "external_ids:snat-networks=10.0.9.1/24");
        node.vsctl("wait-until Interface sg-user "
                   "external_ids:snat-state=active");
    }

    std::string
    confirms()
    {
        return node.must("ovs-snatctl --bare --columns=router,change "
                         "--format=csv list Confirm");
    }

    void
    kill_and_wait()
    {
        const auto pids = std::to_string(node.main_pid()) + " "
                          + std::to_string(node.kernel_pid());
        node.kill_main();
        node.wait_for("! kill -0 " + pids);
    }
};

} // namespace test
