// The switch's own database, Open_vSwitch: door 1's rows as values, the port
// rows that the daemon keeps there, and the status keys of door 1.
//
// The daemon writes external_ids of Interface and Open_vSwitch rows, which
// ovs-vswitchd does not look at, and whole rows of its own ports.
#pragma once

#include "change/engine.hh"
#include "change/watched.hh"
#include "change/world.hh"
#include "tables/commits.hh"
#include "tables/idl.hh"
#include "tables/port_mirror.hh"
#include "tables/port_rows.hh"
#include "tables/reconnect.hh"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace snat {

class Vswitch : public Switch {
public:
    Vswitch(const std::string &remote, Clock &clock);

    // Once a turn: news from the server.  True if the content has changed.
    bool run();
    void
    flush()
    {
        commits_.flush();
    }
    void wait() const;
    // The content is there, and nobody else is ovs-snatd here.
    bool is_ready() const;
    bool is_taken_over() const; // Somebody else is ovs-snatd here now.
    Database_state state() const;
    ovsdb_idl *
    idl() const
    {
        return idl_.get();
    }
    bool
    is_idle() const
    {
        return commits_.is_idle();
    }

    // Since it was asked last.
    Changed take_changed();
    std::set<std::string> routers() const; // Of ports of users.
    std::set<std::string> ports() const;   // All.
    Port_there look_at(const std::string &port) const;
    // Adds this database's part.
    void read(const std::string &router, Rows_of_router &rows) const;
    void read_global(Snapshot &snapshot) const;
    // Makes the Interface rows in 'status' show it.
    void show(const std::string &router, const Status &status);
    void settle(int64_t next_cfg);
    // Users' rows that are or shall be router ports.
    void rewrite(const Router_row &was, const Router_row &becomes,
                 Commits::Then then);

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
    find_unready(const std::vector<std::string> &ports) const override;
    void apply(const Set_switch &step, std::chrono::milliseconds timeout,
               std::function<void(Outcome)> then) override;
    void apply(const Set_open &step, std::chrono::milliseconds timeout,
               std::function<void(Outcome)> then) override;
    void apply(const Await_open &step, std::chrono::milliseconds timeout,
               std::function<void(Outcome)> then) override;

private:
    // A step whose rows are committed and whose ports ovs-vswitchd has yet
    // to take up, or first to let go of, and whose devices have yet to go.
    struct Awaited {
        std::vector<std::string> ports;
        std::chrono::milliseconds since, timeout;
        std::function<void(Outcome)> then;
        std::vector<std::string> closing;
        std::vector<std::string> leaving;
        int switch_pid = 0; // Who has those open.
        // Of rows that were there.
        std::map<std::string, std::string> types;
        size_t open = 0; // Of the ports, when it was looked last.
    };

    void follow();
    void note_reopening();
    void forget_shown();
    void await(Awaited step);
    void look();
    void look_after(std::chrono::milliseconds pause);
    void note_progress(Awaited &step);
    int switch_pid() const;
    std::optional<std::string> find_lingering(const Awaited &step);
    std::optional<std::string> find_lost(const Awaited &step) const;
    bool are_closed(const std::vector<std::string> &ports) const;
    bool is_reopening(const std::string &port) const;
    void open_again();
    void drop_old_status();
    const ovsrec_interface *find_interface(const std::string &name) const;

    Idl idl_;
    Reconnect reconnect_;
    Commits commits_;
    Clock &clock_;
    unsigned seqno_ = 0;
    std::vector<Awaited> awaited_;
    bool to_look_ = false; // At what is awaited, be there news or not.
    std::chrono::milliseconds progress_{}; // When any of it was last done.
    bool opening_ = false;  // What is to be open again is being written.
    bool dropping_ = false; // What has an old status is being written.
    std::map<Row_id, Shown_keys> to_show_;
    Port_mirror ports_;
    std::set<std::string> reopening_; // As was told last.
    Changed changed_;
};

} // namespace snat
