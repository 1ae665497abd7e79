// What is in table "inet ovs_snat".  Its chains and rules are the same for
// every router; what differs stands in its sets and maps, which
// router/translate.hh fills.  All names but these and those of segment sizes
// end with the family, 4 or 6.
//
//     gateways         ports to the outside
//     with_ports       protocols that have ports
//     icmp_errors      types of messages about another packet
//     discovery6       types of messages between neighbours
//     logged           marks of rules whose flows are told
//     rules            mark of each rule, its words; counts what the sides
//     replies          that began its flows send, and the other sides
//
//     What the first packet of a flow meets, in chain "arrive":
//     helpers          protocol, port: who reads along in such flows
//     tracked          protocol, a hash of addresses and ports: how many such
//                      flows there may be at once
//
//     Where flows go that come from anywhere, in chain "destination":
//     here             gateway port, address that flows are sent to by it
//     kept             address, protocol, port, peer: mark; not translated
//     forwards_by_peer the same: mark
//     forwards         address, protocol, port: mark
//     floating_by_peer address, peer: mark
//     floating         address: mark
//     inside_ports     mark, port: address, port
//     inside           mark: address
//
//     Where flows seem to come from that leave, in chain "postrouting":
//     hosts_by_peer    port, host, peer: mark
//     hosts            port, host: mark
//     networks         port, host, peer: mark
//     default          port: mark
//     to, random       mark: address, the source port kept or not
//     first_port, last_port
//                      mark: between which it must be
//     block_first, block_last
//                      mark, host: the same
//     most_flows       mark, host: how many may leave at once
//     hairpin          host that calls another by an external address: how
//                      it is seen there
//     callers          port that others do so by: the same
//     leaving          ports that have any rule
//
//     Translated without connection tracking, but for those who call from
//     inside:
//     stateless_in     port, address: host
//     stateless_out    port, host: address
//     stateless        hosts
//     stateless_marks  address or host: mark, to count by
//
//     What may pass though it is not translated, in chains "scopes" and
//     "translated", to which "account" jumps (kernel/nft_forwarding.hh):
//     scopes           port: its scope; none if no port names one
//     within           scope, port that is in it
//     unlisted         port with NDP proxies, address inside that is none; of
//                      IPv6 only
//
//     Segment sizes of TCP:
//     mss_of_path      ports by which TCP's segments are what the path takes
//     most_mss         port: how large they are at most
//
//     limits_in, limits_out
//                      port, address: what may pass at most
//
// Loading, updating and reading back all go by the lists below: a new kind of
// translation is some more entries here.
#pragma once

#include "kernel/nft_expressions.hh"
#include "kernel/nft_message.hh"
#include "router/result.hh"
#include "router/wired.hh"

#include <functional>
#include <string>
#include <vector>

namespace snat {

// Counts up whenever anything below changes, so that a newer daemon finds the
// tables of an older one and loads them again.
constexpr int nft_generation = 4;

// Where who wants to know of flows listens (nfnetlink_log).
constexpr uint16_t nat_log_group = 1;

const std::vector<Nft_set> &nft_sets();
const std::vector<Nft_chain> &nft_chains();

// Nothing if there is none of that name.
const Nft_set *find_nft_set(const std::string &name);

struct Nft_rule {
    std::string chain;
    std::string comment; // Names the rule.
    std::function<void(Nft_expressions &)> write;
};
const std::vector<Nft_rule> &nft_rules();

} // namespace snat
