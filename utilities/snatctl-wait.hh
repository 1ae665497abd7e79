// Waiting for others, and what came of it.
#pragma once

#include "tables/ovs.hh"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace snat::ctl {

// What the program ends with, beside EXIT_SUCCESS.
enum Exit_status {
    exit_not_written = 1, // EXIT_FAILURE, which is also ctl_fatal()'s.
    exit_not_realised = 2,
    exit_gave_up = 3, // Waiting.
};

// How long the user is willing to wait, and what for.  Ends the program with
// a plain sentence when that is over, and says once what it waits for when
// that takes long.
class Patience {
public:
    // 0 seconds: for ever, or what $OVS_CTL_TIMEOUT says.
    explicit Patience(unsigned int seconds);

    // In place of poll_block(): the caller has armed what shall wake it, and
    // may have something to do before the program ends.
    void block(
        const std::string &what_for,
        const std::function<void()> &at_end = [] {});

private:
    std::optional<long long> deadline_;
    long long notice_at_;
    unsigned int seconds_;
};

// What our commands run with, beside what those of all databases do.
struct Context : ctl_context {
    Patience *patience;
};

inline Patience &
patience_of(ctl_context *ctx)
{
    return *static_cast<Context *>(ctx)->patience;
}

// The number of each router's newest change.  To be taken before a
// transaction, so that afterwards its own changes can be told from older ones.
using Newest_changes = std::map<std::string, int64_t>;
Newest_changes newest_changes(const ovsdb_idl *idl);

// What is wrong with the defaults of all routers, in SNAT_Global.options; to
// be taken before a transaction as well.
std::vector<std::string> wrong_defaults(const ovsdb_idl *idl);

// Waits until ovs-snatd has dealt with all edits up to 'next_cfg'.
void wait_for_daemon(ovsdb_idl *idl, int64_t next_cfg, Patience &patience);

// Prints what is wrong now, and was not 'before'.  True if nothing is.
bool report_defaults(const ovsdb_idl *idl,
                     const std::vector<std::string> &before);

// Prints why the routers are not as their rows ask, one line for each reason.
// True if there is none.
bool report_routers(const ovsdb_idl *idl, const std::set<std::string> &names,
                    const Newest_changes &before);

// Prints what waits to be confirmed, how and until when.
void report_confirms(const ovsdb_idl *idl, const std::set<std::string> &names);

} // namespace snat::ctl
