// A router as the history keeps it.  A change has two states of one, which may
// have thousands of NAT rules in common: each state leaves those out, and says
// by how many rules there are, and their digest, whether they have been found
// again.
#pragma once

#include "router.hh"

#include <cstdint>
#include <optional>
#include <string>

namespace snat {

// Of all NAT rules of a router.
struct Nat_total {
    uint64_t size = 0;
    std::string digest;

    bool operator==(const Nat_total &) const = default;
};

struct Excerpt {
    Router router; // 'nat': the rules that the other state lacks.
    // Empty: 'nat' are all, be it that there are none, or that a version wrote
    // it which left none out.
    std::optional<Nat_total> all_nat;

    bool operator==(const Excerpt &) const = default;
    bool
    is_whole() const
    {
        return !all_nat || all_nat->size == router.nat.size();
    }
};

Excerpt excerpt_of(const Router &router, const std::optional<Router> &other);

// What is left of 'rules' without 'listed'; empty if one of these is missing.
std::optional<Nat_set> without(Nat_set rules, const Nat_set &listed);

// The router, with the rules that both states have; empty if that does not
// give what the excerpt was made of.
std::optional<Router> complete(const Excerpt &excerpt, Nat_set common);

} // namespace snat
