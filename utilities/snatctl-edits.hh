// What an open transaction is about to do, read off the IDL before it is
// committed: whichever command made an edit, a generic one or one of ours, it
// shows here.
//
// Make an Edits before the first command runs (it notes the rows that are
// there), ask it after the last one.
#pragma once

#include "tables/ovs.hh"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace snat::ctl {

class Edits {
public:
    explicit Edits(ovsdb_idl *idl);

    // The names of the routers that were written, deleted ones included, and
    // of those that had or have a port, rule or route that was.
    std::set<std::string> touched_routers() const;

    // One line for each row, without raw UUIDs: "change Router demo: ...".
    std::vector<std::string> in_words() const;

private:
    // By UUID, since that is how columns refer to rows.
    using Names = std::map<std::string, std::string>;

    Names names_now() const;

    ovsdb_idl *idl_;
    // Rows of before; a deleted one can still be read, but not be met.
    std::map<const ovsdb_idl_row *, std::string> before_;
    std::map<const ovsdb_idl_row *, std::set<std::string>> owners_before_;
};

} // namespace snat::ctl
