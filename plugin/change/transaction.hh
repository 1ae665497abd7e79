// One change of one router, from looking at what is there to the committed
// record, or back.  The phases, in their order:
//
//     observing --> recording --> applying --> checking --> committing
//         |                          |            |             |
//         | nothing to do            +------+-----+-------------+
//         v                                 v
//       (end)                            undoing --> closing
//
// Every arrow is an answer from the world; between answers a transaction
// does nothing, so any number of them can be under way.
#pragma once

#include "change/fault.hh"
#include "change/world.hh"
#include "plan/picture.hh"
#include "plan/plan.hh"
#include "router/limits.hh"
#include "router/translate.hh"

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace snat {

struct Job {
    // Its number, router and cause; also its earlier steps if it is resumed.
    Change change;
    std::optional<Router> before, after;
    // Further devices that may lie about from an interrupted change.
    std::vector<std::string> links;
    Limits limits;
    // Remembers how the router was translated before.
    std::shared_ptr<Translator> translator = std::make_shared<Translator>();
    bool resumed = false;   // The Change row exists already.
    bool backwards = false; // Restores 'before'; ends as 'undone'.
    bool dry_run = false;   // Ends with the plan, whatever it is.
    bool repairs = true;    // Else it only tells of what it would do.
    // Whether something else is asked for by now; without it never.
    std::function<bool()> superseded;
    // Called when there are steps to do, just before they are recorded.
    std::function<void()> begins;
    // What the rows will show of the change, number and all, once it is
    // committed; without it nothing.
    std::function<News(const Change &)> news;
};

class Transaction : public std::enable_shared_from_this<Transaction> {
public:
    enum class End {
        unchanged, // Everything was as it should be; nothing was written.
        committed,
        undone,      // As before; 'error' says why.
        undo_failed, // Not as before: 'error' says what is outstanding.
    };
    enum class Phase {
        observing,
        recording,
        applying,
        checking,
        committing,
        undoing,
        closing,
    };
    static constexpr size_t phases = 7;
    // What it took.
    struct Effort {
        // By Phase; empty: it had none.
        std::array<std::optional<std::chrono::nanoseconds>, phases> times;
        size_t steps = 0, inverse_steps = 0;
        size_t announced = 0; // Addresses.
    };
    struct Ending {
        End end = End::unchanged;
        std::string error;
        // With unchanged: the router cannot be used yet, and why.
        std::string unusable;
        // With unchanged: what would have to be done, but shall not be.
        std::string drift;
        // 'error' or 'unusable' is that ovs-vswitchd lacks ports.
        bool lacks_switch = false;
        std::vector<Step> steps; // What was, or in a dry run would be, done.
        // 'error' is that the kernel does not take this route.
        std::optional<Route> refused_route;
        Phase phase = Phase::observing; // The last one.
        Effort effort;
    };

    static constexpr const char *kernel_process = "the kernel process";
    static constexpr const char *own_database = "the database OVS_SNAT";
    // For how long a device that is leaving by itself is waited for.
    static constexpr std::chrono::milliseconds leaving_timeout{1000};
    // How far the switch's database may be behind what the kernel tells.
    static constexpr std::chrono::milliseconds news_timeout{100};

    Transaction(World &world, Fault &fault, Job job,
                std::function<void(Ending)> done);

    void start();
    Phase
    phase() const
    {
        return phase_;
    }
    const Change &
    change() const
    {
        return job_.change;
    }
    // Who has not answered for longer than that; empty: nobody is so late.
    std::string find_late(std::chrono::milliseconds patience) const;

private:
    void enter(Phase phase);
    void ask(const char *whom);
    std::vector<std::string> sysctls() const;
    bool trusts_news() const;
    void observe(void (Transaction::*then)(Wired));
    void look_ahead();
    Picture complete(Wired wired) const;
    bool was_ours(const std::string &name, const Picture &seen) const;
    void consider(Wired wired);
    bool
    is_repair() const
    {
        return job_.before == job_.after;
    }
    bool needs_dead_switch() const;
    bool is_overtaken() const;
    bool may_be_early() const;
    void put_off(const std::string &why);
    void note_unusable(const Picture &seen);
    void record();
    void record_more(const std::vector<Step> &more);
    void apply_once_recorded();
    void write_record(bool with_news,
                      const std::function<void(Outcome)> &then);
    void go_on();
    void apply_next();
    void apply_on_kernel();
    void applied_on_kernel(const Applied &applied, const Strike &strike);
    void note_refused_route(const Step &step, const Error &error);
    void apply_on_switch();
    void send_to_switch(const Step &step,
                        const std::function<void(Outcome)> &then);
    Checks checks() const;
    void verify();
    void ask_once_usable(Wired wired);
    void answered(const Outcome &outcome);
    void check();
    void fail_to_look(const Error &error, void (Transaction::*then)(Wired));
    bool look_later(std::chrono::milliseconds patience,
                    void (Transaction::*then)(Wired));
    void look_again(const std::string &why);
    void look_again_if_asked_for(const std::string &why);
    void give_up(const std::string &why);
    void checked(Wired wired);
    bool can_be_repaired(const std::vector<Step> &rest) const;
    std::optional<std::string> find_leftover(const Picture &seen) const;
    bool waited_for_switch() const;
    bool looked_for(std::chrono::milliseconds time) const;
    static bool meets_leaving(const std::vector<Step> &steps,
                              const Picture &seen);
    static std::optional<std::string>
    find_taken(const std::vector<Step> &steps, const Picture &seen);
    void commit();
    void fail(const Error &error);
    void undo_next();
    void undo_on_kernel();
    void undo_on_switch();
    void note_outstanding(const std::vector<Step> &steps,
                          const std::optional<Error> &error);
    void let_go();
    void remove_left(Wired wired);
    void note_undo(std::string &error) const;
    void close();
    void finish(End end);
    void finish(End end, const std::string &error);
    void log(End end, const std::string &error) const;
    void announce();
    std::set<Ip> addresses_of(const std::string &link) const;
    std::vector<std::string> links() const;
    std::vector<Step> kernel_run(const std::vector<Step> &steps,
                                 size_t from) const;
    bool is_past_return() const;

    World &world_;
    Fault &fault_;
    Job job_;
    std::function<void(Ending)> done_;
    Phase phase_ = Phase::observing;
    std::chrono::nanoseconds entered_at_{};
    Effort effort_;
    const char *asked_ = nullptr; // Whoever owes an answer.
    std::chrono::milliseconds asked_at_{};
    Picture wished_;
    std::vector<Many> expected_; // Before, or after.
    unsigned look_ = 0;          // The last one's number.
    std::vector<Step> steps_;
    size_t applied_ = 0;
    std::vector<Step> undo_; // Inverse steps still to be done.
    size_t undone_ = 0;
    std::vector<std::string> outstanding_;
    bool looks_ahead_ = false; // The check's look is on its way.
    std::optional<std::chrono::milliseconds> looking_since_;
    std::chrono::milliseconds look_pause_{};
    int mended_ = 0;
    bool namespace_is_gone_ = false; // In the life before this.
    std::string unusable_;
    std::string drift_;
    bool lacks_switch_ = false;
    std::optional<Route> refused_route_;
};

const char *to_string(Transaction::Phase phase);

} // namespace snat
