#include "tables/confirm_rows.hh"

#include <algorithm>

namespace snat {
namespace {

// Nobody shall have changed it when the transaction comes in.
void
verify(const snatrec_confirm *row)
{
    snatrec_confirm_verify_asked_at(row);
    snatrec_confirm_verify_change(row);
}

void
set_waiting(const snatrec_confirm *row, const Confirm &confirm)
{
    const auto change = static_cast<int64_t>(confirm.change);
    snatrec_confirm_set_change(row, &change, 1);
    snatrec_confirm_set_until(row, &confirm.until, 1);
}

} // namespace

const snatrec_confirm *
find_confirm(const ovsdb_idl *idl, const std::string &router)
{
    for (const auto *row : rows<snatrec_confirm>(idl)) {
        if (row->router == router) {
            return row;
        }
    }
    return nullptr;
}

Confirm
read_confirm(const snatrec_confirm *row)
{
    Confirm confirm;
    confirm.router = row->router;
    confirm.asked_at = row->asked_at;
    if (row->n_seconds) {
        confirm.seconds = static_cast<uint32_t>(row->seconds[0]);
    }
    if (row->n_change && row->n_until) {
        confirm.change = static_cast<uint64_t>(row->change[0]);
        confirm.until = row->until[0];
    }
    return confirm;
}

// Until then, for the time may have begun anew.
bool
waits(const ovsdb_idl *idl, const Confirm &confirm)
{
    const auto *row = find_confirm(idl, confirm.router);
    if (!row) {
        return false;
    }
    const Confirm now = read_confirm(row);
    return now.change == confirm.change && now.until == confirm.until;
}

bool
is_asked(const ovsdb_idl *idl, const Confirm &confirm)
{
    const auto *row = find_confirm(idl, confirm.router);
    return row && row->n_seconds && row->asked_at == confirm.asked_at;
}

std::set<int64_t>
waiting_changes(const ovsdb_idl *idl)
{
    std::set<int64_t> numbers;
    for (const auto *row : rows<snatrec_confirm>(idl)) {
        numbers.insert(row->change, row->change + row->n_change);
    }
    return numbers;
}

void
ask_to_confirm(const ovsdb_idl *idl, ovsdb_idl_txn *txn,
               const std::string &router, uint32_t seconds, int64_t asked_at)
{
    const auto *row = find_confirm(idl, router);
    if (row) {
        verify(row);
    } else {
        row = snatrec_confirm_insert(txn);
        snatrec_confirm_set_router(row, router.c_str());
    }
    const int64_t within = seconds;
    snatrec_confirm_set_seconds(row, &within, 1);
    snatrec_confirm_set_asked_at(row, std::max(asked_at, row->asked_at + 1));
}

Outcome
write_begun(const ovsdb_idl *idl, ovsdb_idl_txn *txn, const Confirm &confirm)
{
    if (waits(idl, confirm)) {
        return Done{};
    }
    if (find_confirm(idl, confirm.router)) {
        return Error{0, "a change of router " + confirm.router
                            + " waits to be confirmed: confirm it, or let it "
                              "go back, first"};
    }
    const auto *row = snatrec_confirm_insert(txn);
    snatrec_confirm_set_router(row, confirm.router.c_str());
    set_waiting(row, confirm);
    return Done{};
}

void
write_waiting(const ovsdb_idl *idl, const Confirm &confirm)
{
    const auto *row = find_confirm(idl, confirm.router);
    if (!row) {
        return; // Confirmed before it came about.
    }
    verify(row);
    set_waiting(row, confirm);
    if (row->asked_at == confirm.asked_at) {
        snatrec_confirm_set_seconds(row, nullptr, 0);
    }
}

void
write_no_request(const ovsdb_idl *idl, const Confirm &confirm)
{
    if (!is_asked(idl, confirm)) {
        return;
    }
    const auto *row = find_confirm(idl, confirm.router);
    verify(row);
    if (row->n_change) {
        snatrec_confirm_set_seconds(row, nullptr, 0);
    } else {
        snatrec_confirm_delete(row);
    }
}

Outcome
write_no_confirm(const ovsdb_idl *idl, const Confirm &confirm)
{
    if (!waits(idl, confirm)) {
        return Error{0, "change " + std::to_string(confirm.change)
                            + " does not wait to be confirmed"};
    }
    const auto *row = find_confirm(idl, confirm.router);
    verify(row);
    snatrec_confirm_verify_until(row);
    if (confirm.is_undo() && row->n_seconds) {
        // Somebody has asked for a change to be confirmed meanwhile.
        snatrec_confirm_set_change(row, nullptr, 0);
        snatrec_confirm_set_until(row, nullptr, 0);
    } else {
        snatrec_confirm_delete(row);
    }
    return Done{};
}

} // namespace snat
