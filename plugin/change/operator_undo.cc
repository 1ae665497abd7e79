#include "change/operator_undo.hh"

#include <algorithm>
#include <functional>

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

bool
has_effect(const Change &change)
{
    return is_under_way(change)
           || (change.state == Change_state::committed
               && change.before != change.after);
}

// The last change of the same router that 'fits', if it came later.
const Change *
find_later(const std::vector<Change> &history, const Change &change,
           const std::function<bool(const Change &)> &fits)
{
    const Change *last = nullptr;
    for (const Change &other : history) {
        if (other.number > change.number && other.router == change.router
            && fits(other)) {
            last = &other;
        }
    }
    return last;
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
    const std::string is_not_last
        = name(change) + " is not the last one of router " + change.router;
    if (const auto *later = find_later(history, change, has_effect)) {
        return Error{0, is_not_last + ", which is " + name(*later)
                            + ": undo the later ones first, the last before "
                              "the others, or go back behind all of them "
                              "with --force"};
    }
    // A repair shows what had become of the router without a change.
    const auto *stranger = find_later(history, change, [&](const auto &other) {
        return other.state == Change_state::committed
               && other.before != change.after;
    });
    if (stranger) {
        return Error{0, is_not_last + ": by " + name(*stranger)
                            + " it had become something else, which is not "
                              "recorded; go back behind that with --force"};
    }
    return Done{};
}

} // namespace

Result<Asked>
read_before(const Change &change)
{
    const Asked before{change.before.router, change.rows_before};
    const bool fits
        = !change.before.is_lost()
          && (!before.router || before.router->name == change.router);
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
    if (change->after.is_lost()) {
        return Error{0, "what router " + change->router + " became by "
                            + name(*change) + " cannot be read"};
    }
    if (auto fine = check_later(history, *change); !fine && !force) {
        return fine.error();
    }
    return Undoable{change->router, std::move(*before)};
}

} // namespace snat
