// The rows of table NAT by router: read once, and then only where the IDL has
// tracked a change, so news of one rule costs as much however many there are.
#pragma once

#include "change/world.hh"
#include "router/rows.hh"
#include "tables/idl.hh"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace snat {

class Nat_mirror {
public:
    // Once a turn, before the track is cleared; 'anew' if it may not tell all.
    // Else routers whose rules have changed are added to 'changed', but for
    // those that are tracked themselves.
    void follow(const ovsdb_idl *idl, bool anew,
                std::set<std::string> &changed);

    const Nat_rows &rows_of(const snatrec_router *router) const;
    // What they show at present, where that is a state at all.
    const Rule_statuses &shown_by(const std::string &router) const;

private:
    struct Of_router {
        std::string name;
        std::vector<uuid> ids; // As the database has them.
        Nat_rows rows;
        Rule_statuses shown;
    };
    void name_owners(const std::string &id,
                     std::set<std::string> &names) const;
    void take(const snatrec_nat *row);
    void drop(const std::string &id);
    void take(const ovsdb_idl *idl, const snatrec_router *row);
    void forget_name(const std::string &name, const std::string &router);
    void disown(const std::string &id, const std::string &router);
    static void add(Of_router &router, const snatrec_nat *row);
    static void remove(Of_router &router, const std::string &id);

    std::map<std::string, Of_router> routers_;            // By UUID.
    std::map<std::string, std::set<std::string>> owners_; // Routers of rules.
    std::map<std::string, std::string> names_; // Routers' UUIDs by name.
};

} // namespace snat
