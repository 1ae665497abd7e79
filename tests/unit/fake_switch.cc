// The switch of the world of values: ports of ours and of users.
#include "fake_world.hh"

namespace samples {

std::map<std::string, Switch_port>
Fake_world::owned(const std::string &router) const
{
    asked_for.insert(router);
    const auto found = pictures.find(router);
    return found == pictures.end() ? std::map<std::string, Switch_port>{}
                                   : found->second.switch_ports;
}

std::set<std::string>
Fake_world::owners() const
{
    std::set<std::string> routers;
    for (const auto &[router, picture] : pictures) {
        if (!picture.switch_ports.empty()) {
            routers.insert(router);
        }
    }
    return routers;
}

std::map<std::string, std::string>
Fake_world::user_ports(const std::vector<std::string> &ports) const
{
    std::map<std::string, std::string> out;
    for (const std::string &port : ports) {
        if (const auto found = users.find(port); found != users.end()) {
            out.insert(*found);
        }
    }
    return out;
}

std::set<std::string>
Fake_world::open_ports(const std::vector<std::string> &ports) const
{
    std::set<std::string> out;
    for (const auto &[router, picture] : pictures) {
        for (const std::string &port : ports) {
            if (picture.open_ports.contains(port)) {
                out.insert(port);
            }
        }
    }
    return out;
}

std::optional<Port_row>
Fake_world::user_row(const std::string &port) const
{
    const auto found = user_rows.find(port);
    return found == user_rows.end() ? std::nullopt
                                    : std::optional{found->second};
}

bool
Fake_world::is_running() const
{
    return switch_runs;
}

std::optional<std::string>
Fake_world::find_unready(const std::vector<std::string> &) const
{
    return unready;
}

void
Fake_world::apply(const Set_switch &step, milliseconds,
                  std::function<void(Outcome)> then)
{
    on_switch(step, then, [this, step] {
        for (const auto &item : step.ports) {
            const auto &there = item.becomes ? item.becomes : item.was;
            const auto router = there->external_ids.at("snat-router");
            Set_switch one{{item}};
            effect(pictures[router], one);
        }
    });
}

void
Fake_world::apply(const Set_open &step, milliseconds,
                  std::function<void(Outcome)> then)
{
    on_switch(step, then, [this, step] {
        for (auto &[router, picture] : pictures) {
            effect(picture, step);
        }
    });
}

void
Fake_world::apply(const Await_open &step, milliseconds,
                  std::function<void(Outcome)> then)
{
    on_switch(step, then, [] {});
}

void
Fake_world::on_switch(const Step &step,
                      const std::function<void(Outcome)> &then,
                      const std::function<void()> &work)
{
    answer([this, step, then, work] {
        const auto error = refusal(step);
        if (!error || error->code == ETIMEDOUT) {
            work(); // What comes too late comes all the same.
        }
        then(error ? Outcome{*error} : Outcome{Done{}});
    });
}

} // namespace samples
