// All that a change of one router can touch, in the kernel and on the switch,
// as one value: once as wished for, once as seen.
#pragma once

#include "router/wired.hh"
#include "step/step.hh"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace snat {

struct Picture {
    Wired kernel;
    // Port rows that carry our mark for this router.
    std::map<std::string, Switch_port> switch_ports;
    // Seen only: further Interface rows with the names of this router's
    // ports.  They are the user's, who may take them away at any time.
    std::set<std::string> user_ports;
    // Seen only: those of this router's ports that ovs-vswitchd says it has
    // open.
    std::set<std::string> open_ports;
    // Seen only: abandoned devices on the node that bear our mark, or were
    // made for rows of ours which are gone by now, or ask for pairs.
    std::set<std::string> left;

    bool operator==(const Picture &) const = default;
};

// What 'router' asks for; without one, nothing.
Picture wish(const std::optional<Router> &router, Translator &translator);
Picture wish(const std::optional<Router> &router);
std::map<std::string, Switch_port>
wish_switch_ports(const std::optional<Router> &router);

// What doing 'step' makes of what is there, if all goes well.
void take_effect(Picture &picture, const Step &step);
void take_effect(Link &link, const Change_hosts &step);

// Why a router that is as planned cannot be used yet: a port without carrier,
// an IPv6 address that is still being checked.  'lasting' when no waiting
// will help: somebody else has the address.
struct Unusable {
    std::string what;
    bool lasting = false;
};
std::optional<Unusable> find_unusable(const Picture &wished,
                                      const Picture &seen);

} // namespace snat
