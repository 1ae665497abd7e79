// The world as the life of a change meets it: small interfaces that the rooms
// around it fulfil (kernel/ the first, tables/ the others) and that tests
// replace.  All calls return at once; answers come later through the given
// function, from the loop, never from within the call.
#pragma once

#include "change/change.hh"
#include "change/confirm.hh"
#include "router/result.hh"
#include "router/rows.hh"
#include "router/wired.hh"
#include "step/step.hh"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace snat {

// What a router has many of.
struct Many {
    Nat nat;
    std::map<std::string, Hosts> hosts; // By link; none is empty.
};

// What to look at: one router's namespace, these of its devices (inside, and
// of the same name on the node), these sysctls.
struct Observe {
    std::string router;
    std::vector<std::string> links;
    std::vector<std::string> sysctls;
    // Also what else is inside of the kind that the switch makes: whoever
    // drops the namespace must know whom that belongs to.
    bool lent = false;
    // What is there may well be one of these, which is soon told then.
    std::vector<Many> expected;
    // What was seen before and has not changed by any news need not be looked
    // at again.
    bool remembered = false;
};

// Which of our two processes a crash takes.
enum class Victim { both, main, kernel };

// A failure made on purpose, for tests and drills: steps are counted from 0
// in the list that it comes with, inverse steps in the order of their undo.
struct Strike {
    std::optional<size_t> fail_at;  // This step fails with 'error', undone.
    int error = 5;                  // EIO.
    std::optional<size_t> crash_at; // 'victim' dies after this step.
    std::optional<size_t> fail_undo_at;  // This inverse step fails.
    std::optional<size_t> crash_undo_at; // 'victim' dies after this one.
    Victim victim = Victim::both;

    bool operator==(const Strike &) const = default;
};

// Steps of one router for the kernel process, in order.  If one fails, those
// before it are undone in reverse order.  With 'undoing' the list is itself
// an undo: every step is tried, whatever happens to the others; but as long
// as one of the router is outstanding, its namespace stays, and keeps its
// name: with it the switch's own devices would be lost.
struct Apply {
    std::string router;
    std::vector<Step> steps;
    bool undoing = false;
    Strike strike;
    bool incomplete = false; // Something is outstanding already.
};

struct Applied {
    size_t done = 0;                 // Steps that took effect.
    std::optional<Error> error;      // The first cause, if any.
    std::vector<Step> outstanding;   // Inverse steps that failed, in order.
    std::optional<Error> undo_error; // Why the first of them failed.
};

// Addresses to make known on the networks: gratuitous ARP (RFC 5227) and
// unsolicited neighbour advertisements (RFC 4861).
struct Announce {
    std::string router;
    std::map<std::string, std::vector<Ip>> links;
};

// A question to the networks that the router's links are on, up already: who
// answers for these addresses?
struct Probe {
    std::string router;
    std::map<std::string, std::vector<Ip>> links;
    bool answers = false; // Each must answer; else nobody else may.
    uint32_t timeout = 0; // Milliseconds to answer in, once asked.
};

// What a rule of a router has translated so far, and does at present.
struct Nat_count {
    uint64_t packets = 0, bytes = 0; // Of those who began its flows.
    uint64_t reply_packets = 0, reply_bytes = 0;
    uint64_t flows = 0; // Known to connection tracking.

    bool operator==(const Nat_count &) const = default;
};
using Nat_counts = std::map<std::string, Nat_count>; // By the rule's words.

// How much the rules of a router have translated.
struct Count {
    std::string router;
};

// What may not be any more as it was looked at last: where to look again.
struct Moved {
    bool all = false;              // More than can be told.
    std::set<std::string> routers; // Whose namespaces or their names.
    std::set<std::string> links;   // Devices on the node.

    bool operator==(const Moved &) const = default;
};

// By router whatever carries our mark: its named namespace, and of its devices
// on the node these.
using Owned = std::map<std::string, std::vector<std::string>>;

class Kernel {
public:
    virtual ~Kernel() = default;
    virtual void observe(const Observe &, std::function<void(Result<Wired>)>)
        = 0;
    virtual void apply(const Apply &, std::function<void(Applied)>) = 0;
    virtual void announce(const Announce &) = 0;
    // Answered when it is known, whatever was asked before or after it.  The
    // error names the first address that is not as it must be.
    virtual void probe(const Probe &, std::function<void(Outcome)>) = 0;
    virtual void list_owned(std::function<void(Owned)>) = 0;
    virtual void count(const Count &, std::function<void(Result<Nat_counts>)>)
        = 0;
};

// Port rows in the switch's database.
class Switch {
public:
    virtual ~Switch() = default;
    // Our own rows for 'router', and those of 'ports' that are a user's rows,
    // each with its type.
    virtual std::map<std::string, Switch_port>
    owned(const std::string &router) const = 0;
    virtual std::set<std::string> owners() const = 0; // Routers with any.
    virtual std::map<std::string, std::string>
    user_ports(const std::vector<std::string> &ports) const = 0;
    // Which of 'ports' ovs-vswitchd says it has open.
    virtual std::set<std::string>
    open_ports(const std::vector<std::string> &ports) const = 0;
    // A row that a user made, be it a router port or not.
    virtual std::optional<Port_row>
    user_row(const std::string &port) const = 0;
    virtual bool is_running() const = 0; // ovs-vswitchd.
    // Why ovs-vswitchd does not forward for one of 'ports' yet, if so.
    virtual std::optional<std::string>
    find_unready(const std::vector<std::string> &ports) const = 0;
    // Commits the step, and waits for what ovs-vswitchd has to do for it:
    // until it has done nothing that is waited for, of this step or another,
    // for as long as 'timeout'.
    virtual void apply(const Set_switch &, std::chrono::milliseconds timeout,
                       std::function<void(Outcome)>)
        = 0;
    virtual void apply(const Set_open &, std::chrono::milliseconds timeout,
                       std::function<void(Outcome)>)
        = 0;
    virtual void apply(const Await_open &, std::chrono::milliseconds timeout,
                       std::function<void(Outcome)>)
        = 0;
};

// What people see of a router and its rows.
enum class State { pending, active, failed, degraded, disabled, standby };
const char *to_string(State state);

struct Row_status {
    State state = State::pending;
    std::string error; // Empty: none.

    bool operator==(const Row_status &) const = default;
};

// Of NAT rows; two of them are compared by their digests.
inline Digest
digest_of(const Row_id &id, const Row_status &status)
{
    return digest_of(id.uuid + " " + to_string(status.state) + " "
                     + status.error);
}
using Rule_statuses = Shared_map<Row_id, Row_status>;

struct Status {
    Row_status router;
    std::optional<Row_id> router_row;
    std::map<Row_id, Row_status> rows; // But for NAT rows.
    Rule_statuses rules;
    uint64_t change = 0; // The last change's number; 0: none yet.

    bool operator==(const Status &) const = default;
};

// What the daemon's own database shows of a change once it is committed.
struct News {
    Status status;
    std::optional<int64_t> next_cfg; // As settle(); empty: not further.
    std::optional<Confirm> confirm;  // What waits for it from now on.
};

// A router's rows, to be what they were, and those of users that shall be in
// it again.
struct Rewrite {
    Router_row was, becomes;
    // Only as long as this waits; it is over then.
    std::optional<Confirm> unconfirmed;
    // That does not wait yet: it does while rows of both databases are
    // written.
    bool begins = false;
};

// The daemon's own database, and the status keys of the switch's.
class Journal {
public:
    virtual ~Journal() = default;
    // A number that no change has had, higher than all.
    virtual uint64_t next_number() = 0;
    // Whether the history has this change of the router.
    virtual bool remembers(const std::string &router,
                           uint64_t number) const = 0;
    // Writes the Change row of this number, new or known, and the news of it
    // in the same transaction; EEXIST if a change of another router, or from
    // another state to another one, has this number.
    virtual void record(const Change &, const std::optional<News> &,
                        std::function<void(Outcome)>)
        = 0;
    // Makes the rows show the router's status: while it cannot be written,
    // only the last one is kept.
    virtual void show(const std::string &router, const Status &) = 0;
    // Makes NAT rows show what they have translated, as soon as that can be
    // written.
    virtual void show_counts(const std::string &router,
                             const std::map<Row_id, Nat_count> &)
        = 0;
    // All changes up to now, in the order of their numbers.
    virtual std::vector<Change> history() const = 0;
    // Writes rows of both databases; fails if they are not as they were.
    virtual void rewrite(const Rewrite &, std::function<void(Outcome)>) = 0;
    // This is not asked for any more; what waits already waits on.
    virtual void forget_request(const Confirm &) = 0;
    // It waits for nothing any more.
    virtual void forget(const Confirm &) = 0;
    // All edits up to these numbers of either door are realised or refused.
    virtual void settle(int64_t next_cfg, int64_t vswitch_next_cfg) = 0;
};

class Clock {
public:
    virtual ~Clock() = default;
    virtual std::chrono::milliseconds now() const = 0; // Monotonic.
    // The same as exactly as can be had, to measure by.
    virtual std::chrono::nanoseconds moment() const = 0;
    virtual int64_t wall_ms() const = 0; // Since the epoch, for people.
    virtual void after(std::chrono::milliseconds, std::function<void()>) = 0;
};

// All of it, as whoever drives a change needs it.
struct World {
    Kernel &kernel;
    Switch &vswitch;
    Journal &journal;
    Clock &clock;
    // Kills one process or both without warning; for drills only.
    std::function<void(Victim)> crash;
    // One sentence for the log: names and counts, never an address.
    std::function<void(const std::string &)> log;
    // The same of what an operator should look at.
    std::function<void(const std::string &)> alarm;
};

} // namespace snat
