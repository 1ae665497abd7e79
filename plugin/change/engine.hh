// All routers and what is under way for each.  News of their rows comes in as
// a Snapshot; for every router that it concerns the engine decides what it
// shall be, starts a Transaction where that is not what it is, one at a time
// for a router, and shows how it ended.  Whatever else may make a difference
// to a router, be it time gone by, has it considered: nobody looks at all.
#pragma once

#include "change/fault.hh"
#include "change/metrics.hh"
#include "change/operator_undo.hh"
#include "change/pace.hh"
#include "change/snapshot.hh"
#include "change/transaction.hh"
#include "change/world.hh"
#include "router/accept.hh"
#include "router/tally.hh"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace snat {

// Wired, and neither the rows nor the history know why.
struct Orphaned {
    std::string why;
    std::vector<std::string> devices; // That bear its mark on the node.
    std::chrono::milliseconds since{};
    bool purged = false; // An operator has said so.
};

// What the rules of a router show, and what that was made of.
struct Rule_states {
    Shared_map<Nat_rule, Row_id> rules;
    Shared_set<Nat_rule> wired;
    std::map<std::string, Port> ports;
    Row_status if_wired, if_not;
    Rule_statuses statuses;
};

// Routes that the kernel did not take, and why.
using Refused_routes = std::map<Static_route, std::string>;

// One router as the engine has it.
struct Life {
    std::string name;
    std::optional<Router_row> row; // Empty: nobody asks for it any more.
    bool was_edited = false;       // Since it was judged last.
    Accepted accepted;
    std::shared_ptr<Acceptor> acceptor = std::make_shared<Acceptor>();
    std::shared_ptr<Rule_states> rule_states = std::make_shared<Rule_states>();
    std::shared_ptr<Translator> translator = std::make_shared<Translator>();
    std::optional<Router> wanted; // What the rows made of it last.
    Limits limits;
    std::optional<Router> good; // As last committed; empty: not wired.
    Tally tally;                // Of that.
    bool good_is_lost = false;  // It was wired, but as what cannot be read.
    std::optional<Change> interrupted; // To be ended before anything else.
    std::shared_ptr<Transaction> running;
    bool changing = false; // What runs is recorded: it has steps to do.
    bool is_new = true;    // Not edited yet.
    bool looked = false;   // Its state in the kernel is known to be good.
    // What an edit in vain was to make it, in the daemon's last life.
    std::optional<Router> had_failed;
    bool suspect = false;  // Something has moved since.
    bool resyncs = false;  // Asked for while something else ran.
    bool observes = false; // What differs is looked for, to be left so.
    bool keeps = false;    // What runs keeps up what was good last.
    std::string lost;      // Why that cannot be; empty: it can.
    std::chrono::milliseconds next_look{};  // At what is kept up.
    Back_off keeping;                       // Between such looks, in vain.
    std::chrono::milliseconds next_count{}; // Of what it has translated.
    std::chrono::milliseconds count_interval{};
    std::shared_ptr<const Nat_counts> counted; // By its rules, when last read.
    std::map<std::string, Switch_port> rows;   // Of ours on the switch.
    std::string drift;           // What differs and is left so, or comes back.
    Fight fight;                 // With somebody who undoes our repairs.
    Back_off truce;              // Between looks while it lasts.
    std::string cause = "start"; // Of the next change.
    std::string failure;         // Of the last change; empty: it went well.
    std::string unusable;        // As planned, but not usable, and why.
    std::string late;            // Who does not answer in what runs.
    std::string waits;           // Ready to start, but for what another has.
    uint64_t change = 0;         // The last change's number.
    uint64_t record = 0;       // The one that says what is good; 0: none does.
    bool noting = false;       // That one is being written.
    bool is_forgotten = false; // Its history was lost while it was changed.
    std::vector<std::string> occupies; // Ports of a change that is not over.
    std::optional<Orphaned> orphaned;
    Token_bucket tokens;
    bool queued = false; // Ready; others were so before.
    std::chrono::nanoseconds queued_at{};
    std::optional<Change> retried; // The last try, undone.
    Back_off back_off;
    std::chrono::milliseconds not_before{}; // Of the next try.
    bool lacks_switch = false; // What failed is ovs-vswitchd's to mend.
    Refused_routes refused_routes;
    std::chrono::milliseconds refused_until{}; // Then they are tried again.
    Back_off refusing;
    std::optional<uint64_t> unsettled_since, edited_since;
    std::optional<uint64_t> noted_since; // The earlier, as all are told.
    std::optional<Status> shown;
    Idle idle = Idle::no_rows; // How its rows last asked for nothing.
    std::optional<Confirm> confirm;
    bool tries_asked = false;    // What runs is what shall be confirmed.
    bool outdates_asked = false; // Since, something else was asked for.
    int64_t awaited_until = 0;   // A timer is set for this end of 'confirm'.
    // Its rows are being put back, as the cause of the next change; empty:
    // they are not.
    std::string rewriting;
};

class Engine {
public:
    Engine(World &world, Fault &fault) : world_{world}, fault_{fault} {}

    // Once, before the first update(): what the history says was good, and
    // what it says was interrupted.
    void load(const std::vector<Change> &history);
    void update(Snapshot news);
    // Something may not be as it was: it is looked at, and repaired.
    void moved(const Moved &moved);

    const std::map<std::string, Life> &
    routers() const
    {
        return routers_;
    }
    const Limits &
    limits() const
    {
        return limits_;
    }
    // Of SNAT_Global.options: where they are wrong, the defaults hold.
    const std::vector<std::string> &
    option_errors() const
    {
        return option_errors_;
    }
    const Metrics &
    metrics() const
    {
        return metrics_;
    }
    size_t
    queued() const
    {
        return queue_.size();
    }
    std::optional<Router> target(const Life &life) const;
    // Looks at the kernel again, and repairs what is not as it should be:
    // one router, or all.  False: no such router.
    bool resync(const std::string &router);
    void resync();
    // What would be done now to make the router what its rows ask for.
    void preview(const std::string &router,
                 std::function<void(Result<std::vector<Step>>)> then);
    // What the router's rules have translated.  With 'write' the NAT rows show
    // it, too.
    void count(const std::string &router, bool write,
               std::function<void(Result<Nat_counts>)> then);
    // Looks anew for what carries our mark and nobody wants.
    void find_orphans(const std::function<void(Outcome)> &then);
    // Removes what carries our mark and nobody wants, now: one router's, or
    // all.  False: there is no such orphan.
    bool purge(const std::string &router);
    void purge();
    // How long until an orphan is removed; empty: not by itself.
    std::optional<std::chrono::milliseconds>
    time_left(const Life &orphan) const;
    // Brings a router's rows back to what they were before this change; the
    // router follows.  The answer is the router's name.
    void undo(uint64_t number, bool force,
              const std::function<void(Result<std::string>)> &then);

private:
    void load_one(const Change &change);
    void take_options(const Options &options);
    void take_switch(const Snapshot &news);
    void take_ports(const std::map<std::string, Port_there> &ports);
    void take_rows(Snapshot &news);
    void take(Life &life, std::optional<Router_row> row,
              const std::optional<Confirm> &confirm);
    void judge_all();
    void judge_claimants(const std::string &port);
    void note_claims(const Life &life,
                     const std::optional<Router_row> &becomes);
    void find_missing(const std::string &port);
    bool is_own_pair(const std::string &port) const;
    void judge();
    void refuse_excess();
    void edit(Life &life);
    void judge_rows(Life &life);
    void ask_for(Life &life, std::optional<Router> wanted);
    void look_at(Life &life);
    void hasten(Life &life);
    void look_for_switch();
    void note_lack(Life &life, bool lacks_switch);
    void judge_later(const std::string &router);
    void consider_later(const std::string &router);
    void come_back();
    void consider_due();
    void consider(Life &life);
    bool is_over(const Life &life) const;
    void note_since(Life &life);
    static bool suspect(Life &life);
    void notice_rows(Life &life);
    void look_for_drift(Life &life);
    std::chrono::milliseconds
    rest_after_look(Life &life, const Transaction::Ending &ending);
    void sweep();
    bool can_keep_good(const Life &life) const;
    void keep_good(Life &life);
    void note_kept(Life &life, const Change &change,
                   const Transaction::Ending &ending,
                   const std::optional<Router> &after);
    void look_for_orphans(std::function<void()> then = {});
    void take_in_orphan(const std::string &router,
                        const std::vector<std::string> &devices);
    void orphan(Life &life, const std::string &why);
    void await_removal(const Life &orphan);
    bool is_left_alone(Life &life);
    void remember(Life &life);
    bool has_lost_history(const Life &life) const;
    void note(Life &life, const std::optional<Router> &before,
              const std::string &cause);
    bool is_settled(const Life &life) const;
    void hold(Life &life, const std::optional<Router> &router);
    void occupy(Life &life, const std::optional<Router> &before,
                const std::optional<Router> &after);
    void vacate(Life &life);
    const std::string *holder_of(const std::string &port) const;
    Life *find_holder(const Life &life);
    bool is_in_ring(const Life &life);
    bool waits_for_release(Life &life);
    void tell_claimants(const Life &life, const std::string &port);
    void let_go(const Life &life, const std::string &port);
    void take_hold(const Life &life, const std::string &port);
    void wake_claimants(const Life &life, const std::string &port);
    void wake_waiters(const Life &life);
    Job new_job(const Life &life) const;
    Job new_job(const Life &life, const std::string &cause,
                const std::optional<Router> &after) const;
    std::optional<Router> without_deleted(std::optional<Router> router) const;
    std::optional<Router>
    without_bridges_gone(std::optional<Router> router) const;
    std::optional<Router> without_held(const Life &life,
                                       std::optional<Router> wanted) const;
    News foresee(const Life &life, const Change &change,
                 const std::optional<Router> &after) const;
    std::optional<uint64_t> oldest_unsettled(const Life *but) const;
    void start_in_turn(Life &life);
    void serve_queue();
    void start(Life &life, Job job);
    void watch(const std::string &name,
               const std::shared_ptr<Transaction> &running);
    void resume(Life &life);
    void ended(const std::string &name, const Transaction::Ending &ending,
               const std::optional<Router> &after);
    void note_end(Life &life, const Change &change,
                  const Transaction::Ending &ending,
                  const std::optional<Router> &after);
    void reach(Life &life, const Change &change,
               const Transaction::Ending &ending,
               const std::optional<Router> &after);
    void interrupt(Life &life, Change change);
    Writable writable(const Life &life, const Asked &asked) const;
    void put_back(Life &life, const Writable &there, const Router_row &becomes,
                  const Confirm &unconfirmed, const std::string &cause,
                  const std::function<void(Outcome)> &then);
    void note_confirm(Life &life, const std::optional<Confirm> &now);
    void forget_request(Life &life);
    std::optional<Confirm> claim(const Life &life, const Job &job) const;
    void await_confirm(Life &life);
    void await_confirm_later(Life &life, std::chrono::milliseconds pause);
    void take_back_unconfirmed(Life &life);
    void note_refused_route(Life &life, const Transaction::Ending &ending);
    void try_refused_routes(Life &life);
    void retry_later(Life &life);
    void wait(Life &life, std::chrono::milliseconds pause);
    void begin(Life &life);
    void note_counts(Life &life, const Nat_counts &counts, bool write);
    void write_counts(const Life &life, const Nat_counts &counts);
    void count_at_interval(Life &life);
    void count_later(Life &life);
    void show(Life &life);
    void show_again(Life &life, const Rows_of_router &there);
    void settle();

    World &world_;
    Fault &fault_;
    Limits limits_;
    std::optional<Options> options_;         // Empty: not read yet.
    std::vector<std::string> option_errors_; // Told already.
    std::map<std::string, Life> routers_;
    size_t routers_asked_for_ = 0; // Which have rows.
    // What may have become different for these routers: their rows have to be
    // judged anew, or only what is to be done considered.
    std::set<std::string> to_judge_, to_consider_;
    Surroundings around_;
    std::map<std::string, std::string> missing_; // Devices, be they ours, too.
    std::map<std::string, std::string> occupied_; // By changes under way.
    std::set<std::string> lacking_switch_;        // Routers; see Life.
    bool switch_runs_ = true;                     // When last asked for them.
    Milestones milestones_;
    Milestones::Numbers numbers_;
    std::multiset<uint64_t> unsettled_; // All routers' noted_since.
    Metrics metrics_;
    bool adopting_ = true;          // Until the first update.
    bool excess_ = false;           // There are too many routers.
    Token_bucket tokens_;           // Of all together.
    std::deque<std::string> queue_; // Routers that are ready to be changed.
    std::chrono::milliseconds last_end_{}; // Of any change or look.
    bool queue_waits_ = false;             // For a token.
    bool comes_back_ = false;              // To what is due, in a moment.
    bool sweeping_ = false;
    std::string swept_; // The router that was looked at last.
};

// Refuses the rows whose routes the kernel has not taken.
void leave_out_refused_routes(Life &life);

// Whether the router is to be wired without the rows that were refused.
bool skips_refused_rows(const Life &life);

// Whether what its rows ask for is refused, and it stays as it was.
bool keeps_last_good(const Life &life);

// What the rows of a router shall show; and the router's own row.
Status status_of(const Life &life, const std::optional<Router> &target);
Row_status router_status(const Life &life,
                         const std::optional<Router> &target);

} // namespace snat
