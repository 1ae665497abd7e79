// What ovs-snatctl tells of routers: show, graph, the lists.
#include "system/undone.hh"

#include <boost/test/unit_test.hpp>
#include <string>

using test::holds;
using test::Undone;

namespace {

struct Shown : Undone {
    void
    wire()
    {
        node.snatctl("router-add r1 "
                     "-- --gateway=198.51.100.1 port-add r1 qg-r1 "
                     "198.51.100.10/24 "
                     "-- --tag=7 port-add r1 sg-r1 10.0.0.1/24 "
                     "-- nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.5 "
                     "-- --metric=7 route-add r1 203.0.113.0/24 "
                     "198.51.100.2");
    }

    void
    stop()
    {
        const auto pid = std::to_string(node.main_pid());
        node.must("kill " + pid);
        node.wait_for("! kill -0 " + pid);
    }

    // Rows that nobody could wire.
    void
    spoil()
    {
        node.must(R"(ovs-snatctl --no-wait set Router r1 state=failed \
            'error="a\"]; <b> & \\"' \
            -- --id=@p create Router_Port 'name="\"<&>\\"' \
                'bridge="</td>\"]"' 'networks="\\N"' \
            -- add Router r1 ports @p \
            -- --id=@n create NAT type=snat 'external_ip="<b>"' \
            -- add Router r1 nat @n)");
    }

    void
    tells(const std::string &command, const std::string &words)
    {
        const auto told = node.must(command);
        BOOST_TEST(holds(told, words), command << " has no \"" << words
                                               << "\":\n"
                                               << told);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(show)

BOOST_FIXTURE_TEST_CASE(a_router_of_both_databases, Shown)
{
    wire();
    add_user_port();
    for (const std::string words :
         {"router r1: active\n    namespace snat-r1\n    change 2 (edit): "
          "committed, ",
          "port qg-r1: gateway on br-ex, 198.51.100.10/24, next hop "
          "198.51.100.1\n",
          "port sg-r1: internal on br-int, VLAN 7, 10.0.0.1/24\n",
          "port sg-user: internal, 10.0.9.1/24, by ovs-vsctl\n",
          "nat dnat_and_snat 198.51.100.20 = 10.0.0.5\n",
          "route 203.0.113.0/24 via 198.51.100.2 metric 7"}) {
        tells("ovs-snatctl show", words);
        tells("ovs-snatctl show r1", words);
        // Beside others nothing is hidden from either.
        tells("ovs-snatctl nat-list r1 -- show r1", words);
    }
    node.snatctl("--confirm=600 " + mtu_edit("1400"));
    tells("ovs-snatctl show", "ovs-snatctl confirm r1");
}

BOOST_FIXTURE_TEST_CASE(a_router_of_the_other_database, Shown)
{
    node.vsctl("add-port br-ex qg-v -- set Interface qg-v type=internal "
               "external_ids:snat-router=v "
               "external_ids:snat-networks=198.51.100.10/24 "
               "external_ids:snat-floating-ips=198.51.100.20=10.0.0.5");
    node.vsctl("wait-until Interface qg-v external_ids:snat-state=active");
    for (const std::string command : {"show", "show v"}) {
        tells("ovs-snatctl " + command,
              "router v: wired by ovs-vsctl (ovs-appctl -t ovs-snatd "
              "router/show v tells its state)\n");
        tells("ovs-snatctl " + command,
              "port qg-v: gateway, 198.51.100.10/24\n"
              "    nat dnat_and_snat 198.51.100.20 = 10.0.0.5");
    }
    tells("ovs-snatctl graph v", "qg-v: by ovs-vsctl");
    for (const std::string edit :
         {"router-del v", "port-del qg-v", "set Router v enabled=false",
          "set Router_Port qg-v mtu=1400"}) {
        is_refused("ovs-snatctl " + edit,
                   "what is made with ovs-vsctl is out of reach from here: "
                   "use ovs-vsctl");
    }
    node.vsctl("del-port qg-v");
    node.wait_for("test -z \"$(ovs-snatctl show)\"");
    is_refused("ovs-snatctl show v", "no router named v");
}

BOOST_FIXTURE_TEST_CASE(what_is_wrong_is_explained, Shown)
{
    wire();
    node.run("ovs-snatctl nat-add r1 dnat_and_snat 198.51.100.21 banana");
    tells("ovs-snatctl show", "router r1: failed\n    error: ");
    tells("ovs-snatctl show",
          "nat dnat_and_snat 198.51.100.21 = banana [failed]");
}

// The one row that is wrong is not buried by those that wait for it.
BOOST_FIXTURE_TEST_CASE(one_wrong_row_of_many, Shown)
{
    wire();
    const auto told = node.run(
        "set --; for i in $(seq 20); do set -- \"$@\" -- nat-add r1 "
        "dnat_and_snat 198.51.100.$((i + 20)) 10.0.0.$((i + 20)); done; "
        "ovs-snatctl \"$@\" -- nat-add r1 dnat_and_snat 198.51.100.99 "
        "banana");
    BOOST_TEST(told.status == 2);
    BOOST_TEST(holds(told.err, "banana"));
    BOOST_TEST(holds(told.err, "router r1: 20 other rows wait for it"),
               told.err);
    BOOST_TEST(!holds(told.err, "waits for other rows"));
    for (const std::string command : {"show", "show r1"}) {
        tells("ovs-snatctl " + command, "20 other NAT rules wait\n");
    }
}

BOOST_FIXTURE_TEST_CASE(what_is_not_wired, Shown)
{
    node.snatctl("router-add e");
    tells("ovs-snatctl show e", "    no ports: nothing is wired");
    wire();
    node.snatctl("set Router r1 enabled=false");
    tells("ovs-snatctl show r1", "    nothing is wired\n");
    for (const std::string promise : {"SNAT of all else", "namespace snat-"}) {
        BOOST_TEST(!holds(node.must("ovs-snatctl graph"), promise));
    }
}

BOOST_FIXTURE_TEST_CASE(lists_in_any_format, Shown)
{
    wire();
    BOOST_TEST(node.snatctl("router-list") == "r1");
    BOOST_TEST(node.snatctl("--format=csv --columns=name,state,ports "
                            "router-list")
               == "name,state,ports\nr1,active,2");
    BOOST_TEST(node.snatctl("port-list r1") == "qg-r1\nsg-r1");
    BOOST_TEST(node.snatctl("--format=json --columns=tag,name port-list r1")
               == "{\"data\":[[\"\",\"qg-r1\"],[7,\"sg-r1\"]],"
                  "\"headings\":[\"tag\",\"name\"]}");
    BOOST_TEST(node.snatctl("--no-headings --columns=external_ip,state "
                            "nat-list r1")
               == "198.51.100.20 active");
    tells("ovs-snatctl --format=list --columns=metric route-list r1", ": 7");
    tells("ovs-snatctl --format=html change-list", "<td>r1</td>");
    tells("ovs-snatctl --columns=what change-show 1",
          "make the namespace, without a name yet");
    tells("ovs-snatctl --format=json change-show 1",
          "[1,\"r1\",\"edit\",\"committed\",");
    is_refused("ovs-snatctl --columns= router-list",
               "--columns: expected some of name, state");
    for (const std::string format : {"json", "csv", "html"}) {
        is_refused("ovs-snatctl --format=" + format + " show r1",
                   "show prints no table: expected a command that does, such "
                   "as router-list");
        is_refused("ovs-snatctl --format=" + format + " graph",
                   "graph prints no table");
    }
    is_refused("ovs-snatctl --columns=nmae router-list",
               "no column nmae: expected some of name, state");
}

BOOST_FIXTURE_TEST_CASE(a_picture, Shown)
{
    wire();
    node.must("ovs-snatctl graph | dot -Tcanon | grep 'router r1'");
    tells("ovs-snatctl --type=svg graph r1", "</svg>");
    tells("ovs-snatctl --type=svg graph r1", "floating IP 198.51.100.20");
    is_refused("PATH=$(dirname \"$(command -v ovs-snatctl)\") ovs-snatctl "
               "--type=svg graph",
               "expected the package graphviz");
    is_refused("ovs-snatctl --type=png graph", "expected dot or svg");
    stop();
    spoil();
    node.must("ovs-snatctl graph | dot -Tcanon");
    tells("ovs-snatctl --type=svg graph", "</svg>");
}

BOOST_FIXTURE_TEST_CASE(a_picture_that_takes_long, Shown)
{
    wire();
    node.must("mkdir /run/slow && printf '#!/bin/sh\necho $$ > /run/dot\n"
              "exec sleep 1000 >&-\n' > /run/slow/dot && "
              "chmod +x /run/slow/dot");
    const auto draw = [this](const std::string &router) {
        const auto told = node.run("PATH=/run/slow:$PATH ovs-snatctl "
                                   "--timeout=1 --type=svg graph "
                                   + router);
        BOOST_TEST(told.status == 3, told.err);
        node.must("! kill -0 $(cat /run/dot)");
        return told.err;
    };
    BOOST_TEST(holds(draw("r1"), "gave up after 1 s of waiting for dot to "
                                 "draw a router"));
    node.snatctl("router-add r2");
    BOOST_TEST(holds(draw(""), "to draw 2 routers (graph ROUTER draws one of "
                               "them)"));
}

// Where others are at work only the time of processors can be told.  With a
// load of eight on two of them it is about 100 ms for all routers.
BOOST_FIXTURE_TEST_CASE(a_thousand_routers, Shown)
{
    stop();
    node.must(TOP_SRCDIR "/tests/system/thousand.py");
    for (const std::string command : {"show", "show r500", "router-list"}) {
        const auto ms = node.must(TOP_SRCDIR "/tests/system/cpu.py "
                                             "ovs-snatctl "
                                  + command);
        BOOST_TEST_MESSAGE(command << ": " << ms << " ms");
        BOOST_TEST(std::stoi(ms) < 150, command << ": " << ms);
    }
    tells("ovs-snatctl show", "    nat: 1\n    route: 1\n");
    tells("ovs-snatctl show r500", "nat dnat_and_snat 198.19.0.3 = 10.2.0.5");
}

BOOST_AUTO_TEST_SUITE_END()
