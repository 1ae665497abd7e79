// Rules of one router by the addresses that they are about, and what those of
// one address must not do to each other.
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
    using By_ip = std::multimap<Ip, Nat_rule>;

    Check check_external(const Nat_rule &rule) const;
    Check check_host(const Nat_rule &rule) const;
    Check check_exceptions(const Nat_rule &rule) const;

    By_ip external_; // By external_ip.
    By_ip hosts_;    // By logical_ip, of those that translate destinations.
    std::set<Nat_rule> exceptions_; // Those for sources.
};

} // namespace snat
