// NAT rules in their router: which ports and peers they are for, which
// addresses and blocks of ports they have, what they are called.
#pragma once

#include "nat.hh"
#include "ranges.hh"
#include "router.hh"

#include <cstdint>
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

// The inside addresses of a rule, which must not be too many.
std::vector<Ip> hosts_of(const Nat_rule &rule);

// All rules, those of the ports included.
std::vector<Nat_rule> rules_of(const Router &router);

// Whether they are so few that it is quicker to begin with them anew, which
// takes less than a millisecond, than worth the memory of how they were done.
bool has_few_rules(const Router &router);

// The default SNAT of a gateway port, as a rule, and by what it is known.
Nat_rule default_rule(const std::string &gateway_port, const Ip &snat_ip);
std::string default_words(const std::string &gateway_port, const Ip &snat_ip);

// By what the rule is known where it is in force: no two of a router have the
// same, and it does not change with what is around the rule.
std::string rule_words(const Nat_rule &rule);

// FNV-1a, 32 bits (draft-eastlake-fnv).  What the marks of flows are made of:
// equal wishes have equal marks, also after a restart (of two rules with the
// same hash, one has the next mark).
uint32_t hash_of(const std::string &text);

} // namespace snat
