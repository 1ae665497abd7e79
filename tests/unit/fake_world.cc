#include "fake_world.hh"

#include <utility>

namespace samples {

void
Fake_world::run(milliseconds time)
{
    const milliseconds until = now_ + time;
    while (!is_dead) {
        if (!answers_.empty()) {
            const auto answer = std::move(answers_.front());
            answers_.pop_front();
            answer();
        } else if (!timers_.empty() && timers_.begin()->first <= until) {
            now_ = std::max(now_, timers_.begin()->first);
            answers_.push_back(std::move(timers_.begin()->second));
            timers_.erase(timers_.begin());
        } else {
            now_ = until;
            return;
        }
    }
}

void
Fake_world::reboot()
{
    die();
    is_dead = false;
    for (auto &[name, picture] : pictures) {
        if (picture.kernel.name == Name_state::free) {
            take_effect(picture, Set_namespace{true, false});
        }
    }
}

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

std::map<std::string, Switch_port>
Fake_world::owned(const std::string &router) const
{
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

uint64_t
Fake_world::next_number()
{
    const uint64_t known = changes.empty() ? 0 : changes.rbegin()->first;
    last_number_ = std::max(last_number_, known) + 1;
    return last_number_;
}

bool
Fake_world::remembers(const std::string &router, uint64_t number) const
{
    const auto found = changes.find(number);
    return found != changes.end() && found->second.router == router;
}

void
Fake_world::record(const Change &change, const std::optional<News> &news,
                   std::function<void(Outcome)> then)
{
    answer([this, change, news, then] {
        if (const auto error
            = refuse_record ? refuse_record(change) : std::nullopt) {
            then(*error);
            return;
        }
        records++;
        changes[change.number] = change;
        good_rules[change.router] = change.good().nat();
        if (news) {
            told.push_back(*news);
        }
        then(Done{});
        if (news && news->confirm && confirms.contains(change.router)) {
            auto &row = confirms[change.router];
            const bool newer = row.asked_at != news->confirm->asked_at;
            const auto seconds = row.seconds;
            row = *news->confirm;
            row.seconds = newer ? seconds : 0;
            tell({});
        }
    });
}

void
Fake_world::show(const std::string &, const Status &status)
{
    // Router rows and their ports are told by what they hold.
    const std::string key = status.router_row ? status.router_row->uuid : "";
    shown[key] = status;
}

void
Fake_world::count(const Count &, std::function<void(Result<Nat_counts>)> then)
{
    answer([this, then] { then(counts); });
}

void
Fake_world::show_counts(const std::string &,
                        const std::map<Row_id, Nat_count> &rows)
{
    shown_counts = rows;
}

// By way of the texts that rows have.
std::vector<Change>
Fake_world::history() const
{
    std::vector<Record> all;
    for (const auto &[number, change] : changes) {
        all.push_back({change, texts_of(change)});
    }
    return read_history(std::move(all), good_rules);
}

void
Fake_world::rewrite(const Rewrite &what, std::function<void(Outcome)> then)
{
    answer([this, what, then] {
        const auto &waiting = what.unconfirmed;
        if (refuse_rewrite
            || (waiting && !what.begins && !confirms.erase(waiting->router))) {
            then(refuse_rewrite.value_or(Error{0, "confirmed"}));
            return;
        }
        then(Done{});
        tell(what);
    });
}

void
Fake_world::forget_request(const Confirm &confirm)
{
    answer([this, confirm] {
        auto &row = confirms[confirm.router];
        if (row.asked_at == confirm.asked_at) {
            row.seconds = 0;
        }
        if (!row.is_asked() && !row.is_waiting()) {
            confirms.erase(confirm.router);
        }
        tell({});
    });
}

void
Fake_world::forget(const Confirm &confirm)
{
    answer([this, confirm] {
        confirms.erase(confirm.router);
        tell({});
    });
}

void
Fake_world::settle(int64_t next_cfg, int64_t vswitch_next_cfg)
{
    settled.emplace_back(next_cfg, vswitch_next_cfg);
}

milliseconds
Fake_world::now() const
{
    return now_;
}

std::chrono::nanoseconds
Fake_world::moment() const
{
    return now_;
}

int64_t
Fake_world::wall_ms() const
{
    return 1'700'000'000'000 + now_.count();
}

void
Fake_world::after(milliseconds pause, std::function<void()> then)
{
    if (!is_dead) {
        timers_.emplace(now_ + pause, std::move(then));
    }
}

void
Fake_world::tell(const Rewrite &what)
{
    if (rewritten) {
        rewritten(what);
    }
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

std::optional<Error>
Fake_world::refusal(const Step &step) const
{
    return refuse_step ? refuse_step(step) : std::nullopt;
}

void
Fake_world::answer(std::function<void()> then)
{
    if (!is_dead) {
        answers_.push_back(std::move(then));
    }
}

void
Fake_world::die()
{
    is_dead = true;
    answers_.clear();
    timers_.clear();
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
