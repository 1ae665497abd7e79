// From the rules of a router to the tables that packets are looked up in.
//
// A flow is given the mark of the one rule that takes it, once, with its first
// packet; what the rule does with it, and what it is counted as, is looked up
// by that.  Each rule is so many entries of the tables, whatever else there
// is, so neither the way of a packet nor the cost of a change grows with their
// number.  Only where prefixes and lists of peers overlap are entries what the
// rules before them have left over.
//
// Which tables there are, and how the kernel has them: kernel/nft_layout.hh.
#pragma once

#include "nat.hh"
#include "ranges.hh"
#include "router.hh"
#include "wired.hh"

#include <string>
#include <vector>

namespace snat {

// The gateway ports that the rule is for: the one it names; else those whose
// networks hold its external address; else all.
std::vector<std::string> gateway_ports_of(const Router &router,
                                          const Nat_rule &rule);

// The other sides' addresses that the rule is for.
std::vector<Ip_range> peers_of(const Nat_rule &rule);

// How many blocks of source ports a rule with port_block has.
uint32_t blocks_of(const Nat_rule &rule);

// The block of each of its hosts, of which there are few enough.
struct Block {
    Ip host;
    Port_range ports;
};
std::vector<Block> all_blocks(const Nat_rule &rule);

// All rules, those of the ports included.
std::vector<Nat_rule> rules_of(const Router &router);

// By what the rule is known where it is in force: no two of a router have the
// same, and it does not change with what is around the rule.
std::string rule_words(const Nat_rule &rule);

// External addresses that the port has for its rules' sake, with their full
// prefix lengths, beside its networks.
std::vector<Network> external_addresses(const Router &router,
                                        const std::string &port);

Nat translate(const Router &router);

} // namespace snat
