#include "system/drill.hh"

#include <stdexcept>

namespace test {
namespace {

// The addresses of the gateway port before an update and after it.
std::vector<std::string>
networks(bool updated, bool ipv6)
{
    std::vector<std::string> out
        = updated ? std::vector<std::string>{"198.51.100.20/24",
                                             "198.51.100.21/24"}
                  : std::vector<std::string>{"198.51.100.10/24"};
    if (ipv6) {
        out.push_back(updated ? "2001:db8::20/64" : "2001:db8::10/64");
    }
    return out;
}

std::string
join(const std::vector<std::string> &words, const std::string &separator)
{
    std::string out;
    for (const std::string &word : words) {
        out += (out.empty() ? "" : separator) + word;
    }
    return out;
}

// --- The words of ovs-snatctl

std::string
add_port(const std::string &wiring, const std::string &words)
{
    return " -- --wiring=" + wiring + " " + words;
}

std::string
set_networks(bool updated, bool ipv6)
{
    return "set Router_Port qg-r1 'networks=[\""
           + join(networks(updated, ipv6), "\",\"") + "\"]'";
}

std::string
snatctl_create(const Drill &drill)
{
    return "-- router-add r1"
           + add_port(drill.wiring,
                      "--bridge=br-ex --gateway=198.51.100.1 port-add r1 "
                      "qg-r1 "
                          + join(networks(false, drill.ipv6), " "))
           + add_port(drill.wiring,
                      "--bridge=br-int port-add r1 sg-r1 10.0.0.1/24")
           + add_port(drill.wiring, "--bridge=br-int --tag=7 port-add r1 "
                                    "sg-r1b 10.0.1.1/24");
}

// Addresses, MTU and tag change, one port comes and one goes.
std::string
snatctl_update(const Drill &drill)
{
    return "-- " + set_networks(true, drill.ipv6)
           + " mtu=1400 -- port-del sg-r1 -- set Router_Port sg-r1b tag=8"
           + add_port(drill.wiring,
                      "--bridge=br-int port-add r1 sg-r1c 10.0.2.1/24");
}

std::string
snatctl_downdate(const Drill &drill)
{
    return "-- " + set_networks(false, drill.ipv6)
           + " -- clear Router_Port qg-r1 mtu -- port-del sg-r1c -- set "
             "Router_Port sg-r1b tag=7"
           + add_port(drill.wiring,
                      "--bridge=br-int port-add r1 sg-r1 10.0.0.1/24");
}

// --- The words of ovs-vsctl

std::string
set_keys(const std::string &port, const std::string &addresses,
         const std::string &more = "")
{
    return " -- set Interface " + port
           + " external_ids:snat-router=r1 'external_ids:snat-networks=\""
           + addresses + "\"'" + more;
}

std::string
clear_keys(const std::string &port)
{
    return " -- remove Interface " + port
           + " external_ids snat-router snat-networks snat-gateway-ips "
             "snat-enable";
}

// The ports themselves, which are nobody's yet.
std::string
vsctl_ports(const std::string &wiring)
{
    std::string words;
    for (const std::string port : {"qg-r1", "sg-r1", "sg-r1b", "sg-r1c"}) {
        words += " -- add-port "
                 + std::string{port == "qg-r1" ? "br-ex " : "br-int "} + port
                 + (wiring == "internal"
                        ? " -- set Interface " + port + " type=internal"
                        : "");
    }
    return words;
}

std::string
vsctl_create(const Drill &drill)
{
    return set_keys("qg-r1", join(networks(false, drill.ipv6), " "),
                    " external_ids:snat-gateway-ips=198.51.100.1")
           + set_keys("sg-r1", "10.0.0.1/24")
           + set_keys("sg-r1b", "10.0.1.1/24");
}

std::string
vsctl_update(const Drill &drill)
{
    return set_keys("qg-r1", join(networks(true, drill.ipv6), ", "),
                    " external_ids:snat-enable=false")
           + clear_keys("sg-r1") + set_keys("sg-r1c", "10.0.2.1/24");
}

std::string
vsctl_downdate(const Drill &drill)
{
    return clear_keys("sg-r1c")
           + " -- remove Interface qg-r1 external_ids snat-enable"
           + vsctl_create(drill);
}

std::string
vsctl_destroy()
{
    return clear_keys("qg-r1") + clear_keys("sg-r1") + clear_keys("sg-r1b");
}

} // namespace

Drilled::Drilled(const Drill &drill) : drill_{drill}
{
    const bool vsctl = drill.door == Door::vsctl;
    const auto create = vsctl ? vsctl_create(drill) : snatctl_create(drill);
    const auto destroy = vsctl ? vsctl_destroy() : "router-del r1";
    if (vsctl) {
        // Devices of veth pairs are not there: ovs-vswitchd says so.
        node.run("ovs-vsctl" + vsctl_ports(drill.wiring));
    }
    if (drill.kind != Kind::create) {
        tell(create);
        if (!wait()) {
            throw std::runtime_error("r1 cannot be made");
        }
    }
    switch (drill.kind) {
    case Kind::create:
        there_ = create;
        back_ = destroy;
        break;
    case Kind::update:
        there_ = vsctl ? vsctl_update(drill) : snatctl_update(drill);
        back_ = vsctl ? vsctl_downdate(drill) : snatctl_downdate(drill);
        break;
    case Kind::destroy:
        there_ = destroy;
        back_ = create;
        break;
    }
}

// Without waiting, but with a number by which the end can be told.
void
Drilled::tell(const std::string &words)
{
    if (drill_.door == Door::vsctl) {
        node.must("ovs-vsctl --no-wait " + words
                  + " -- set Open_vSwitch . next_cfg=$(($(ovs-vsctl get "
                    "Open_vSwitch . next_cfg) + 1))");
    } else {
        node.must("ovs-snatctl --no-wait " + words
                  + " -- set SNAT_Global . next_cfg=$(($(ovs-snatctl "
                    "--no-wait get SNAT_Global . next_cfg) + 1))");
    }
}

// Until all edits are realised or refused; true if the last one was realised.
bool
Drilled::wait()
{
    node.wait_for(
        drill_.door == Door::vsctl
            ? "test $(ovs-vsctl get Open_vSwitch . next_cfg) -le $(ovs-vsctl "
              "get Open_vSwitch . external_ids:snat-cfg | tr -d '\"')"
            : "set -- $(ovs-snatctl --no-wait get SNAT_Global . next_cfg "
              "cur_cfg) && test $1 -le $2");
    const auto last
        = node.must("ovs-appctl -t ovs-snatd change/list r1 | tail -n 1");
    return last.find(" committed ") != last.npos;
}

bool
Drilled::edit()
{
    tell(there_);
    return wait();
}

bool
Drilled::take_back()
{
    tell(back_);
    return wait();
}

} // namespace test
