// A step is the only thing that touches the world.  Each kind is a value that
// holds both sides, what was and what shall be, so that its inverse is the
// same value turned round: undoing a change is applying the inverses in
// reverse order.  The list a dry run prints, the list in the Change row and
// the list that the kernel process gets are one and the same.
//
// Doing a step twice is fine, and so is undoing what is already gone: after a
// crash nobody knows how far the last one came.
#pragma once

#include "router/ranges.hh"
#include "router/wired.hh"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace snat {

// The namespace itself, without a name: nobody sees it, and it dies with the
// kernel process.  Dropping it is the cheapest way to drop all that is in it.
struct Set_namespace {
    bool was = false, becomes = true;
    bool operator==(const Set_namespace &) const = default;
};

// The name under /run/netns by which all others find the namespace.
struct Set_name {
    bool was = false, becomes = true;
    bool operator==(const Set_name &) const = default;
};

// The whole NAT table, in one kernel transaction.  The table also carries the
// ownership mark, so a namespace without any NAT still has one.  Becoming
// damaged, as a repair turned round would, is to be left as it is.
struct Set_nat {
    std::optional<Nat> was, becomes;
    bool operator==(const Set_nat &) const = default;
};

// Some entries of its tables, in one kernel transaction; so a change of one
// rule says no more than that.  They must be as they were.
struct Change_nat {
    struct Item {
        std::string table, key;
        std::optional<std::string> was, becomes;
        bool operator==(const Item &) const = default;
    };
    std::vector<Item> entries;
    bool operator==(const Change_nat &) const = default;
};

// Flows that a change of the rules leaves nothing to stand on: what the
// kernel's connection tracking knows of them is forgotten, so that their next
// packet is treated as the rules are now.  Becoming ended is that; not to be
// so any more needs nothing to be done, nor could it be.
struct End_flows {
    // Those of rules that are gone.
    std::vector<uint32_t> marks;
    // Those that came to an external address before its rule was there, and
    // so were taken by another rule or by none.
    struct Arrival {
        Ip to;
        uint8_t protocol = 0; // 0: whatever, and any port.
        Port_range ports{0, 65535};
        std::optional<Ip_range> from; // Only of these.
        std::vector<uint32_t> over;   // The marks of those other rules.
        bool operator==(const Arrival &) const = default;
    };
    std::vector<Arrival> arrivals;
    // Those of these hosts that a gateway port has let pass as they are.
    std::vector<Ip_range> untranslated;
    bool was = false, becomes = true;
    bool operator==(const End_flows &) const = default;
};

struct Set_sysctl {
    std::string key; // Path below /proc/sys: "net/ipv4/ip_forward".
    // Empty: nobody cares, as before its device was there or once it goes.
    std::string was, becomes;
    bool operator==(const Set_sysctl &) const = default;
};

// A port's device inside the namespace: made (a veth pair), changed, deleted.
struct Set_device {
    std::string link;
    std::optional<Device> was, becomes;
    bool operator==(const Set_device &) const = default;
};

// The switch's own device, moved between the node and the namespace, with the
// attributes that it has on either side.
struct Move_device {
    std::string link;
    bool inward = true;
    Device on_node, inside;
    bool operator==(const Move_device &) const = default;
};

struct Set_up {
    std::string link;
    bool was = false, becomes = true;
    bool operator==(const Set_up &) const = default;
};

// All addresses of one link but for its hosts, in the kernel's order, since
// the first is the one that the kernel prefers.  Becoming what they were is to
// have the routes back that the kernel had made of any of the link's
// addresses.
struct Set_addresses {
    std::string link;
    std::vector<Network> was, becomes;
    bool operator==(const Set_addresses &) const = default;
};

// Those hosts of one link that go, and those that come.
struct Change_hosts {
    std::string link;
    std::vector<Ip> was, becomes;
    bool operator==(const Change_hosts &) const = default;
};

// All IPv6 addresses of others that one link answers neighbours for (RFC 4389,
// section 4.1.3.3).
struct Set_proxies {
    std::string link;
    std::set<Ip> was, becomes;
    bool operator==(const Set_proxies &) const = default;
};

// A foreign route, as a replacement turned round would make, is not made: what
// is there stays.
struct Set_route {
    std::optional<Route> was, becomes;
    bool operator==(const Set_route &) const = default;
};

struct Set_route_rule {
    std::optional<Route_rule> was, becomes; // Never both.
    bool operator==(const Set_route_rule &) const = default;
};

// Port rows on the switch, in one OVSDB transaction.  Done when the rows are
// there, devices of the switch are made, and those without a row have gone.
struct Set_switch {
    struct Item {
        std::string port;
        std::optional<Switch_port> was, becomes;
        bool operator==(const Item &) const = default;
    };
    std::vector<Item> ports;
    bool operator==(const Set_switch &) const = default;
};

// Ports that the switch has open.  ovs-vswitchd with a userspace datapath
// opens a pair's end when it appears, and holds on to it as long as the port's
// row is there: of another device that is made under the same name nothing
// comes in (lib/netdev-linux.c binds its socket to the index).  Nor does it
// make its own device again that somebody has deleted.  Becoming open is to be
// opened anew, or waited for if it is not open at all; not to be so any more
// needs nothing to be done.  The node's ends of pairs must be down: letting go
// of a device, ovs-vswitchd sets the one of that name to how it found its own.
struct Set_open {
    std::vector<std::string> ports;
    bool was = false, becomes = true;
    bool operator==(const Set_open &) const = default;
};

// Ports whose rows were added before.  Becoming open is to be waited for until
// ovs-vswitchd has taken them up; not to be so any more needs nothing to be
// done.
struct Await_open {
    std::vector<std::string> ports;
    bool was = false, becomes = true;
    bool operator==(const Await_open &) const = default;
};

// A check in the middle of a change: it asks the networks that the links are
// on, and touches nothing.
struct Verify {
    // Who is asked for, by link.
    std::map<std::string, std::vector<Ip>> links;
    bool answers = false; // Each must answer; else nobody may.
    bool operator==(const Verify &) const = default;
};

// A device on the node that nobody needs back: what an ovs-vswitchd that was
// killed has left of a port whose row has gone meanwhile, or the end of a pair
// of ours whose namespace was deleted, but is held by somebody.
struct Remove_abandoned {
    std::string link;
    bool operator==(const Remove_abandoned &) const = default;
};

using Step
    = std::variant<Set_namespace, Set_name, Set_nat, Set_sysctl, Set_device,
                   Move_device, Set_up, Set_addresses, Set_route, Set_switch,
                   Set_open, Verify, Remove_abandoned, Change_nat, End_flows,
                   Change_hosts, Set_route_rule, Set_proxies, Await_open>;

// Without one it is the step itself.
Step inverse(const Step &step);
bool has_inverse(const Step &step);

// Whose a step is: the kernel process's, the switch's, or nobody's as a check.
bool is_kernel_step(const Step &step);
bool is_switch_step(const Step &step);

// Whether the namespace would be lost by it, or not be found any more.
bool loses_namespace(const Step &step);

// The step in plain words: "put 2 addresses on sg-demo".  With 'values' also
// the addresses themselves, which the log at its default level must not have.
std::string words(const Step &step, bool values = false);

} // namespace snat
