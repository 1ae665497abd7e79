// The least that the kernel has to be asked for a router: its system calls,
// in the best order known, as few as may be.  What is to be made is known
// beforehand; nothing is looked at, checked or remembered.
#pragma once

// First: what Open vSwitch knows of the machine its copies of the kernel's
// headers go by.
#include "client.hh"

#include "floor_rules.hh"

#include "kernel/namespaces.hh"
#include "kernel/sysctls.hh"
#include "router/wired.hh"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bench {

// What the namespaces share.
struct Floor_node {
    Floor_node();

    snat::Node node;
    snat::Sysctls sysctls;
    uint32_t last_index = 1'000'000; // Of the node's ends of pairs.
};

using Links = std::map<std::string, snat::Link>;

class Floor_namespace {
public:
    // A namespace with this name, and its sockets.
    Floor_namespace(Floor_node &node, std::string name);

    // Pairs, each with its other end born inside.
    void make_pairs(const Links &links);
    // Devices of the switch, which are there.
    void move_in(const Links &links);

    void set_sysctls(const std::map<std::string, std::string> &sysctls);
    // All in one go: up, addresses, and the default routes.
    void configure(const Links &links,
                   const std::map<snat::Route_place, snat::Route> &routes);
    void add_host(const std::string &link, const snat::Ip &ip);

    void load(const Floor_rules &rules);
    void add(const Floating_ips &more);

    // Its name and ours; the kernel takes it apart by itself.
    void drop();

private:
    snat::Netlink &route();
    snat::Netlink &netfilter();

    Floor_node &shared_;
    std::string path_;
    std::optional<snat::Namespace> inside_;
    std::map<std::string, uint32_t> indexes_; // Of the links inside.
};

} // namespace bench
