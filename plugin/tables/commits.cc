#include "tables/commits.hh"

#include "tables/refusal.hh"

#include <algorithm>

namespace snat {
namespace {

// In milliseconds.  The replica may never show a transaction, if somebody
// wrote over all of it at once.
constexpr long long longest_landing = 1000;

} // namespace

void
Commits::submit(Compose compose, Shows shows, Then then)
{
    queue_.push_back(
        {std::move(compose), std::move(shows), std::move(then), ""});
}

void
Commits::submit_latest(const std::string &key, Compose compose, Shows shows,
                       Then then)
{
    std::erase_if(queue_, [&](const Part &part) { return part.key == key; });
    queue_.push_back(
        {std::move(compose), std::move(shows), std::move(then), key});
}

void
Commits::settle()
{
    if (txn_) {
        const auto status = ovsdb_idl_txn_commit(txn_.get());
        if (status == TXN_INCOMPLETE) {
            return;
        }
        const std::string error = ovsdb_idl_txn_get_error(txn_.get());
        txn_.reset();
        if (status != TXN_SUCCESS) {
            answer(std::exchange(in_flight_, {}), status, error);
            return;
        }
        landing_until_ = time_msec() + longest_landing;
    }
    if (landing_until_ && (has_landed() || time_msec() >= *landing_until_)) {
        landing_until_.reset();
        answer(std::exchange(in_flight_, {}), TXN_SUCCESS, "");
    }
}

// A transaction comes into the replica as one: any part that has come tells
// it.  Others may have been overwritten, by a later part or by somebody.
bool
Commits::has_landed() const
{
    return std::ranges::none_of(in_flight_, &Part::to_be_shown)
           || std::ranges::any_of(in_flight_, [](const Part &part) {
                  return part.to_be_shown && part.shows();
              });
}

void
Commits::answer(std::vector<Part> parts, ovsdb_idl_txn_status status,
                const std::string &error)
{
    switch (status) {
    case TXN_SUCCESS:
    case TXN_UNCHANGED:
        for (Part &part : parts) {
            part.then(Done{});
        }
        return;
    case TXN_TRY_AGAIN:
    case TXN_NOT_LOCKED:
        // What made us lose may have come before the answer.
        not_before_change_of_ = sent_at_;
        queue_.insert(queue_.begin(), std::make_move_iterator(parts.begin()),
                      std::make_move_iterator(parts.end()));
        return;
    case TXN_UNCOMMITTED:
    case TXN_INCOMPLETE:
    case TXN_ABORTED:
    case TXN_ERROR:
        refuse(std::move(parts), error);
        return;
    }
}

void
Commits::refuse(std::vector<Part> parts, const std::string &error)
{
    if (parts.size() == 1) {
        parts[0].then(
            Error{0, "the database refused: " + refusal_words(error)});
        return;
    }
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
        part->alone = true;
        queue_.push_front(std::move(*part));
    }
}

bool
Commits::may_send() const
{
    return !is_under_way() && !queue_.empty()
           && not_before_change_of_ != ovsdb_idl_get_seqno(idl_);
}

void
Commits::flush()
{
    if (may_send()) {
        not_before_change_of_.reset();
        send(take());
    }
}

// One part that must go alone, or all up to such a one.
std::vector<Commits::Part>
Commits::take()
{
    std::vector<Part> parts;
    do {
        parts.push_back(std::move(queue_.front()));
        queue_.pop_front();
    } while (!queue_.empty() && !parts.back().alone && !queue_.front().alone);
    return parts;
}

void
Commits::send(std::vector<Part> parts)
{
    // In the open transaction rows would show what is being written.
    for (Part &part : parts) {
        part.to_be_shown = !part.shows();
    }
    sent_at_ = ovsdb_idl_get_seqno(idl_);
    txn_.reset(ovsdb_idl_txn_create(idl_));
    ovsdb_idl_txn_add_comment(txn_.get(), "%s", program_);
    std::vector<std::pair<Then, Error>> impossible;
    for (Part &part : parts) {
        if (auto composed = part.compose(txn_.get())) {
            in_flight_.push_back(std::move(part));
        } else {
            impossible.emplace_back(std::move(part.then), composed.error());
        }
    }
    // Sends it, and may know the answer at once.
    settle();
    for (auto &[then, error] : impossible) {
        then(error);
    }
}

void
Commits::wait() const
{
    if (txn_) {
        ovsdb_idl_txn_wait(txn_.get());
    } else if (landing_until_) {
        poll_timer_wait_until(*landing_until_);
    } else if (may_send()) {
        // Came up at the end of the turn: an answer known at once, or what
        // somebody submitted upon it.
        poll_immediate_wake();
    }
}

} // namespace snat
