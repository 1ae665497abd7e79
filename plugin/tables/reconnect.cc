#include "tables/reconnect.hh"

namespace snat {
namespace {

constexpr long long pause = 250; // Milliseconds.

bool
answers(const std::string &remote)
{
    stream *found;
    if (stream_open(remote.c_str(), &found, DSCP_DEFAULT)) {
        return false;
    }
    const bool connected = !stream_connect(found);
    stream_close(found);
    return connected;
}

} // namespace

bool
Reconnect::is_away() const
{
    return !ovsdb_idl_is_connected(idl_);
}

void
Reconnect::count()
{
    if (is_away()) {
        is_gone_ = was_here_;
    } else {
        times_back_ += is_gone_;
        is_gone_ = false;
        was_here_ = true;
    }
}

void
Reconnect::run()
{
    count();
    if (!is_away() || !remote_.starts_with("unix:")) {
        ask_at_ = 0;
    } else if (time_msec() >= ask_at_) {
        // Another session begins without a pause.
        if (ask_at_ && answers(remote_)) {
            ovsdb_idl_set_remote(idl_, nullptr, true);
            ovsdb_idl_set_remote(idl_, remote_.c_str(), true);
        }
        ask_at_ = time_msec() + pause;
    }
}

bool
Reconnect::has_come_anew()
{
    const unsigned seqno = ovsdb_idl_get_seqno(idl_);
    was_away_ = was_away_ || is_away();
    const bool is_anew = was_away_ && seqno != seqno_;
    seqno_ = seqno;
    was_away_ = was_away_ && !is_anew;
    return is_anew;
}

void
Reconnect::wait() const
{
    if (ask_at_) {
        poll_timer_wait_until(ask_at_);
    }
}

} // namespace snat
