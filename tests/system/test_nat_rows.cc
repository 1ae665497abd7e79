// The life of NAT rules as rows and keys: what is refused, undone, repaired.
#include "system/nat.hh"
#include "system/undone.hh"

#include <boost/test/unit_test.hpp>
#include <string>

using test::holds;
using test::last_change;
using test::last_number;
using test::Nat_site;

namespace {

const std::string floating_ip
    = "nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.5";

struct Site : Nat_site {
    Site() { answer("one", "80"); }

    std::string
    rule(const std::string &condition)
    {
        return node.snatctl("--no-wait --bare --columns=_uuid find NAT "
                            + condition);
    }

    // "pending: why".
    std::string
    shown(const std::string &uuid)
    {
        const auto column = [&](const std::string &name) {
            return node.snatctl("--no-wait --bare --columns=" + name
                                + " list NAT " + uuid);
        };
        return column("state") + ": " + column("error");
    }

    // The row itself, and what is wrong with it; the router names it too.
    void
    is_failed(const std::string &uuid, const std::string &words)
    {
        BOOST_TEST(node.snatctl("get NAT " + uuid + " state") == "failed");
        const auto error = node.snatctl("--bare get NAT " + uuid + " error");
        BOOST_TEST(holds(error, words), error);
        BOOST_TEST(node.snatctl("get Router r1 state") == "failed");
        const auto told = node.snatctl("--bare get Router r1 error");
        BOOST_TEST(holds(told, words), told);
    }

    void
    translates()
    {
        BOOST_TEST(call("outside", "tcp 198.51.100.20 80")
                   == "one:80 sees 198.51.100.1");
        BOOST_TEST(call("one", "udp 198.51.100.1 80")
                   == "outside:80 sees 198.51.100.20");
    }

    void
    is_repaired(const std::string &mischief)
    {
        const auto number = last_number(node);
        node.must("ip netns exec snat-r1 nft " + mischief);
        node.wait_for("ovs-appctl -t ovs-snatd change/list r1 | tail -n 1 | "
                      "grep -v '^"
                      + number + " ' | grep -q 'drift *committed'");
        translates();
    }

    // What NAT rows make, and no look at anything else.
    std::string
    translations()
    {
        return node.must("ip netns exec snat-r1 nft -s list ruleset && ip -n "
                         "snat-r1 -o address show qg-r1");
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(nat_rows, Site)

BOOST_AUTO_TEST_CASE(a_conflict_is_refused)
{
    wire(floating_ip);
    const auto before = node.snapshot(), good = translations();
    const auto first = rule("type=dnat_and_snat");
    BOOST_TEST(node.snatctl("get NAT " + first + " state") == "active");
    const std::string words = "conflicts with the rule dnat_and_snat "
                              "198.51.100.20 10.0.0.5";
    for (const std::string rival : {"dnat 198.51.100.20 10.0.0.6",
                                    "dnat_and_snat 198.51.100.20 10.0.0.6",
                                    "dnat_and_snat 198.51.100.21 10.0.0.5"}) {
        is_refused("nat-add r1 " + rival, words);
        const auto second = rule("state=failed");
        is_failed(second, words);
        BOOST_TEST(translations() == good);
        BOOST_TEST(node.snatctl("get NAT " + first + " state") == "active");
        node.snatctl("remove Router r1 nat " + second);
        BOOST_TEST(node.snatctl("get Router r1 state") == "active");
    }
    BOOST_TEST(node.is_as(before));
    translates();
}

BOOST_AUTO_TEST_CASE(a_wrong_row_is_refused)
{
    wire(floating_ip);
    const auto before = node.snapshot();
    for (const auto &[columns, words] :
         {std::pair{"type=banana", "banana"},
          {"type=snat external_ip=198.51.100.30 logical_ip=10.0.0.1/24",
           "10.0.0.1/24"},
          {"type=dnat external_ip=127.0.0.1 logical_ip=10.0.0.5", "loopback"},
          {"type=dnat external_ip=198.51.100.30 'logical_ip=\"2001:db8::5\"'",
           "NAT64"},
          {"type=dnat external_ip=198.51.100.30 logical_ip=10.0.0.5 "
           "protocol=tcp",
           "protocol without external_port"},
          {"type=snat external_ip=198.51.100.30 logical_ip=10.0.0.0/24 "
           "gateway_port=sg-r1",
           "sg-r1"}}) {
        const auto told = node.run("ovs-snatctl --timeout=20 " + row(columns));
        BOOST_TEST(told.status != 0, columns << " is taken");
        const auto uuid = node.must("ovs-snatctl --no-wait --bare "
                                    "--columns=_uuid find NAT "
                                    "external_ip!=198.51.100.20");
        if (!uuid.empty()) {
            is_failed(uuid, words);
            node.snatctl("remove Router r1 nat " + uuid);
        } else {
            BOOST_TEST(holds(told.err, words), told.err);
        }
    }
    BOOST_TEST(node.is_as(before));
    translates();
}

BOOST_AUTO_TEST_CASE(a_right_row_waits_for_a_wrong_one)
{
    wire("");
    const auto before = node.snapshot();
    is_refused("-- " + floating_ip + " -- "
                   + row("type=snat external_ip=198.51.100.30 "
                         "logical_ip=10.0.0.1/24"),
               "10.0.0.1/24");
    const auto told = shown(rule("type=dnat_and_snat"));
    BOOST_TEST(told.starts_with("pending: waits for other rows of its router"),
               told);
    BOOST_TEST(holds(told, "10.0.0.1/24"), told);
    BOOST_TEST(node.is_as(before));
    node.snatctl("remove Router r1 nat " + rule("type=snat"));
    translates();
}

// With other ports, or with none.
BOOST_AUTO_TEST_CASE(without_a_gateway_port_it_waits_and_says_so)
{
    const std::string why = "the router has no gateway port yet";
    for (const std::string port :
         {"-- --bridge=br-int port-add r1 sg-r1 10.0.0.1/24 ", ""}) {
        is_refused("-- router-add r1 " + port + "-- " + floating_ip, why);
        BOOST_TEST(shown(rule("type=dnat_and_snat")) == "pending: " + why);
        BOOST_TEST(node.snatctl("get Router r1 state") == "active");
        node.snatctl("router-del r1");
    }
    is_refused("-- router-add r1 -- " + floating_ip, why);
    node.snatctl("-- --bridge=br-ex --gateway=198.51.100.1 port-add r1 qg-r1 "
                 "198.51.100.10/24 -- --bridge=br-int port-add r1 sg-r1 "
                 "10.0.0.1/24");
    BOOST_TEST(shown(rule("type=dnat_and_snat")) == "active: ");
    translates();
}

// The rest of the rules is there if the router may skip what is refused.
BOOST_AUTO_TEST_CASE(a_wrong_row_is_skipped)
{
    wire(floating_ip + " -- set Router r1 options:refused-rows=skip");
    node.run("ovs-snatctl --timeout=20 -- nat-add r1 dnat 198.51.100.20 "
             "10.0.0.6 -- nat-add r1 snat 198.51.100.30 10.0.0.6");
    node.snatctl("wait-until Router r1 state=degraded");
    translates();
    BOOST_TEST(call("two", "udp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.30");
    const auto wrong = rule("state=failed");
    BOOST_TEST(wrong == rule("type=dnat"));
    node.snatctl("remove Router r1 nat " + wrong);
    BOOST_TEST(node.snatctl("get Router r1 state") == "active");
}

BOOST_AUTO_TEST_CASE(a_removed_rule_is_undone)
{
    wire(floating_ip);
    translates();
    for (const std::string undo : {"ovs-appctl -t ovs-snatd change/undo ",
                                   "ovs-snatctl --timeout=20 undo "}) {
        node.snatctl("nat-del r1 dnat_and_snat");
        BOOST_TEST(call("one", "udp 198.51.100.1 80")
                   == "outside:80 sees 198.51.100.10");
        const auto number = last_number(node);
        node.must(undo + number);
        node.wait_for("ovs-appctl -t ovs-snatd change/list r1 | tail -n 1 | "
                      "grep -v '^"
                      + number + " ' | grep -q committed");
        BOOST_TEST(node.snatctl("get NAT "
                                + rule("type=dnat_and_snat external_ip="
                                       "198.51.100.20 logical_ip=10.0.0.5")
                                + " state")
                   == "active");
        translates();
    }
}

BOOST_AUTO_TEST_CASE(what_is_deleted_by_hand_is_repaired)
{
    wire(floating_ip);
    const auto before = node.shape();
    is_repaired("delete element inet ovs_snat floating4 "
                "'{ 198.51.100.20 }'");
    is_repaired("flush map inet ovs_snat to4");
    is_repaired("flush ruleset");
    BOOST_TEST(node.has_shape(before));
}

// At each of its steps.
BOOST_AUTO_TEST_CASE(a_change_that_fails_leaves_all_as_it_was)
{
    node.snatctl("set SNAT_Global . options:retry-initial=3600000 "
                 "options:retry-max=3600000");
    wire(floating_ip);
    const auto all = node.snapshot(), before = translations();
    int step = 1;
    while (true) {
        node.appctl("fault/fail-step " + std::to_string(step));
        const auto told = node.run(
            "ovs-snatctl --timeout=20 -- nat-del r1 dnat_and_snat -- nat-add "
            "r1 dnat 203.0.113.20 10.0.0.6 tcp 80-90 -- nat-add r1 snat "
            "203.0.113.21 10.0.0.0/24");
        if (told.status == 0) {
            break;
        }
        const auto change = last_change(node);
        BOOST_TEST(holds(change, "undone"), change);
        BOOST_TEST(translations() == before);
        node.snatctl("-- nat-del r1 -- " + floating_ip);
        step++;
    }
    BOOST_TEST(step > 4);
    node.appctl("fault/clear");
    BOOST_TEST(call("one", "tcp 198.51.100.1 80")
               == "outside:80 sees 203.0.113.21");
    node.snatctl("-- nat-del r1 -- " + floating_ip);
    BOOST_TEST(node.is_as(all));
    translates();
}

BOOST_AUTO_TEST_CASE(ten_floating_ips_come_in_one_change)
{
    std::string rules;
    for (int i = 0; i < 10; i++) {
        const auto n = std::to_string(i);
        rules += (i ? " -- " : "")
                 + ("nat-add r1 dnat_and_snat 198.51.100.3" + n + " 10.0.0.1"
                    + n);
        node.must("ip -n two address add 10.0.0.1" + n + "/24 dev eth0");
    }
    wire(rules);
    const auto changes = node.appctl("change/list r1");
    BOOST_TEST(holds(changes, "committed"), changes);
    BOOST_TEST(test::split(changes, '\n').size() == 1, changes);
    answer("two", "80");
    for (const std::string n : {"0", "4", "9"}) {
        BOOST_TEST(call("outside", "udp 198.51.100.3" + n + " 80")
                   == "two:80 sees 198.51.100.1");
        BOOST_TEST(call("two", "udp 198.51.100.1 80 10.0.0.1" + n)
                   == "outside:80 sees 198.51.100.3" + n);
    }
}

BOOST_AUTO_TEST_CASE(by_keys_of_vsctl)
{
    answer("two", "80");
    node.must("ip -n one address add 2001:db8:1::5/64 dev eth0 nodad && "
              "ip -n one -6 route add default via 2001:db8:1::1 && "
              "ip -n outside address add 2001:db8::1/64 dev eth0 nodad");
    node.vsctl("-- add-port br-ex qg-r1 -- set Interface qg-r1 type=internal "
               "external_ids:snat-router=r1 "
               "'external_ids:snat-networks=\"198.51.100.10/24,"
               "2001:db8::10/64\"' "
               "external_ids:snat-gateway-ips=198.51.100.1 "
               "external_ids:snat-floating-ips='198.51.100.20=10.0.0.5' "
               "'external_ids:snat-port-forwards=\""
               "tcp:198.51.100.20:8080=10.0.0.6:80,"
               "tcp:[2001:db8::10]:8080=[2001:db8:1::5]:80\"' "
               "-- add-port br-int sg-r1 -- set Interface sg-r1 "
               "type=internal external_ids:snat-router=r1 "
               "'external_ids:snat-networks=\"10.0.0.1/24,"
               "2001:db8:1::1/64\"'");
    for (const std::string port : {"qg-r1", "sg-r1"}) {
        node.vsctl("wait-until Interface " + port
                   + " external_ids:snat-state=active");
    }
    translates();
    BOOST_TEST(call("outside", "tcp 198.51.100.20 8080")
               == "two:80 sees 198.51.100.1");
    BOOST_TEST(call("outside", "tcp 2001:db8::10 8080")
               == "one:80 sees 2001:db8::1");
    const auto before = node.snapshot();
    for (const std::string wrong :
         {"snat-floating-ips=198.51.100.20",
          "snat-floating-ips=\"198.51.100.20=10.0.0.5 "
          "198.51.100.21=10.0.0.5\"",
          "snat-port-forwards=\"tcp:2001:db8::10:80=[2001:db8:1::5]:80\""}) {
        node.vsctl("set Interface qg-r1 'external_ids:" + wrong + "'");
        node.vsctl("wait-until Interface qg-r1 "
                   "external_ids:snat-state=failed");
        const auto error
            = node.vsctl("get Interface qg-r1 external_ids:snat-error");
        BOOST_TEST(
            (holds(error, "198.51.100.20") || holds(error, "2001:db8::10")),
            error);
        node.vsctl("set Interface qg-r1 "
                   "external_ids:snat-floating-ips='198.51.100.20=10.0.0.5' "
                   "'external_ids:snat-port-forwards=\""
                   "tcp:198.51.100.20:8080=10.0.0.6:80,"
                   "tcp:[2001:db8::10]:8080=[2001:db8:1::5]:80\"'");
        node.vsctl("wait-until Interface qg-r1 "
                   "external_ids:snat-state=active");
    }
    BOOST_TEST(node.is_as(before));
    node.vsctl("remove Interface qg-r1 external_ids snat-floating-ips "
               "snat-port-forwards");
    node.wait_for("! ip -n snat-r1 address show qg-r1 | grep -q "
                  "198.51.100.20");
    BOOST_TEST(call("one", "udp 198.51.100.1 80")
               == "outside:80 sees 198.51.100.10");
}

// An edit of rules trusts the news of everything else: who has spoilt
// something a moment before it is told of, whether the edit repairs it or what
// follows.
BOOST_AUTO_TEST_CASE(what_others_spoil_right_before_an_edit_is_repaired)
{
    wire(floating_ip);
    const char *mischief[]
        = {"address del 198.51.100.20/32 dev qg-r1",
           "route del local 198.51.100.20 dev qg-r1 table local",
           "address add 198.51.100.99/32 dev qg-r1",
           "link set qg-r1 down",
           "address del 198.51.100.10/24 dev qg-r1",
           "route del default"};
    for (const std::string what : mischief) {
        BOOST_TEST_CONTEXT(what)
        {
            node.must("ip -n snat-r1 " + what);
            node.snatctl("nat-add r1 dnat_and_snat 198.51.100.30 10.0.0.30");
            node.snatctl("nat-del r1 dnat_and_snat 198.51.100.30");
            node.wait_for("ip -n snat-r1 route get 198.51.100.20 | "
                          "grep -q ^local && ! ip -n snat-r1 address | "
                          "grep -q 198.51.100.99 && "
                          "ip -n snat-r1 route | grep -q ^default");
            translates();
        }
    }
}

BOOST_AUTO_TEST_CASE(a_router_made_again_at_once_keeps_what_its_rules_show)
{
    wire(floating_ip);
    const auto ports = node.snatctl("get Router r1 ports"),
               rules = node.snatctl("get Router r1 nat");
    node.snatctl("router-del r1 -- --id=@r create Router name=r1 ports='"
                 + ports + "' nat='" + rules + "'");
    BOOST_TEST(node.snatctl("get Router r1 state") == "active");
    for (int i = 0; i < 3; i++) {
        BOOST_TEST(
            node.snatctl("get NAT " + rule("type=dnat_and_snat") + " state")
            == "active");
        node.snatctl("nat-add r1 snat 198.51.100.10 10.0." + std::to_string(i)
                     + ".0/24");
    }
    translates();
}

BOOST_AUTO_TEST_SUITE_END()
