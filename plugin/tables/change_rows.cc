#include "tables/change_rows.hh"

#include "tables/confirm_rows.hh"

#include <algorithm>
#include <map>
#include <vector>

namespace snat {
namespace {

// JSON numbers are whole up to here.
constexpr int64_t highest_number = int64_t{1} << 53;

Change_state
read_state(const char *word)
{
    for (auto state : {Change_state::applying, Change_state::committed,
                       Change_state::undone}) {
        if (!strcmp(word, to_string(state))) {
            return state;
        }
    }
    return Change_state::undo_failed;
}

int64_t
finished_at(const snatrec_change *row)
{
    return row->n_finished_at ? row->finished_at[0] : 0;
}

std::string
error_of(const snatrec_change *row)
{
    return row->error ? row->error : "";
}

Idle
read_idle(const char *word)
{
    return !word                    ? Idle::no_rows
           : !strcmp(word, "empty") ? Idle::empty
                                    : Idle::disabled;
}

const char *
idle_word(Idle idle)
{
    constexpr const char *words[] = {nullptr, "empty", "disabled"};
    return words[static_cast<size_t>(idle)];
}

} // namespace

bool
is_numbered(const snatrec_change *row)
{
    return row->number > 0 && row->number <= highest_number;
}

bool
leaves_room(const snatrec_change *row)
{
    return is_numbered(row) && row->number <= highest_number / 2;
}

const snatrec_change *
find_change(ovsdb_idl_index *by_number, uint64_t number)
{
    const auto *wanted = snatrec_change_index_init_row(by_number);
    snatrec_change_index_set_number(wanted, static_cast<int64_t>(number));
    const auto *found = snatrec_change_index_find(by_number, wanted);
    snatrec_change_index_destroy_row(wanted);
    return found;
}

Record
read_record(const snatrec_change *row)
{
    Change change;
    change.number = static_cast<uint64_t>(row->number);
    change.router = row->router;
    change.cause = row->cause;
    change.state = read_state(row->state);
    change.error = error_of(row);
    change.steps = row->steps;
    change.rows_before = read_idle(row->rows_before);
    change.started_at = row->started_at;
    change.finished_at = finished_at(row);
    return {std::move(change), {row->before, row->after}};
}

Outcome
write_change(ovsdb_idl_index *by_number, ovsdb_idl_txn *txn,
             const Change &change, const Texts &texts)
{
    const snatrec_change *row = find_change(by_number, change.number);
    const Texts shown = row ? Texts{row->before, row->after} : texts;
    if (row
        && (row->router != change.router
            || (shown != texts && !tells(shown, change)))) {
        return Error{EEXIST, "another change has number "
                                 + std::to_string(change.number)};
    }
    if (!row) {
        row = snatrec_change_insert(txn);
        snatrec_change_set_number(row, static_cast<int64_t>(change.number));
        snatrec_change_set_router(row, change.router.c_str());
        snatrec_change_set_cause(row, change.cause.c_str());
        snatrec_change_set_before(row, texts.before.c_str());
        snatrec_change_set_rows_before(row, idle_word(change.rows_before));
        snatrec_change_set_after(row, texts.after.c_str());
    }
    snatrec_change_set_started_at(row, change.started_at);
    snatrec_change_set_state(row, to_string(change.state));
    snatrec_change_set_error(row, change.error.empty() ? nullptr
                                                       : change.error.c_str());
    snatrec_change_set_steps(row, change.steps.c_str());
    snatrec_change_set_finished_at(row, &change.finished_at,
                                   change.finished_at != 0);
    return Done{};
}

bool
shows_change(ovsdb_idl_index *by_number, const Change &change)
{
    const snatrec_change *row = find_change(by_number, change.number);
    if (!row) {
        return change.finished_at; // Then it may have been pruned.
    }
    return !strcmp(row->state, to_string(change.state))
           && error_of(row) == change.error && row->steps == change.steps
           && finished_at(row) == change.finished_at;
}

void
prune_changes(const ovsdb_idl *idl, size_t keep)
{
    std::vector<const snatrec_change *> all;
    std::map<std::string, const snatrec_change *> newest_committed;
    for (const auto *row : rows<snatrec_change>(idl)) {
        if (!is_numbered(row)) {
            continue;
        }
        all.push_back(row);
        auto &newest = newest_committed[row->router];
        if (read_state(row->state) == Change_state::committed
            && (!newest || row->number > newest->number)) {
            newest = row;
        }
    }
    std::ranges::sort(all, {}, &snatrec_change::number);
    const auto waiting = waiting_changes(idl);
    size_t excess = all.size() > keep ? all.size() - keep : 0;
    for (const auto *row : all) {
        const bool over = row->n_finished_at;
        const bool needed
            = (newest_committed[row->router] == row && row->after[0])
              || waiting.contains(row->number);
        // The very newest holds the place of the numbers.
        if (excess && over && !needed && row != all.back()) {
            snatrec_change_delete(row);
            excess--;
        }
    }
}

} // namespace snat
