// Whose a port is: its name belongs to one router at a time.

#include "change/engine.hh"

namespace snat {

// What is wired for a router from now on.
void
Engine::hold(Life &life, const std::optional<Router> &router)
{
    recount(life.tally, life.good, router);
    const auto was = std::exchange(life.good, router);
    life.good_is_lost = false;
    if (!life.good) {
        life.counted.reset(); // Its rules went with it.
    }
    for (const std::string &port : port_names(was)) {
        if (!life.good || !life.good->ports.contains(port)) {
            let_go(life, port);
        }
    }
    for (const std::string &port : port_names(life.good)) {
        take_hold(life, port);
    }
}

void
Engine::let_go(const Life &life, const std::string &port)
{
    const auto found = around_.holders.find(port);
    if (found != around_.holders.end() && found->second.router == life.name) {
        around_.holders.erase(found);
        find_missing(port);
        tell_claimants(life, port);
    }
}

void
Engine::take_hold(const Life &life, const std::string &port)
{
    const Claim claim{life.name, !life.good->ports.at(port).switch_port};
    Claim &holder = around_.holders[port];
    const bool is_new = std::exchange(holder, claim) != claim;
    find_missing(port);
    if (is_new) {
        tell_claimants(life, port);
    }
}

// Of several, who holds it wins; of others one may have waited for it.
void
Engine::tell_claimants(const Life &life, const std::string &port)
{
    const auto found = around_.claims.find(port);
    if (found != around_.claims.end() && found->second.size() > 1) {
        judge_claimants(port);
    }
    wake_claimants(life, port);
}

void
Engine::wake_claimants(const Life &life, const std::string &port)
{
    const auto found = around_.claims.find(port);
    if (found == around_.claims.end()) {
        return;
    }
    for (const Claim &claim : found->second) {
        if (claim.router != life.name) {
            to_consider_.insert(claim.router);
        }
    }
}

bool
Engine::is_own_pair(const std::string &port) const
{
    const auto holder = around_.holders.find(port);
    return holder != around_.holders.end() && holder->second.door1
           && routers_.at(holder->second.router).good->ports.at(port).wiring
                  == Wiring::veth;
}

// What a change of a router deals with is its own until that is over, be it
// that it comes or goes.
void
Engine::occupy(Life &life, const std::optional<Router> &before,
               const std::optional<Router> &after)
{
    vacate(life);
    for (const auto *router : {&before, &after}) {
        for (const std::string &port : port_names(*router)) {
            occupied_[port] = life.name;
            life.occupies.push_back(port);
        }
    }
}

void
Engine::vacate(Life &life)
{
    for (const std::string &port : std::exchange(life.occupies, {})) {
        const auto found = occupied_.find(port);
        if (found != occupied_.end() && found->second == life.name) {
            occupied_.erase(found);
            wake_claimants(life, port);
        }
    }
}

// The router's name; null: nobody has the port.
const std::string *
Engine::holder_of(const std::string &port) const
{
    const auto holder = around_.holders.find(port);
    if (holder != around_.holders.end()) {
        return &holder->second.router;
    }
    const auto occupier = occupied_.find(port);
    return occupier == occupied_.end() ? nullptr : &occupier->second;
}

// Another router that has a port which this one is to have.
Life *
Engine::find_holder(const Life &life)
{
    for (const std::string &port : port_names(target(life))) {
        const std::string *holder = holder_of(port);
        if (holder && *holder != life.name) {
            return &routers_.at(*holder);
        }
    }
    return nullptr;
}

// Whether the router waits, by way of others, for itself.
bool
Engine::is_in_ring(const Life &life)
{
    const Life *next = &life;
    for (size_t i = 0; i < routers_.size(); i++) {
        next = next->running ? nullptr : find_holder(*next);
        if (!next || next == &life) {
            return next != nullptr;
        }
    }
    return false;
}

// What is released is released before it is claimed: a port that another
// router holds is waited for, but not for ever by those who wait to learn
// what became of an edit.
bool
Engine::waits_for_release(Life &life)
{
    const Life *holder = find_holder(life);
    if (!holder || is_in_ring(life)) {
        life.waits.clear();
        return false;
    }
    life.waits = "waits for a port that router " + holder->name
                 + " has not released yet";
    if (!holder->unsettled_since && !holder->edited_since) {
        life.unsettled_since.reset();
        show(life);
    }
    return true;
}

// Whoever waits for a port of this router does so no longer, or other than
// before.
void
Engine::wake_waiters(const Life &life)
{
    for (const std::string &port : port_names(life.good)) {
        wake_claimants(life, port);
    }
    for (const std::string &port : life.occupies) {
        wake_claimants(life, port);
    }
}

// Nobody can bring back, or keep, a port whose row its user has deleted, or
// made a row of another type.
std::optional<Router>
Engine::without_deleted(std::optional<Router> router) const
{
    if (router) {
        const auto there = world_.vswitch.user_ports(port_names(router));
        std::erase_if(router->ports, [&](const auto &port) {
            const auto row = there.find(port.first);
            return !port.second.switch_port
                   && (row == there.end()
                       || row->second != switch_type(port.second.wiring));
        });
    }
    return router && router->ports.empty() ? std::nullopt : std::move(router);
}

// Nor can a port of ours be brought back to a bridge that is deleted.
std::optional<Router>
Engine::without_bridges_gone(std::optional<Router> router) const
{
    if (router) {
        std::erase_if(router->ports, [&](const auto &port) {
            return port.second.switch_port
                   && !around_.bridges.contains(
                       port.second.switch_port->bridge);
        });
    }
    return router && router->ports.empty() ? std::nullopt : std::move(router);
}

// Routers in a ring that swap ports take two changes each: the first gives
// up what it has and leaves out what it cannot have yet.
std::optional<Router>
Engine::without_held(const Life &life, std::optional<Router> wanted) const
{
    if (wanted) {
        std::erase_if(wanted->ports, [&](const auto &port) {
            const std::string *holder = holder_of(port.first);
            return holder && *holder != life.name;
        });
    }
    return wanted && wanted->ports.empty() ? std::nullopt : std::move(wanted);
}

} // namespace snat
