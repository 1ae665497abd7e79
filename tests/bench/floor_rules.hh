// The least rules that translate: two maps of floating IPs, and one address
// for all other hosts.
#pragma once

// First, as in floor_kernel.hh.
#include "client.hh"

#include "kernel/netlink.hh"
#include "router/address.hh"
#include "router/rows.hh"

#include <string>
#include <utility>
#include <vector>

namespace bench {

// Outside, inside.
using Floating_ips = std::vector<std::pair<snat::Ip, snat::Ip>>;

struct Floor_rules {
    std::string gateway; // The port.
    snat::Ip address;    // Of it, for hosts without a floating IP.
    Floating_ips floating_ips;
};

Floor_rules rules_of(const snat::Router_row &rows);

snat::Outcome load(snat::Netlink &netfilter, const Floor_rules &rules);
snat::Outcome add(snat::Netlink &netfilter, const Floating_ips &more);

} // namespace bench
