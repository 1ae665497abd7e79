// The kernel of the world of values: what is in each router's namespace, and
// what steps do to it.
#include "fake_world.hh"

#include <algorithm>
#include <functional>
#include <utility>

namespace samples {

void
Fake_world::observe(const Observe &what,
                    std::function<void(Result<Wired>)> then)
{
    if (kernel_hangs) {
        return;
    }
    answer([this, what, then] {
        if (const auto happens = std::exchange(meanwhile, nullptr)) {
            happens();
        }
        if (refuse_look) {
            then(*refuse_look);
        } else {
            then(look(what));
        }
    });
}

void
Fake_world::apply(const Apply &what, std::function<void(Applied)> then)
{
    answer([this, what, then] {
        const Applied applied = what.undoing ? undo(what) : forward(what);
        if (!is_dead) {
            then(applied);
        }
    });
}

void
Fake_world::announce(const Announce &what)
{
    for (const auto &[link, ips] : what.links) {
        announced.push_back(link);
    }
}

void
Fake_world::probe(const Probe &what, std::function<void(Outcome)> then)
{
    probes.push_back(what);
    answer([this, what, then] {
        then(answer_probe ? answer_probe(what) : Outcome{Done{}});
    });
}

void
Fake_world::list_owned(std::function<void(Owned)> then)
{
    answer([this, then] {
        Owned owned;
        for (const auto &[router, picture] : pictures) {
            if (picture.kernel.name == Name_state::ours) {
                owned[router];
            }
            for (const auto &[name, device] : picture.kernel.on_node) {
                if (device.wiring == Wiring::veth) {
                    owned[router].push_back(name);
                }
            }
        }
        then(owned);
    });
}

void
Fake_world::count(const Count &, std::function<void(Result<Nat_counts>)> then)
{
    answer([this, then] { then(counts); });
}

Wired
Fake_world::look(const Observe &what)
{
    Wired seen = pictures[what.router].kernel;
    const auto is_asked_for = [&](const auto &entry) {
        return std::ranges::find(what.links, entry.first) != what.links.end();
    };
    std::erase_if(seen.links, [&](const auto &link) {
        const bool is_lent
            = what.lent && link.second.device.wiring == Wiring::internal;
        return !is_asked_for(link) && !is_lent;
    });
    std::erase_if(seen.on_node, std::not_fn(is_asked_for));
    for (auto &[name, link] : seen.links) {
        link.carrier = has_carrier;
    }
    return seen;
}

void
Fake_world::effect(Picture &picture, const Step &step)
{
    effects++;
    const auto on_node = picture.kernel.on_node;
    act(picture, step);
    if (pairs_stay && drops_namespace(step)) {
        picture.kernel.on_node = on_node;
        for (auto &[name, device] : picture.kernel.on_node) {
            device.abandoned = true;
        }
    }
    if (taps_stay && std::holds_alternative<Set_switch>(step)) {
        picture.kernel.on_node = on_node;
        for (auto &[name, device] : picture.kernel.on_node) {
            device.abandoned = !taps_are_held;
        }
    }
    if (const auto *rows = std::get_if<Set_switch>(&step)) {
        for (const auto &item : rows->ports) {
            if (!item.was && item.becomes->wiring == Wiring::internal) {
                make_tap(picture, item.port);
            }
        }
    }
    if (const auto *opened = std::get_if<Set_open>(&step)) {
        for (const std::string &port : opened->ports) {
            const auto row = picture.switch_ports.find(port);
            if (row != picture.switch_ports.end()
                && row->second.wiring == Wiring::internal) {
                make_tap(picture, port);
            }
        }
    }
}

// As ovs-vswitchd does.
void
Fake_world::make_tap(Picture &picture, const std::string &port)
{
    Device device;
    device.wiring = Wiring::internal;
    device.mac = *parse_mac("02:00:00:00:02:02");
    picture.kernel.on_node[port] = device;
}

Outcome
Fake_world::execute(const std::string &router, const Step &step,
                    bool on_purpose)
{
    if (on_purpose) {
        return Error{5, "on purpose"};
    }
    if (const auto error = refusal(step)) {
        return *error;
    }
    effect(pictures[router], step);
    return Done{};
}

Applied
Fake_world::forward(const Apply &what)
{
    Applied applied;
    for (const Step &step : what.steps) {
        const auto outcome
            = execute(what.router, step, what.strike.fail_at == applied.done);
        if (!outcome) {
            applied.error = outcome.error();
            for (size_t nth = 0; nth < applied.done && !is_dead; nth++) {
                take_back(what, nth,
                          inverse(what.steps[applied.done - 1 - nth]),
                          applied);
            }
            return applied;
        }
        if (what.strike.crash_at == applied.done) {
            die();
            return applied;
        }
        applied.done++;
    }
    return applied;
}

Applied
Fake_world::undo(const Apply &what)
{
    Applied applied;
    for (size_t at = 0; at < what.steps.size() && !is_dead; at++) {
        take_back(what, at, what.steps[at], applied);
    }
    applied.done = what.steps.size() - applied.outstanding.size();
    return applied;
}

void
Fake_world::take_back(const Apply &what, size_t nth, const Step &step,
                      Applied &applied)
{
    if (loses_namespace(step)
        && (what.incomplete || !applied.outstanding.empty())) {
        applied.outstanding.push_back(step);
        return;
    }
    const auto outcome
        = execute(what.router, step, what.strike.fail_undo_at == nth);
    if (what.strike.crash_undo_at == nth) {
        die();
    }
    if (!outcome) {
        applied.outstanding.push_back(step);
        applied.undo_error = applied.undo_error.value_or(outcome.error());
    }
}

} // namespace samples
