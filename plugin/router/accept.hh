// The one validator: rows of either door become a Router, or sentences that
// name what is wrong and what would be right.
#pragma once

#include "limits.hh"
#include "router.hh"
#include "rows.hh"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace snat {

struct Refusal {
    std::optional<Row_id> row; // Empty: the router as such.
    std::string name;          // The row's name, for the router's own error.
    std::string what;          // One sentence for a person.
    bool pending = false; // Not wrong: something it needs is not there yet.

    bool operator==(const Refusal &) const = default;
};

struct Accepted {
    Router router; // Made of the rows that are right, and of nothing else.
    std::vector<Refusal> refusals;
    Shared_map<Row_id, Nat_rule> rules; // Of the NAT rows that are right.

    bool operator==(const Accepted &) const = default;
};

// 'held' is the router as it is, if it is wired.
Accepted accept(const Router_row &row, const Surroundings &surroundings,
                const Limits &limits, const Router *held = nullptr);

// The sentence for the router itself, naming each refused row.
std::string summary(const std::vector<Refusal> &refusals);

} // namespace snat
