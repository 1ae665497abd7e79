// Whose a port is: its name belongs to one router at a time.

#include "change/engine.hh"

namespace snat {

// What is wired for a router from now on.
void
Engine::hold(Life &life, const std::optional<Router> &router)
{
    for (const std::string &port : port_names(life.good)) {
        holders_.erase(port);
    }
    recount(life.tally, life.good, router);
    life.good = router;
    life.good_is_lost = false;
    if (!life.good) {
        life.counted.reset(); // Its rules went with it.
    }
    for (const std::string &port : port_names(life.good)) {
        holders_[port] = life.name;
    }
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
        }
    }
}

// The router's name; null: nobody has the port.
const std::string *
Engine::holder_of(const std::string &port) const
{
    for (const auto *holders : {&holders_, &occupied_}) {
        const auto found = holders->find(port);
        if (found != holders->end()) {
            return &found->second;
        }
    }
    return nullptr;
}

void
Engine::fill_claims(Surroundings &around)
{
    contested_ = false;
    for (const auto &[name, life] : routers_) {
        if (life.row) {
            for (const Port_row &port : life.row->ports) {
                auto &claims = around.claims[port.name];
                claims.push_back({name, port.is_door1()});
                contested_ = contested_ || claims.size() > 1;
            }
        }
        if (life.good) {
            for (const auto &[port_name, port] : life.good->ports) {
                around.holders[port_name] = {name, !port.switch_port};
                // It is our own pair that is in the way of the device.
                if (!port.switch_port && port.wiring == Wiring::veth) {
                    around.missing_devices.erase(port_name);
                }
            }
        }
    }
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
                   && !snapshot_.around.bridges.contains(
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
