// A world of values for the tests of changes: a kernel and a switch that hold
// a Picture of each router and do what steps say, a journal that remembers,
// and a clock that runs as fast as the test likes.  All of it can be told to
// fail, and to die.
#pragma once

#include "change/fault.hh"
#include "change/history.hh"
#include "samples.hh"
#include "sentences.hh"

#include <cerrno>
#include <deque>
#include <map>
#include <set>

namespace samples {

using sentences::has;
using std::chrono::milliseconds;

class Fake_world final : public Kernel,
                         public Switch,
                         public Journal,
                         public Clock {
public:
    // What is there, by router; tests read and spoil it as they like.
    std::map<std::string, Picture> pictures;
    // Ports whose rows are a user's, by their types.
    std::map<std::string, std::string> users;
    std::map<std::string, Port_row> user_rows; // Of those, as they are.
    std::map<std::string, Confirm> confirms;
    // Called when rows have been rewritten, or 'confirms' has changed.
    std::function<void(const Rewrite &)> rewritten;
    std::optional<Error> refuse_rewrite;
    std::map<uint64_t, Change> changes;
    Good_rules good_rules;
    std::map<std::string, Status> shown; // The last one of each router.
    Nat_counts counts;                   // What any router's rules count.
    std::map<Row_id, Nat_count> shown_counts;
    std::deque<std::pair<int64_t, int64_t>> settled;
    std::vector<News> told;         // Of committed changes.
    std::vector<std::string> lines; // Of the log, alarms included.
    std::vector<std::string> alarms;
    std::vector<std::string> announced; // Links.
    std::vector<Probe> probes;          // As they were asked.

    // Why a step cannot be done, a record not be written, or a look not be
    // taken; empty functions: nothing fails.
    std::function<std::optional<Error>(const Step &)> refuse_step;
    std::function<std::optional<Error>(const Change &)> refuse_record;
    std::optional<Error> refuse_look;
    // What happens meanwhile, before the next look is answered.
    std::function<void()> meanwhile;
    // What a network answers to a probe: by itself that all is well.
    std::function<Outcome(const Probe &)> answer_probe;
    std::optional<std::string> unready; // What find_unready() answers.
    bool has_carrier = true;
    bool switch_runs = true;
    bool taps_stay = false;     // As of an ovs-vswitchd that was killed.
    bool taps_are_held = false; // If they stay: by one that is slow.
    bool pairs_stay = false;    // Somebody holds each namespace.
    bool kernel_hangs = false;  // It answers no look.
    bool is_dead = false;       // Until reboot().
    int records = 0, effects = 0;
    mutable std::set<std::string> asked_for; // Routers, by owned().

    World world{*this,
                *this,
                *this,
                *this,
                [this](Victim) { die(); },
                [this](const std::string &line) { lines.push_back(line); },
                [this](const std::string &line) {
                    lines.push_back(line);
                    alarms.push_back(line);
                }};

    // All that happens within 'time', and what follows from it at once.
    void run(milliseconds time = {});

    // The daemon starts again: what nobody had named is gone.
    void reboot();

    // --- Kernel

    void observe(const Observe &what,
                 std::function<void(Result<Wired>)> then) override;
    void apply(const Apply &what, std::function<void(Applied)> then) override;
    void announce(const Announce &what) override;
    void probe(const Probe &what, std::function<void(Outcome)> then) override;
    void list_owned(std::function<void(Owned)> then) override;
    void count(const Count &what,
               std::function<void(Result<Nat_counts>)> then) override;

    // --- Switch

    std::map<std::string, Switch_port>
    owned(const std::string &router) const override;
    std::set<std::string> owners() const override;
    std::map<std::string, std::string>
    user_ports(const std::vector<std::string> &ports) const override;
    std::set<std::string>
    open_ports(const std::vector<std::string> &ports) const override;
    std::optional<Port_row> user_row(const std::string &port) const override;
    bool is_running() const override;
    std::optional<std::string>
    find_unready(const std::vector<std::string> &) const override;
    void apply(const Set_switch &step, milliseconds,
               std::function<void(Outcome)> then) override;
    void apply(const Await_open &step, milliseconds,
               std::function<void(Outcome)> then) override;
    void apply(const Set_open &step, milliseconds,
               std::function<void(Outcome)> then) override;

    // --- Journal

    uint64_t next_number() override;
    bool remembers(const std::string &router, uint64_t number) const override;
    void record(const Change &change, const std::optional<News> &news,
                std::function<void(Outcome)> then) override;
    void show(const std::string &router, const Status &status) override;
    void show_counts(const std::string &router,
                     const std::map<Row_id, Nat_count> &counts) override;
    std::vector<Change> history() const override;
    void rewrite(const Rewrite &what,
                 std::function<void(Outcome)> then) override;
    void forget_request(const Confirm &confirm) override;
    void forget(const Confirm &confirm) override;
    void settle(int64_t next_cfg, int64_t vswitch_next_cfg) override;

    // --- Clock

    milliseconds now() const override;
    std::chrono::nanoseconds moment() const override;
    int64_t wall_ms() const override;
    void after(milliseconds pause, std::function<void()> then) override;

private:
    void tell(const Rewrite &what);
    void on_switch(const Step &step, const std::function<void(Outcome)> &then,
                   const std::function<void()> &work);
    std::optional<Error> refusal(const Step &step) const;

    // Nothing is answered from within the call, nor to the dead.
    void answer(std::function<void()> then);
    void die();
    Wired look(const Observe &what);

    // What a step does, and what ovs-vswitchd then does of its own: devices
    // of the switch come with their rows, and go with them.
    void effect(Picture &picture, const Step &step);
    static void make_tap(Picture &picture, const std::string &port);
    Outcome execute(const std::string &router, const Step &step,
                    bool on_purpose);
    Applied forward(const Apply &what);
    Applied undo(const Apply &what);
    void take_back(const Apply &what, size_t nth, const Step &step,
                   Applied &applied);

    milliseconds now_{1000};
    uint64_t last_number_ = 0;
    std::deque<std::function<void()>> answers_;
    std::multimap<milliseconds, std::function<void()>> timers_;
};

} // namespace samples
