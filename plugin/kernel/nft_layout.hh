// What is in table "inet ovs_snat":
//
//     map default_snat { type ifname : ipv4_addr; }   # port : its address
//     set snat_ports { type ifname; }                 # the same ports
//     chain postrouting {
//         type nat hook postrouting priority srcnat; policy accept;
//         meta nfproto ipv4
//             snat ip to oifname map @default_snat fully-random
//     }
//     chain forward {
//         type filter hook forward priority filter; policy accept;
//         meta nfproto ipv4 meta l4proto tcp ct state invalid
//             oifname @snat_ports drop
//     }
//
// Chains and rules are the same for every router; what differs stands in the
// sets and maps, so that neither the cost of a change nor the way of a packet
// grows with their number.  Loading, updating and reading back all go by the
// lists below: a new kind of NAT is one more entry here.
#pragma once

#include "kernel/nft_message.hh"
#include "router/result.hh"
#include "router/wired.hh"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace snat {

// Counts up whenever anything below changes, so that a newer daemon finds the
// tables of an older one and loads them again.
constexpr int nft_generation = 1;

const std::vector<Nft_set> &nft_sets();
const std::vector<Nft_chain> &nft_chains();

struct Nft_rule {
    std::string chain;
    std::string comment; // Names the rule.
    void (*write)(Nft_expressions &expressions);
};
const std::vector<Nft_rule> &nft_rules();

// The elements of each set, by its name, that 'nat' asks for.
using Nft_elements = std::map<std::string, std::set<Nft_element>>;
Nft_elements elements_of(const Nat &nat);

// The Nat that asks for 'elements'; an error if none does.
Result<Nat> nat_of(const Nft_elements &elements);

} // namespace snat
