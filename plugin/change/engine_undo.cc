// What an operator takes back from the rows.

#include "change/engine.hh"

#include "router/names.hh"

#include <algorithm>

namespace snat {

// The rows of both databases that bear on what the router shall be again.
Writable
Engine::writable(const Life &life, const Asked &asked) const
{
    Writable there;
    there.row = life.row.value_or(Router_row{});
    there.row.name = life.name;
    for (const std::string &port : port_names(asked.router)) {
        bool is_own = false;
        const auto claims = around_.claims.find(port);
        if (claims != around_.claims.end()) {
            for (const Claim &claim : claims->second) {
                if (claim.router == life.name) {
                    is_own = true;
                } else {
                    there.elsewhere[port] = claim.router;
                }
            }
        }
        auto user = is_own ? std::nullopt : world_.vswitch.user_row(port);
        if (user) {
            there.users.emplace(port, std::move(*user));
        }
    }
    return there;
}

void
Engine::undo(uint64_t number, bool force,
             const std::function<void(Result<std::string>)> &then)
{
    if (adopting_) {
        then(Error{0, "ovs-snatd has not read its databases yet"});
        return;
    }
    const auto found = find_undoable(world_.journal.history(), number, force);
    if (!found) {
        then(found.error());
        return;
    }
    const std::string &router = found->router;
    if (auto fine = check_router_name(router); !fine) {
        then(fine.error());
        return;
    }
    Life &life = routers_[router];
    life.looked = life.looked || life.name.empty(); // Not wired, so far.
    life.name = router;
    Writable there = writable(life, found->before);
    Rewritten rewritten = rows_for(there, found->before, limits_);
    if (!life.rewriting.empty()) {
        then(Error{0, "the rows of router " + router
                          + " are just being put back: try again"});
    } else if (!rewritten.lacking.empty()) {
        then(Error{0, "router " + router + " cannot be brought back: "
                          + joined(rewritten.lacking, "; ")});
    } else if (rewritten.row == there.row) {
        then(Error{0, "the rows of router " + router
                          + " ask for what it was before change "
                          + std::to_string(number)
                          + " already: there is nothing to undo"});
    } else {
        const Confirm under_way{router, 0, 0, number, world_.clock.wall_ms()};
        put_back(life, there, rewritten.row, under_way, "undo",
                 [then, router](const Outcome &outcome) {
                     then(outcome ? Result{router} : outcome.error());
                 });
    }
    consider_later(router); // Forgets the router if it came to nothing.
}

// Rows of users that come into the router have been something else before.
void
Engine::put_back(Life &life, const Writable &there, const Router_row &becomes,
                 const Confirm &unconfirmed, const std::string &cause,
                 const std::function<void(Outcome)> &then)
{
    Rewrite rewrite{there.row, becomes, unconfirmed,
                    life.confirm != unconfirmed};
    for (const auto &[port, row] : there.users) {
        if (std::ranges::find(becomes.ports, row.id, &Port_row::id)
            != becomes.ports.end()) {
            rewrite.was.ports.push_back(row);
        }
    }
    life.rewriting = cause;
    world_.journal.rewrite(
        rewrite, [this, name = life.name, then](const Outcome &outcome) {
            // Once what was written has come in by update(), of either
            // database: it is one change.
            world_.clock.after({}, [this, name, then, outcome] {
                routers_.at(name).rewriting.clear();
                then(outcome);
                judge_later(name);
            });
        });
}

} // namespace snat
