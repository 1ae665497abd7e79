// Rules of one router by the addresses that they are about, and what those of
// one address must not do to each other.  Each question costs O(log n), but
// for a rule with blocks of ports that joins rules for sources without.
#pragma once

#include "accept_port.hh"
#include "address.hh"
#include "nat.hh"

#include <map>
#include <set>

namespace snat {

class Rules_by_address {
public:
    // What the rule is refused for beside those that are there.
    Check check(const Nat_rule &rule) const;
    void add(const Nat_rule &rule);
    // One that was added.
    void remove(const Nat_rule &rule);

private:
    // Of one external address.
    struct External {
        std::set<Nat_rule> all, floating;
        std::set<Nat_rule> sources; // Which take any port of a range.
        std::multimap<Port_range, Nat_rule> blocks; // Of one host each.
    };

    Check check_external(const Nat_rule &rule) const;
    Check check_host(const Nat_rule &rule) const;
    Check check_exceptions(const Nat_rule &rule) const;
    static const Nat_rule *find_sharer(const External &there,
                                       const Nat_rule &rule);

    std::map<Ip, External> external_; // By external_ip.
    // By logical_ip, of those that translate destinations.
    std::map<Ip, std::set<Nat_rule>> hosts_;
    std::map<Ip, Nat_rule> stateless_;                 // By logical_ip.
    std::map<Network, std::set<Nat_rule>> exceptions_; // Of sources.
};

} // namespace snat
