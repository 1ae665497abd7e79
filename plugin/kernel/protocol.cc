#include "kernel/protocol.hh"

namespace snat {

// Of an undo, whose every step is tried, all are still to be done.
Answer_body
refusal(const Request_body &body, const Error &why)
{
    const auto *apply = std::get_if<Apply>(&body);
    if (!apply) {
        return why;
    }
    Applied applied;
    applied.error = why;
    if (apply->undoing) {
        applied.outstanding = apply->steps;
        applied.undo_error = why;
    }
    return applied;
}

} // namespace snat
