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

bool
is_wired_as_written(const Life &life, const Static_route &route)
{
    return life.good && life.good->routes.contains(route)
           && (route.is_discard() || life.good->ports.contains(route.port));
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

std::string
as_left(const Life &life)
{
    return "as change " + std::to_string(life.record) + " left it";
}

// What is there while what the rows ask for cannot be.
std::string
stays(const Life &life)
{
    if (life.good_is_lost) {
        return "; it is left as it is, for what it was wired as cannot be "
               "read";
    }
    if (life.interrupted) {
        return ""; // The error says what is outstanding.
    }
    if (life.good && !life.lost.empty()) {
        return "; it cannot be " + as_left(life) + " either"
               + (life.lost == life.failure ? "" : ": " + life.lost);
    }
    if (life.good && !life.drift.empty()) {
        return "; " + life.drift;
    }
    return life.good && life.looked ? "; it stays " + as_left(life) : "";
}

// What the rows wait for, a bridge, was there once: without it the router
// cannot be repaired either, and that this fails is no news.
bool
waits_for_what_it_lost(const Life &life, const std::optional<Router> &target)
{
    const auto &refusals = life.accepted.refusals;
    return !refusals.empty() && only_waits(refusals)
           && !skips_refused_rows(life) && !life.failure.empty() && life.good
           && target == life.good;
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
    if (!life.failure.empty() && router.state == State::failed) {
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

const Row_status no_gateway{State::pending,
                            "the router has no gateway port yet"};

const Row_status no_ports{State::pending, "the router has no port yet"};

// One that is right, and in no router that is wired.
Row_status
idle_rule_status(const Life &life, const Row_status &router)
{
    const Row_status row = sound_row_status(life, false, router);
    const bool has_ports = !life.accepted.router.ports.empty();
    return row == Row_status{State::pending, ""} && !has_ports ? no_gateway
                                                               : row;
}

// Without a gateway port there is nothing to be translated.
Row_status
rule_status(const Rule_states &states, const Nat_rule &rule)
{
    if (!states.wired.contains(rule)) {
        return states.if_not;
    }
    const bool has_gateway
        = std::ranges::any_of(states.ports, [](const auto &port) {
              return port.second.role == Role::gateway;
          });
    return has_gateway ? states.if_wired : no_gateway;
}

// Only of rules that differ from what was asked for last, unless it is what
// all of them show that differs.
const Rule_statuses &
rule_statuses(const Life &life, const Row_status &router)
{
    Rule_states &last = *life.rule_states;
    const Router good = life.good.value_or(Router{});
    Rule_states now{life.accepted.rules,
                    good.nat,
                    good.ports,
                    sound_row_status(life, true, router),
                    idle_rule_status(life, router),
                    {}};
    if (now.ports == last.ports && now.if_wired == last.if_wired
        && now.if_not == last.if_not) {
        now.statuses = last.statuses;
    } else {
        last = {};
    }
    using Id = const Row_id *;
    for_each_difference(last.rules, now.rules,
                        [&](const Nat_rule &, Id was, Id) {
                            if (was) {
                                now.statuses.erase(*was);
                            }
                        });
    for_each_difference(
        last.rules, now.rules, [&](const Nat_rule &rule, Id, Id becomes) {
            if (becomes) {
                now.statuses.set(*becomes, rule_status(now, rule));
            }
        });
    for_each_difference(last.wired, now.wired,
                        [&](const Nat_rule &rule, bool) {
                            if (const Row_id *id = now.rules.find(rule)) {
                                now.statuses.set(*id, rule_status(now, rule));
                            }
                        });
    last = std::move(now);
    return last.statuses;
}

void
set_status(Status &status, const Row_id &id, const Row_status &row)
{
    if (id.table == Table::nat) {
        status.rules.set(id, row);
    } else {
        status.rows[id] = row;
    }
}

// A change that failed although no row of it is left or differs (one was taken
// away, say) must be told somewhere: rows of door 1 have no router.
void
tell_of_failure(Status &status, const std::string &failure)
{
    const auto has_failed
        = [](const auto &row) { return row.second.state == State::failed; };
    if (std::ranges::any_of(status.rows, has_failed)
        || std::ranges::any_of(status.rules, has_failed)) {
        return;
    }
    for (auto &[id, row] : status.rows) {
        row = {State::failed, failure};
    }
    for (const auto &[id, row] : Rule_statuses{status.rules}) {
        status.rules.set(id, {State::failed, failure});
    }
}

} // namespace

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
    if (waits_for_what_it_lost(life, target)) {
        return {State::pending,
                summary(refusals) + "; until then it is not " + as_left(life)};
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
    const bool lacks_ports = life.row->enabled && life.row->ports.empty();
    for (const auto &[uuid, row] : life.row->static_routes) {
        status.rows[row.id]
            = lacks_ports ? no_ports
                          : sound_row_status(life, false, status.router);
    }
    for (const auto &[route, id] : life.accepted.routes) {
        status.rows[id] = sound_row_status(
            life, is_wired_as_written(life, route), status.router);
    }
    status.rules = rule_statuses(life, status.router);
    for (const Refusal &refusal : life.accepted.refusals) {
        if (refusal.row) {
            set_status(status, *refusal.row,
                       {refusal.pending ? State::pending : State::failed,
                        refusal.what});
        }
    }
    if (!life.failure.empty() && status.router.state == State::failed) {
        tell_of_failure(status, life.failure);
    }
    return status;
}

} // namespace snat
