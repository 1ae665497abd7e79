// A world of values for the tests of changes: a kernel and a switch that hold
// a Picture of each router and do what steps say, a journal that remembers,
// and a clock that runs as fast as the test likes.  All of it can be told to
// fail, and to die.
#pragma once

#include "change/fault.hh"
#include "samples.hh"

#include <cerrno>
#include <deque>
#include <map>
#include <set>

namespace samples {

using std::chrono::milliseconds;

class Fake_world final : public Kernel,
                         public Switch,
                         public Journal,
                         public Clock {
public:
    // What is there, by router; tests read and spoil it as they like.
    std::map<std::string, Picture> pictures;
    std::set<std::string> users; // Ports whose rows are a user's.
    std::map<std::string, Port_row> user_rows; // Of those, as they are.
    std::map<std::string, Confirm> confirms;
    // Called when rows have been rewritten, or 'confirms' has changed.
    std::function<void(const Rewrite &)> rewritten;
    std::optional<Error> refuse_rewrite;
    std::map<uint64_t, Change> changes;
    std::map<std::string, Status> shown; // The last one of each router.
    std::deque<std::pair<int64_t, int64_t>> settled;
    std::vector<News> told;             // Of committed changes.
    std::vector<std::string> lines;     // Of the log.
    std::vector<std::string> announced; // Links.
    std::vector<Probe> probes;          // As they were asked.

    // Why a step cannot be done, a record not be written, or a look not be
    // taken; empty functions: nothing fails.
    std::function<std::optional<Error>(const Step &)> refuse_step;
    std::function<std::optional<Error>(const Change &)> refuse_record;
    std::optional<Error> refuse_look;
    // What a network answers to a probe: by itself that all is well.
    std::function<Outcome(const Probe &)> answer_probe;
    std::optional<std::string> unready; // What find_unready() answers.
    bool has_carrier = true;
    bool switch_runs = true;
    bool kernel_hangs = false; // It answers no look.
    bool is_dead = false;      // Until reboot().
    int records = 0, effects = 0;

    World world{*this,
                *this,
                *this,
                *this,
                [this](Victim) { die(); },
                [this](const std::string &line) { lines.push_back(line); }};

    // All that happens within 'time', and what follows from it at once.
    void
    run(milliseconds time = {})
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

    // The daemon starts again: what nobody had named is gone.
    void
    reboot()
    {
        die();
        is_dead = false;
        for (auto &[name, picture] : pictures) {
            if (picture.kernel.name == Name_state::free) {
                take_effect(picture, Set_namespace{true, false});
            }
        }
    }

    // --- Kernel

    void
    observe(const Observe &what,
            std::function<void(Result<Wired>)> then) override
    {
        if (kernel_hangs) {
            return;
        }
        answer([this, what, then] {
            if (refuse_look) {
                then(*refuse_look);
            } else {
                then(look(what));
            }
        });
    }

    void
    apply(const Apply &what, std::function<void(Applied)> then) override
    {
        answer([this, what, then] {
            const Applied applied = what.undoing ? undo(what) : forward(what);
            if (!is_dead) {
                then(applied);
            }
        });
    }

    void
    announce(const Announce &what) override
    {
        for (const auto &[link, ips] : what.links) {
            announced.push_back(link);
        }
    }

    void
    probe(const Probe &what, std::function<void(Outcome)> then) override
    {
        probes.push_back(what);
        answer([this, what, then] {
            then(answer_probe ? answer_probe(what) : Outcome{Done{}});
        });
    }

    void
    list_owned(std::function<void(std::vector<std::string>)> then) override
    {
        answer([this, then] {
            std::vector<std::string> routers;
            for (const auto &[router, picture] : pictures) {
                if (picture.kernel.name == Name_state::ours) {
                    routers.push_back(router);
                }
            }
            then(routers);
        });
    }

    // --- Switch

    std::map<std::string, Switch_port>
    owned(const std::string &router) const override
    {
        const auto found = pictures.find(router);
        return found == pictures.end() ? std::map<std::string, Switch_port>{}
                                       : found->second.switch_ports;
    }

    std::set<std::string>
    owners() const override
    {
        std::set<std::string> routers;
        for (const auto &[router, picture] : pictures) {
            if (!picture.switch_ports.empty()) {
                routers.insert(router);
            }
        }
        return routers;
    }

    std::set<std::string>
    user_ports(const std::vector<std::string> &ports) const override
    {
        std::set<std::string> out;
        for (const std::string &port : ports) {
            if (users.contains(port)) {
                out.insert(port);
            }
        }
        return out;
    }

    std::set<std::string>
    open_ports(const std::vector<std::string> &ports) const override
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
    user_row(const std::string &port) const override
    {
        const auto found = user_rows.find(port);
        return found == user_rows.end() ? std::nullopt
                                        : std::optional{found->second};
    }

    bool
    is_running() const override
    {
        return switch_runs;
    }

    std::optional<std::string>
    find_unready(const std::vector<std::string> &) const override
    {
        return unready;
    }

    void
    apply(const Set_switch &step, milliseconds,
          std::function<void(Outcome)> then) override
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
    apply(const Set_open &step, milliseconds,
          std::function<void(Outcome)> then) override
    {
        on_switch(step, then, [this, step] {
            for (auto &[router, picture] : pictures) {
                effect(picture, step);
            }
        });
    }

    // --- Journal

    uint64_t
    next_number() override
    {
        const uint64_t known = changes.empty() ? 0 : changes.rbegin()->first;
        last_number_ = std::max(last_number_, known) + 1;
        return last_number_;
    }

    bool
    remembers(uint64_t number) const override
    {
        return changes.contains(number);
    }

    void
    record(const Change &change, const std::optional<News> &news,
           std::function<void(Outcome)> then) override
    {
        answer([this, change, news, then] {
            if (const auto error
                = refuse_record ? refuse_record(change) : std::nullopt) {
                then(*error);
                return;
            }
            records++;
            changes[change.number] = change;
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
    show(const Status &status, std::function<void()> done) override
    {
        // Router rows and their ports are told by what they hold.
        const std::string key
            = status.router_row ? status.router_row->uuid : "";
        shown[key] = status;
        answer(std::move(done));
    }

    std::vector<Change>
    history() const override
    {
        std::vector<Change> out;
        for (const auto &[number, change] : changes) {
            out.push_back(change);
        }
        return out;
    }

    void
    rewrite(const Rewrite &what, std::function<void(Outcome)> then) override
    {
        answer([this, what, then] {
            const auto &waiting = what.unconfirmed;
            if (refuse_rewrite
                || (waiting && !confirms.erase(waiting->router))) {
                then(refuse_rewrite.value_or(Error{0, "confirmed"}));
                return;
            }
            then(Done{});
            tell(what);
        });
    }

    void
    forget_request(const Confirm &confirm) override
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
    forget(const Confirm &confirm) override
    {
        answer([this, confirm] {
            confirms.erase(confirm.router);
            tell({});
        });
    }

    void
    settle(int64_t next_cfg, int64_t vswitch_next_cfg) override
    {
        settled.emplace_back(next_cfg, vswitch_next_cfg);
    }

    // --- Clock

    milliseconds
    now() const override
    {
        return now_;
    }

    int64_t
    wall_ms() const override
    {
        return 1'700'000'000'000 + now_.count();
    }

    void
    after(milliseconds pause, std::function<void()> then) override
    {
        if (!is_dead) {
            timers_.emplace(now_ + pause, std::move(then));
        }
    }

private:
    void
    tell(const Rewrite &what)
    {
        if (rewritten) {
            rewritten(what);
        }
    }

    void
    on_switch(const Step &step, const std::function<void(Outcome)> &then,
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
    refusal(const Step &step) const
    {
        return refuse_step ? refuse_step(step) : std::nullopt;
    }

    // Nothing is answered from within the call, nor to the dead.
    void
    answer(std::function<void()> then)
    {
        if (!is_dead) {
            answers_.push_back(std::move(then));
        }
    }

    void
    die()
    {
        is_dead = true;
        answers_.clear();
        timers_.clear();
    }

    Wired
    look(const Observe &what)
    {
        Wired seen = pictures[what.router].kernel;
        const auto is_asked_for = [&](const auto &entry) {
            return std::ranges::find(what.links, entry.first)
                   != what.links.end();
        };
        std::erase_if(seen.links, std::not_fn(is_asked_for));
        std::erase_if(seen.on_node, std::not_fn(is_asked_for));
        for (auto &[name, link] : seen.links) {
            link.carrier = has_carrier;
        }
        return seen;
    }

    // What a step does, and what ovs-vswitchd then does of its own: devices
    // of the switch come with their rows, and go with them.
    void
    effect(Picture &picture, const Step &step)
    {
        effects++;
        act(picture, step);
        if (const auto *rows = std::get_if<Set_switch>(&step)) {
            for (const auto &item : rows->ports) {
                if (!item.was && item.becomes->wiring == Wiring::internal) {
                    Device device;
                    device.wiring = Wiring::internal;
                    device.mac = *parse_mac("02:00:00:00:02:02");
                    picture.kernel.on_node[item.port] = device;
                }
            }
        }
    }

    Outcome
    execute(const std::string &router, const Step &step, bool on_purpose)
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
    forward(const Apply &what)
    {
        Applied applied;
        for (const Step &step : what.steps) {
            const auto outcome = execute(what.router, step,
                                         what.strike.fail_at == applied.done);
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
    undo(const Apply &what)
    {
        Applied applied;
        for (size_t at = 0; at < what.steps.size() && !is_dead; at++) {
            take_back(what, at, what.steps[at], applied);
        }
        applied.done = what.steps.size() - applied.outstanding.size();
        return applied;
    }

    void
    take_back(const Apply &what, size_t nth, const Step &step,
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

    milliseconds now_{1000};
    uint64_t last_number_ = 0;
    std::deque<std::function<void()>> answers_;
    std::multimap<milliseconds, std::function<void()>> timers_;
};

} // namespace samples
