// What a router is once it is wired: a namespace with links, addresses,
// routes, sysctls and NAT.  The same values say what a Router asks for
// (wire()) and what the kernel was seen to have, so that a plan is nothing
// but their difference.
#pragma once

#include "router.hh"

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace snat {

// A port's device.  In a wish 'mac' is empty where any will do, and the
// indexes are 0; a device that was seen has them all, so that an undo can
// make the very same device again.
struct Device {
    Wiring wiring = Wiring::veth;
    std::optional<Mac> mac;
    uint32_t mtu = default_mtu;
    bool checksum_offload = true; // Transmit; off on a userspace datapath.
    uint32_t index = 0;
    // veth only: the end on the node, which is the switch's.
    uint32_t node_index = 0;
    std::optional<Mac> node_mac;
    bool node_up = true;
    // Seen only, on the node: of no use to anybody (kernel/abandoned.hh).
    bool abandoned = false;

    bool operator==(const Device &) const = default;
};

// A link's IPv4 addresses of full length, of which there may be tens of
// thousands.  Each is a network of its own, so unlike with the others their
// order means nothing to the kernel.
using Hosts = Shared_set<Ip>;
bool is_host(const Network &address);
// Those of 'all' that are not in 'some', at the cost of the difference.
std::vector<Ip> missing(const Hosts &all, const Hosts &some);

// A device inside the namespace, with what hangs on it.
struct Link {
    Device device;
    bool up = false;
    bool carrier = false;    // Seen only.
    bool dad_failed = false; // Seen only: some address is a duplicate.
    bool tentative = false;  // Seen only: DAD still runs (RFC 4862).
    // Seen only: a route that the kernel made of an address is gone.
    bool lacks_route = false;
    // Seen only, of a pair: the switch has the other end open.
    bool open = false;
    std::vector<Network> addresses; // But for hosts; in the kernel's order.
    Hosts hosts;
    std::set<Ip> proxies; // IPv6 neighbours that it answers for.

    bool operator==(const Link &) const = default;
    bool has(const Ip &address) const;
    bool has_ipv4() const;
};

struct Hop {
    std::optional<Ip> via; // Empty: on-link.
    std::string link;

    auto operator<=>(const Hop &) const = default;
};

// What the kernel gives a route for which nobody has said a metric: that of
// IPv6 is IP6_RT_PRIO_USER of its net/ip6_route.h.
uint32_t usual_metric(Family family);

// Where a route stands: at each place there is one.
struct Route_place {
    uint32_t table = 0; // 0: the main one.
    Network prefix;
    uint32_t metric = 0; // 0: the usual one of the family.

    Route_place() = default;
    Route_place(const Network &to, uint32_t in_table = 0, uint32_t with = 0)
        : table{in_table}, prefix{to}, metric{with}
    {
    }
    auto operator<=>(const Route_place &) const = default;
};

// Of other protocols than "static", which ours have, only "boot", which ip(8)
// gives by default, is told: a routing daemon may have its own, but where ours
// shall stand.
struct Route {
    Network prefix;
    // More than one: multipath.
    std::set<Hop> hops;
    bool by_hand = false; // Seen only: of protocol "boot".
    uint32_t metric = 0;
    uint32_t table = 0;
    bool discard = false; // Packets go nowhere, silently.

    auto operator<=>(const Route &) const = default;
    Route_place
    place() const
    {
        return {prefix, table, metric};
    }
    // Seen only: of a shape that we never make.  It is replaced where a wanted
    // one shall stand, and an undo does not bring it back; elsewhere it is
    // left alone.
    bool
    is_foreign() const
    {
        return hops.empty() && !discard;
    }
};

// Whether it needs no other route that leads to its next hops.
bool is_on_link(const Route &route);

// Tables of ours have numbers from here on: beyond all that have names in
// /etc/iproute2, and no negative ones.
constexpr uint32_t first_route_table = 0x10000;
constexpr uint32_t last_route_table = 0x7fffffff;

// Where the kernel's own rule for the main table stands, which is part of
// every wish.  Rules behind it are nobody's business.
constexpr uint32_t main_rule_priority = 32766;

// Which packets look for their route in which table, as of ip-rule(8).
struct Route_rule {
    Family family = Family::ipv4;
    uint32_t priority = 0;
    std::string in_port;         // Empty: by whichever they came.
    std::optional<Network> from; // Empty: from wherever.
    uint32_t table = 0;          // 0: the main one.
    bool specific = false;       // Default routes do not count.
    bool by_hand = false;        // Seen only: of no protocol, or "boot".

    auto operator<=>(const Route_rule &) const = default;
};

// The kernel's own, of both families: what a namespace is born with.
std::set<Route_rule> born_route_rules();

// How connection tracking marks flows: with that of the rule that has taken
// them; else, if a gateway port has let them pass as they are, with this.
constexpr uint32_t no_mark = 0, mark_untranslated = 1;

// One of the tables that packets are looked up in, as the kernel has it: a key
// of fields with " . " between them, such as "qg-demo . 10.0.0.5", and what it
// leads to, which is empty in a mere set.
using Nat_table = Shared_map<std::string, std::string>;

// The content of table "inet ovs_snat".
struct Nat {
    // Seen only: the table bears our mark, but its content is none that we
    // load, and so is not told here.  It can only be repaired: undoing that
    // does not break it again.
    bool damaged = false;
    // By name; none is empty.  See router/translate.hh.
    std::map<std::string, Nat_table> tables;

    bool operator==(const Nat &) const = default;
    // Empty where there is none.
    const Nat_table &table(const std::string &name) const;
    // Without a value the entry goes.
    void set(const std::string &table, const std::string &key,
             const std::optional<std::string> &value);
    // Of all of it, at the cost of the tables' number.
    Digest digest() const;
};

enum class Name_state {
    free,    // Nothing has the name.
    ours,    // A namespace that carries our mark for this router.
    foreign, // Something that is not ours: never touched.
};

struct Wired {
    Name_state name = Name_state::free;
    std::string taken_by; // What has a foreign name: "a directory".
    // A namespace of ours exists, be it named or (name == free) not yet.
    bool exists = false;
    std::map<std::string, Link> links; // By name; only asked-for ones.
    std::map<Route_place, Route> routes;
    std::set<Route_rule> route_rules;
    std::map<std::string, std::string> sysctls; // "net/ipv4/ip_forward": "1".
    std::optional<Nat> nat; // Empty: no table, or one that is not ours.
    // Seen only: devices of the router's ports in the node's own namespace,
    // where the switch makes them.
    std::map<std::string, Device> on_node;

    bool operator==(const Wired &) const = default;
};

// What 'router' asks of the kernel.
class Translator;
Wired wire(const Router &router, Translator &translator);
Wired wire(const Router &router);
std::map<std::string, std::string> wire_sysctls(const Router &router);
// Those of the namespace as a whole, where no option says otherwise.
const std::map<std::string, std::string> &usual_sysctls();

std::string namespace_name(const std::string &router);

// The sysctls that a link has of its own: whether it listens to router
// advertisements, and whether it answers for other neighbours, which it does
// not without being asked to.  With an MTU too small for IPv6 it has none.
std::array<std::string, 2> link_sysctls(const std::string &link);

} // namespace snat
