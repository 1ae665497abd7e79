#include "tables/commits.hh"

namespace snat {

void
Commits::submit(Compose compose, Then then)
{
    queue_.push_back({std::move(compose), std::move(then)});
}

void
Commits::settle()
{
    if (!txn_) {
        return;
    }
    const auto status = ovsdb_idl_txn_commit(txn_.get());
    if (status == TXN_INCOMPLETE) {
        return;
    }
    const std::string error = ovsdb_idl_txn_get_error(txn_.get());
    txn_.reset();
    answer(std::exchange(in_flight_, {}), status, error.c_str());
}

void
Commits::answer(std::vector<Part> parts, ovsdb_idl_txn_status status,
                const char *error)
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
        not_before_change_of_ = ovsdb_idl_get_seqno(idl_);
        queue_.insert(queue_.begin(), std::make_move_iterator(parts.begin()),
                      std::make_move_iterator(parts.end()));
        return;
    case TXN_UNCOMMITTED:
    case TXN_INCOMPLETE:
    case TXN_ABORTED:
    case TXN_ERROR:
        break;
    }
    if (parts.size() == 1) {
        parts[0].then(Error{0, std::string{"the database refused: "} + error});
        return;
    }
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
        part->alone = true;
        queue_.push_front(std::move(*part));
    }
}

bool
Commits::compose(Part &part)
{
    auto composed = part.compose(txn_.get());
    if (!composed) {
        part.then(composed.error());
    }
    return bool(composed);
}

void
Commits::flush()
{
    if (txn_ || queue_.empty()
        || not_before_change_of_ == ovsdb_idl_get_seqno(idl_)) {
        return;
    }
    not_before_change_of_.reset();
    txn_.reset(ovsdb_idl_txn_create(idl_));
    ovsdb_idl_txn_add_comment(txn_.get(), "%s", program_);
    do {
        Part part = std::move(queue_.front());
        queue_.pop_front();
        const bool alone = part.alone;
        if (compose(part)) {
            in_flight_.push_back(std::move(part));
        }
        if (alone) {
            break;
        }
    } while (!queue_.empty() && !queue_.front().alone);
    // Sends it, and may know the answer at once.
    settle();
}

void
Commits::wait() const
{
    if (txn_) {
        ovsdb_idl_txn_wait(txn_.get());
    }
}

} // namespace snat
