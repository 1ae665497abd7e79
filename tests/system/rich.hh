// A node with routers of both databases that have every feature, and with
// every way in which a change can stand.
#pragma once

#include "system/node.hh"
#include "system/text.hh"

#include <string>

namespace test {

struct Rich {
    Node node;

    Rich()
    {
        add_orphan();
        node.must("ovs-snatctl --no-wait set SNAT_Global . "
                  "options:retry-initial=600000 options:retry-max=600000");
        add_own();
        add_users();
        add_refused();
        fail();
        node.snatctl("--confirm=600 set Router_Port sg-r2 mtu=1400");
        stop();
    }

    static std::string
    add(const std::string &router, const std::string &network)
    {
        return "-- router-add " + router
               + " -- --wiring=veth --bridge=br-int port-add " + router
               + " sg-" + router + " " + network + " ";
    }

    // Wired, and neither the rows nor the history know it.
    void
    add_orphan()
    {
        node.snatctl(add("orphan", "10.9.0.1/24"));
        const auto pid = std::to_string(node.main_pid());
        node.kill_main();
        node.wait_for("! kill -0 " + pid);
        node.must("ovs-snatctl --no-wait router-del orphan -- destroy Change "
                  "1");
        node.start_daemon();
        node.wait_for("ovs-appctl -t ovs-snatd orphan/list | grep orphan");
    }

    // By rows of OVS_SNAT.
    void
    add_own()
    {
        node.snatctl(
            add("r1", "10.0.0.1/24 2001:db8:1::1/64")
            + "-- --gateway=198.51.100.1,2001:db8::1 --bridge=br-ex "
              "--mtu=1400 "
              "port-add r1 qg-r1 198.51.100.10/24 2001:db8::10/64 "
              "-- set Router_Port qg-r1 mac='\"02:00:00:00:00:0a\"' "
              "options:rate-in=8000 options:rate-out=4000 options:burst-out=9 "
              "options:mss-clamp=1200 options:address-scope=4:out "
              "options:ndp-proxy='\"2001:db8::100/124\"' "
              "-- set Router_Port sg-r1 tag=7 options:route-table=blue "
              "options:mss-clamp=pmtu "
              "-- set Router r1 options:ct-helpers=ftp:21,sip:5060 "
              "options:ct-limit=5000 options:ct-timeouts=udp:40 "
              "options:arp-ignore=1 "
              "-- nat-add r1 dnat_and_snat 198.51.100.20 10.0.0.20 "
              "-- nat-add r1 dnat_and_snat 198.51.100.21 10.0.0.21 "
              "-- nat-add r1 dnat 198.51.100.10 10.0.0.6 tcp 80 8080 "
              "-- nat-add r1 snat 198.51.100.30 10.0.0.32/27 "
              "-- nat-add r1 dnat 198.51.100.22 10.0.0.22 ");
        node.snatctl(
            "-- set NAT 198.51.100.20 options:rate-in=900 "
            "options:allowed-ext=203.0.113.0/24 options:log=true "
            "-- set NAT 198.51.100.21 options:stateless=true "
            "-- set NAT 198.51.100.30 options:port-block-size=512 "
            "external_port=20000-40000 options:max-translations=9 "
            "options:exempted-ext=203.0.113.8 "
            "-- route-add r1 203.0.113.0/24 198.51.100.2 "
            "-- route-add r1 203.0.113.0/24 198.51.100.3 "
            "-- route-add r1 192.0.2.0/24 discard "
            "-- --metric=7 route-add r1 2001:db8:9::/48 2001:db8::9 "
            "-- --route-table=blue route-add r1 198.18.0.0/15 198.51.100.4 "
            "-- --policy=src-ip route-add r1 10.0.0.128/25 198.51.100.5 ");
        node.snatctl(add("r2", "10.2.0.1/24"));
        node.must("ovs-snatctl " + add("off", "10.3.0.1/24")
                  + "-- set Router off enabled=false");
    }

    // By keys of Open_vSwitch.
    void
    add_users()
    {
        node.vsctl(
            "-- add-port br-ex qg-d1 -- set Interface qg-d1 type=internal "
            "external_ids:snat-router=d1 "
            "external_ids:snat-networks=198.51.100.40/24 "
            "external_ids:snat-gateway-ips=198.51.100.1 "
            "external_ids:snat-floating-ips='\"198.51.100.41=10.4.0.5\"' "
            "external_ids:snat-port-forwards="
            "'\"udp:198.51.100.40:53=10.4.0.6:5353\"' "
            "external_ids:snat-routes='\"203.0.113.0/24=198.51.100.2 "
            "192.0.2.0/24=discard\"' external_ids:snat-enable=false "
            "-- add-port br-int sg-d1 -- set Interface sg-d1 type=internal "
            "external_ids:snat-router=d1 external_ids:snat-scope=in "
            "external_ids:snat-networks=10.4.0.1/24");
        node.vsctl("wait-until Interface sg-d1 "
                   "external_ids:snat-state=active");
    }

    // Rows of each table that cannot be, and one that waits.
    void
    add_refused()
    {
        node.must("ovs-snatctl " + add("bad", "10.5.0.0/24")
                  + "-- --bridge=br-ex port-add bad qg-bad 198.51.100.50/24 "
                    "-- nat-add bad dnat_and_snat 198.51.100.51 10.5.0.5 "
                    "-- nat-add bad dnat 198.51.100.51 10.5.0.6 "
                    "-- route-add bad 203.0.113.0/24 192.168.0.1 "
                    "|| true");
        node.must("ovs-snatctl -- router-add late -- --bridge=br-late "
                  "port-add late sg-late 10.6.0.1/24 || true");
        node.must("ovs-snatctl -- router-add typo -- set Router typo "
                  "options:change_rate=5 || true");
        node.vsctl("-- add-port br-int sg-typo -- set Interface sg-typo "
                   "type=internal external_ids:snat-router=typo2 "
                   "external_ids:snat-netwroks=10.7.0.1/24");
        node.vsctl("wait-until Interface sg-typo "
                   "external_ids:snat-state=failed");
    }

    // Undone, once wholly and once not.
    void
    fail()
    {
        const std::string edit = "-- --wiring=veth --bridge=br-int port-add ";
        for (const std::string name : {"undone", "stuck"}) {
            node.snatctl(
                add(name, name == "stuck" ? "10.10.0.1/24" : "10.11.0.1/24"));
            node.appctl("fault/fail-step 5 ENOSPC");
            if (name == "stuck") {
                node.appctl("fault/fail-undo 2");
            }
            node.must("ovs-snatctl " + edit + name + " sg-" + name
                      + "2 10.12.0.1/24 || true");
        }
    }

    // A change that is under way as long as one looks.
    void
    stop()
    {
        node.appctl("fault/only r1");
        node.appctl("fault/stop-at-step 2");
        node.must("ovs-snatctl --no-wait -- set Router_Port sg-r1 mtu=1390 "
                  "tag=8 -- nat-add r1 dnat_and_snat 198.51.100.23 10.0.0.23");
        node.wait_for("ovs-appctl -t ovs-snatd fault/show | grep stopped");
    }
};

} // namespace test
