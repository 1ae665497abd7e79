// What the rows of a router show, as a function of what the engine knows.

#include "change/engine.hh"

#include "router/rules.hh"

#include <algorithm>
#include <set>

namespace snat {
namespace {

bool
is_wired_as_written(const Life &life, const Port_row &row)
{
    if (!life.good) {
        return false;
    }
    const auto accepted = life.accepted.router.ports.find(row.name);
    const auto good = life.good->ports.find(row.name);
    return accepted != life.accepted.router.ports.end()
           && good != life.good->ports.end()
           && accepted->second == good->second;
}

std::set<Row_id>
refused_rows(const Life &life)
{
    std::set<Row_id> ids;
    for (const Refusal &refusal : life.accepted.refusals) {
        if (refusal.row) {
            ids.insert(*refusal.row);
        }
    }
    return ids;
}

bool
only_waits(const std::vector<Refusal> &refusals)
{
    return std::ranges::all_of(refusals, &Refusal::pending);
}

// What is there while what the rows ask for cannot be.
std::string
stays(const Life &life)
{
    if (life.good_is_lost) {
        return "; it is left as it is, for what it was wired as cannot be "
               "read";
    }
    const std::string left
        = "as change " + std::to_string(life.record) + " left it";
    if (life.good && !life.lost.empty()) {
        return "; it cannot be " + left + " either: " + life.lost;
    }
    if (life.good && !life.drift.empty()) {
        return "; " + life.drift;
    }
    return life.good && life.looked ? "; it stays " + left : "";
}

Row_status
router_status(const Life &life, const std::optional<Router> &target)
{
    const auto &refusals = life.accepted.refusals;
    if (life.orphaned) {
        return {State::degraded, "an orphan: " + life.orphaned->why};
    }
    if (!life.late.empty()) {
        return {State::pending,
                "has waited for more than 3 s for " + life.late};
    }
    if (!life.failure.empty()) {
        return {State::failed,
                life.failure + (target == life.good ? "" : stays(life))};
    }
    if (!refusals.empty()) {
        const State state = skips_refused_rows(life) ? State::degraded
                            : only_waits(refusals)   ? State::pending
                                                     : State::failed;
        return {state, summary(refusals)
                           + (state == State::degraded ? "" : stays(life))};
    }
    if (!life.row || !life.row->enabled) {
        return {life.good ? State::pending : State::disabled, ""};
    }
    if (!life.waits.empty()) {
        return {State::pending, life.waits + stays(life)};
    }
    if (!life.unusable.empty()) {
        return {State::degraded, life.unusable};
    }
    if (!life.drift.empty()) {
        return {State::degraded, life.drift};
    }
    const bool stands = life.looked && !life.changing && target == life.good;
    return {stands ? State::active : State::pending, ""};
}

// A row that is right by itself, in a router that is not.
Row_status
sound_row_status(const Life &life, bool is_wired_as_written,
                 const Row_status &router)
{
    if (!life.row->enabled) {
        return {router.state, router.error};
    }
    if (std::ranges::any_of(
            life.accepted.refusals,
            [](const Refusal &refusal) { return !refusal.row; })) {
        return {State::failed, router.error};
    }
    // While all is repaired nobody knows what of it works.
    const bool repaired = life.changing && router.state == State::pending
                          && life.wanted == life.good;
    if (is_wired_as_written && !repaired) {
        return {life.unusable.empty() ? State::active : State::degraded,
                life.unusable};
    }
    if (!life.failure.empty()) {
        return {State::failed, life.failure};
    }
    if (!life.late.empty()) {
        return {State::pending, router.error};
    }
    return {State::pending,
            life.accepted.refusals.empty()
                ? life.waits
                : "waits for other rows of its router: " + router.error};
}

// Without a gateway port there is nothing to be translated.
Row_status
rule_status(const Life &life, const Nat_rule &rule, const Row_status &router)
{
    const bool is_wired = life.good && life.good->nat.contains(rule);
    if (is_wired && gateway_ports_of(*life.good, rule).empty()) {
        return {State::pending, "the router has no gateway port yet"};
    }
    return sound_row_status(life, is_wired, router);
}

} // namespace

Status
status_of(const Life &life, const std::optional<Router> &target)
{
    Status status;
    status.change = life.change;
    status.router = router_status(life, target);
    if (!life.row) {
        return status;
    }
    status.router_row = life.row->id;
    const auto refused = refused_rows(life);
    for (const Port_row &row : life.row->ports) {
        if (!refused.contains(row.id)) {
            status.rows[row.id] = sound_row_status(
                life, is_wired_as_written(life, row), status.router);
        }
    }
    for (const auto &[id, rule] : life.accepted.rules) {
        status.rows[id] = rule_status(life, rule, status.router);
    }
    for (const Refusal &refusal : life.accepted.refusals) {
        if (refusal.row) {
            status.rows[*refusal.row]
                = {refusal.pending ? State::pending : State::failed,
                   refusal.what};
        }
    }
    // A change that failed although no row of it is left or differs (one was
    // taken away, say) must be told somewhere: rows of door 1 have no router.
    const bool told = std::ranges::any_of(status.rows, [](const auto &row) {
        return row.second.state == State::failed;
    });
    if (!life.failure.empty() && !told) {
        for (auto &[id, row] : status.rows) {
            row = {State::failed, life.failure};
        }
    }
    return status;
}

} // namespace snat
