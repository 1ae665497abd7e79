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

#include "external_addresses.hh"
#include "router.hh"
#include "rule_entries.hh"
#include "wired.hh"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace snat {

// Remembers the router that it was asked for last: of the next one only the
// rules that differ are translated.  What comes out is the same.
class Translator {
public:
    const Nat &translate(const Router &router);
    // Of that router.
    const External_addresses &
    external() const
    {
        return external_;
    }

private:
    using Placed_rules = std::map<std::string, Placed_rule>; // By name.

    // Rules whose entries are made together.
    struct Group {
        std::map<std::string, const Placed_rule *> rules; // By their names.
        std::vector<Nat_entry> entries;
    };

    void translate_all(const Router &router);
    bool translate_difference(const Router &router);
    void add_constants();
    void add_callers(const Router &router);
    std::vector<Placed_rule> defaults(const Router &router) const;
    void number(std::vector<Placed_rule> &rules);
    void add(Placed_rule placed);
    void remove(Placed_rules::iterator found);
    std::set<std::string> groups_of(const Placed_rule &placed) const;
    std::vector<Nat_entry> entries_of_group(const std::string &name) const;
    std::vector<Nat_entry> here_entries(const Group &group) const;
    void renew_groups();
    void put(const Nat_entry &entry, const std::string &rule);
    void take(const Nat_entry &entry, const std::string &rule);
    void set(const Nat_entry &entry);
    void erase(const Nat_entry &entry);

    std::optional<Router> last_;
    Nat nat_;
    External_addresses external_;
    Placed_rules placed_;
    std::map<uint32_t, std::string> marks_; // Whose they are.
    // Those that are another rule's if one of them goes.
    std::set<uint32_t> contested_;
    std::map<std::string, Group> groups_;
    std::set<std::string> stale_; // Groups.
    // Of entries that several rules may bring: by table and key what each
    // would have there.
    std::map<std::pair<std::string, std::string>,
             std::map<std::string, std::string>>
        claims_;
};

// Of one that nobody has asked for before.
Nat translate(const Router &router);

} // namespace snat
