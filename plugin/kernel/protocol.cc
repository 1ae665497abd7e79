#include "kernel/protocol.hh"

#include <algorithm>
#include <cerrno>
#include <utility>

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

Look
look_for(const Observe &what)
{
    Look look{what, {}};
    for (const Nat &nat : what.expected) {
        look.expected.push_back(to_string(nat.digest()));
    }
    return look;
}

Seen
tell(Wired wired, const Look &look)
{
    Seen seen{std::move(wired), std::nullopt};
    if (!seen.wired.nat) {
        return seen;
    }
    const auto found = std::ranges::find(look.expected,
                                         to_string(seen.wired.nat->digest()));
    if (found != look.expected.end()) {
        seen.expected = found - look.expected.begin();
        seen.wired.nat.reset();
    }
    return seen;
}

Result<Wired>
understand(Seen seen, const std::vector<Nat> &expected)
{
    if (!seen.expected) {
        return std::move(seen.wired);
    }
    if (seen.wired.nat || *seen.expected >= expected.size()) {
        return Error{EBADMSG, "it has seen what nobody expected"};
    }
    seen.wired.nat = expected[*seen.expected];
    return std::move(seen.wired);
}

} // namespace snat
