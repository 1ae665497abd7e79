// The history of changes, between values and what rows keep of it.  A Change
// row has two JSON texts of a router, empty where there is none, that leave
// out the NAT rules which both have (router/excerpt.hh).  These are found by
// going back from the rules that each router is wired with.
#pragma once

#include "change/change.hh"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace snat {

struct Texts {
    std::string before, after;

    bool operator==(const Texts &) const = default;
};

Texts texts_of(const Change &change);

// Makes them once for a change, however often it is recorded until it is over.
class Texts_of_changes {
public:
    Texts of(const Change &change);

private:
    struct Made {
        Told before, after;
        Texts texts;
    };
    std::map<uint64_t, Made> made_; // By the changes' numbers.
};

// Whether such texts are of that change, be it of another version's hand.
bool tells(const Texts &texts, const Change &change);

struct Record {
    Change change; // Without its 'before' and 'after', which are in 'texts'.
    Texts texts;
};

// A NAT rule by itself; empty for what cannot be read.
std::string rule_to_text(const Nat_rule &rule);
std::optional<Nat_rule> rule_from_text(const std::string &text);

// By router: what its newest change says is good.
using Good_rules = std::map<std::string, Nat_set>;

// Of records in the order of their numbers.  What cannot be read, could not be
// wired, or does not come to the rules that there were, is lost: a history may
// be of another version, or have been edited by hand.
std::vector<Change> read_history(std::vector<Record> records, Good_rules good);

} // namespace snat
