// Links as rtnetlink shows them, and the plain changes of one.
#pragma once

#include "kernel/netlink.hh"
#include "router/result.hh"
#include "router/wired.hh"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace snat {

struct Seen_link {
    uint32_t index = 0;
    std::string name;
    std::string alias;
    std::string kind; // "veth", "tun", ..; empty for lo and hardware.
    std::optional<Mac> mac;
    uint32_t mtu = 0;
    bool up = false;
    bool carrier = false;
    uint32_t peer = 0;        // veth: the other end's index, where that is.
    bool promiscuous = false; // As the switch sets what it has open.
};

// Links as they were seen, until something happens to them.
class Link_memory {
public:
    // Null if it knows of none with that name.
    const Seen_link *find(const std::string &name) const;
    void remember(const Seen_link &link);
    // Also by its old name, for it may be new.
    void forget(const Seen_link &link);
    void forget(const std::string &name);

private:
    std::map<std::string, Seen_link> links_; // By name.
    std::map<uint32_t, std::string> names_;  // By index.
};

Seen_link parse_link(const Reply &reply);

// The alias by which a link shows that it is the router's and ours.
std::string mark_of(const std::string &router);
// Whose it is by that, if at all.
std::optional<std::string> marked_router(const Seen_link &link);

// Nothing if there is no such link.
Result<std::optional<Seen_link>> find_link(Netlink &route,
                                           const std::string &name);

Result<std::map<std::string, Seen_link>> all_links(Netlink &route);

// Like find_link(), but a missing link is an error.
Result<Seen_link> get_link(Netlink &route, const std::string &name);
// What becomes of a step at a link that get_link() does not give: of one that
// is gone nothing needs to be taken away any more.
Outcome without_link(const Error &error, bool takes_away_only);

// A link of kind "veth" is Wiring::veth.  "tun" (the userspace datapath's)
// and "openvswitch" (the kernel datapath's) are Wiring::internal.  All other
// kinds are none that a port can have.
std::optional<Wiring> wiring_of(const Seen_link &link);

Outcome set_up(Netlink &route, const std::string &name, bool up);
Outcome delete_link(Netlink &route, const Seen_link &link);

// What can be changed of a link where it is; empty: left as it is.
struct Link_change {
    std::optional<Mac> mac;
    std::optional<uint32_t> mtu;
};
Outcome change_link(Netlink &route, const Seen_link &link,
                    const Link_change &change);

} // namespace snat
