// What the kernel does not take.  Its rules for routes are its own, so a row
// that is right by all we know may still be refused: that is then as if the
// row had been refused before, and so is told by the row, and with
// refused-rows=skip the rest of the router goes on without it.  Now and then,
// and whenever the router's rows are edited, it is tried again.

#include "change/engine.hh"

#include "router/wire_routes.hh"

#include <algorithm>

namespace snat {
namespace {

using std::chrono::milliseconds;

std::string
refusal_of(const Static_route &route, const std::string &why)
{
    return "the kernel refuses \"" + to_string(route) + "\": " + why;
}

void
leave_out_port(Accepted &accepted, const Port_row &row,
               const Static_route &route, const std::string &why)
{
    const auto port = accepted.router.ports.find(row.name);
    const bool is_of_row = port != accepted.router.ports.end()
                           && row.is_door1() == !port->second.switch_port
                           && port->second.routes.contains(route);
    if (is_of_row) {
        accepted.refusals.push_back(
            {row.id, row.name, refusal_of(route, why)});
        accepted.router.ports.erase(port);
    }
}

} // namespace

void
leave_out_refused_routes(Life &life)
{
    Accepted &accepted = life.accepted;
    for (const auto &[route, why] : life.refused_routes) {
        const auto row = accepted.routes.find(route);
        if (row != accepted.routes.end()) {
            accepted.refusals.push_back(
                {row->second, "Static_Route row", refusal_of(route, why)});
            accepted.router.routes.erase(route);
            accepted.routes.erase(row);
        }
        for (const Port_row &port : life.row->ports) {
            leave_out_port(accepted, port, route, why);
        }
    }
}

// What runs now may have been asked for before the rows were edited.
void
Engine::note_refused_route(Life &life, const Transaction::Ending &ending)
{
    if (!ending.refused_route || !life.row || life.unsettled_since
        || life.interrupted) {
        return;
    }
    const auto routes
        = asked_for_by(life.accepted.router, ending.refused_route->place());
    for (const Static_route &route : routes) {
        life.refused_routes[route] = ending.error;
    }
    if (routes.empty()) {
        return;
    }
    leave_out_refused_routes(life);
    life.failure.clear();
    life.not_before = {};
    const milliseconds pause
        = life.refusing.next(milliseconds{life.limits.retry_initial},
                             milliseconds{life.limits.retry_max});
    life.refused_until = world_.clock.now() + pause;
    world_.clock.after(pause, [this, name = life.name] { judge_later(name); });
}

// Once it is time for some of them: then all its rows are judged anew.
void
Engine::try_refused_routes(Life &life)
{
    if (!life.refused_routes.empty() && !life.running && !life.queued
        && world_.clock.now() >= life.refused_until) {
        life.refused_routes.clear();
        life.cause = "retry";
    }
}

} // namespace snat
