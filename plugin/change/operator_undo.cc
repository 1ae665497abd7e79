#include "change/operator_undo.hh"

#include "change/history.hh"

#include <algorithm>

namespace snat {
namespace {

std::string
name(const Change &change)
{
    return "change " + std::to_string(change.number);
}

Error
unknown(const std::vector<Change> &history, uint64_t number)
{
    return Error{0, "there is no change " + std::to_string(number) + ": "
                        + (history.empty()
                               ? "none is recorded"
                               : "those recorded are from "
                                     + std::to_string(history.front().number)
                                     + " to "
                                     + std::to_string(history.back().number))};
}

bool
is_under_way(const Change &change)
{
    return change.state == Change_state::applying
           || change.state == Change_state::undo_failed;
}

// Whether the router is other than 'change' made it, by a later one or before
// that by what nobody has recorded.
bool
is_in_the_way(const Change &later, const Change &change)
{
    return is_under_way(later)
           || (later.state == Change_state::committed
               && (later.before != change.after
                   || later.after != change.after));
}

// Only what is committed has come about.
Outcome
check_state(const Change &change)
{
    if (is_under_way(change)) {
        return Error{0, name(change) + " is still under way (its state is "
                            + to_string(change.state)
                            + "): expected one that is committed"};
    }
    if (change.state == Change_state::undone) {
        return Error{0, name(change)
                            + " failed and was undone at once: there "
                              "is nothing to undo"};
    }
    if (change.before == change.after) {
        return Error{0, name(change) + " (" + change.cause
                            + ") made the router what it had been: there is "
                              "nothing to undo"};
    }
    return Done{};
}

Outcome
check_later(const std::vector<Change> &history, const Change &change)
{
    const auto later = std::find_if(history.rbegin(), history.rend(),
                                    [&](const auto &other) {
                                        return other.number > change.number
                                               && other.router == change.router
                                               && is_in_the_way(other, change);
                                    });
    if (later != history.rend()) {
        return Error{0, name(change) + " is not the last one of router "
                            + change.router + ", which is " + name(*later)
                            + ": undo the later ones first, the last before "
                              "the others, or go back behind all of them "
                              "with --force"};
    }
    return Done{};
}

} // namespace

Result<Asked>
read_before(const Change &change)
{
    Asked before{router_from_text(change.before), change.rows_before};
    const bool fits
        = change.before.empty()
          || (before.router && before.router->name == change.router);
    if (!fits) {
        return Error{0, "what router " + change.router + " was before "
                            + name(change) + " cannot be read"};
    }
    return before;
}

Result<Undoable>
find_undoable(const std::vector<Change> &history, uint64_t number, bool force)
{
    const auto change = std::ranges::find(history, number, &Change::number);
    if (change == history.end()) {
        return unknown(history, number);
    }
    if (auto fine = check_state(*change); !fine) {
        return fine.error();
    }
    auto before = read_before(*change);
    if (!before) {
        return before.error();
    }
    if (!change->after.empty() && !router_from_text(change->after)) {
        return Error{0, "what router " + change->router + " became by "
                            + name(*change) + " cannot be read"};
    }
    if (auto fine = check_later(history, *change); !fine && !force) {
        return fine.error();
    }
    return Undoable{change->router, std::move(*before)};
}

} // namespace snat
