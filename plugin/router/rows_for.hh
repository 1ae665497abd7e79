// From a Router back to rows: which edits make a router's rows ask for it.
// The inverse of accept(): what is rewritten here and accepted there is the
// Router again.
#pragma once

#include "limits.hh"
#include "router.hh"
#include "rows.hh"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace snat {

// What the rows of a router shall say.
struct Asked {
    std::optional<Router> router;
    Idle idle = Idle::no_rows; // Without a router: how they ask for nothing.
};

// What there is to write on.
struct Writable {
    Router_row row; // Without an id if the router has no row of its own.
    // Rows on the switch that users made and that are not in 'row', by name.
    std::map<std::string, Port_row> users;
    // Other routers that have port rows of these names.
    std::map<std::string, std::string> elsewhere;
};

// A row to be made has an id without UUID; one that is not in it any more is
// to go, or in door 1 to be a router port no more.
struct Rewritten {
    Router_row row;
    // What no edit of ours can bring about, one sentence each.
    std::vector<std::string> lacking;
};

// Rows that say the right thing already are left as they are, to the letter.
Rewritten rows_for(const Writable &there, const Asked &asked,
                   const Limits &limits);

// A port's row, rewritten to mean 'wanted' in this router; the router's own
// settings are already as they shall be.  Or why that cannot be.
Result<Port_row> rewrite_port(const Router_row &router, const Port_row &row,
                              const Port &wanted, const Limits &limits);

// The rows that say these rules: those there that do, and new ones.  What
// they all say besides goes, but for refused rows if those are to be kept.
Nat_rows nat_rows_for(const Nat_rows &there,
                      const Shared_set<Nat_rule> &wanted, bool keep_refused);

// Likewise those that say these routes, in a router with these ports.
Route_rows route_rows_for(const Route_rows &there, const Router &wanted,
                          bool keep_refused);
std::vector<std::string> routes_for(const std::set<Static_route> &routes);

Options rate_options(const Rate &in, const Rate &out);

// The entries of door 1's keys for these rules.
std::vector<std::string> floating_ips_for(const std::set<Nat_rule> &rules);
std::vector<std::string> port_forwards_for(const std::set<Nat_rule> &rules);

// What a port's row means in this router, on a bridge whose datapath is in
// user space or not; empty if it would be refused.
std::optional<Port> meaning(const Router_row &router, const Port_row &row,
                            bool userspace, const Limits &limits);

} // namespace snat
