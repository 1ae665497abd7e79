// The one validator: rows of either door become a Router, or sentences that
// name what is wrong and what would be right.
#pragma once

#include "accept_nat.hh"
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
    Shared_map<Nat_rule, Row_id> rules;    // Of the NAT rows that are right.
    std::map<Static_route, Row_id> routes; // Of Static_Route rows, likewise.

    bool operator==(const Accepted &) const = default;
};

// Remembers the rows that it was asked for last: as long as all are right and
// the ports stay, only the NAT rows that differ are looked at.  What comes out
// is the same.
class Acceptor {
public:
    // 'held' is the router as it is, if it is wired.
    Accepted accept(const Router_row &row, const Surroundings &surroundings,
                    const Limits &limits, const Router *held);

private:
    bool has_same_frame(const Accepted &fresh) const;
    void accept_all(const Router_row &row, const Router *held);
    bool accept_difference(const Nat_rows &rows);
    bool take_row(const Nat_row &row);
    void let_go_of_row(const Nat_row &row);

    std::optional<Nat_rows> last_; // Empty: they were not all right.
    Route_rows last_routes_;
    Accepted accepted_;
    std::optional<Nat_rules> rules_; // Empty: see has_few_rules().
};

// Of rows that nobody has asked for before.
Accepted accept(const Router_row &row, const Surroundings &surroundings,
                const Limits &limits, const Router *held = nullptr);

// The sentence for the router itself, naming each refused row.
std::string summary(const std::vector<Refusal> &refusals);

} // namespace snat
