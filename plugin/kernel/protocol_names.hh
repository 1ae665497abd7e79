// The members that say what a message is: see protocol.hh.
#pragma once

namespace snat {

// In the order of the variants.
inline constexpr const char *request_names[]
    = {"observe", "apply", "announce", "list-owned", "probe", "count", "how"};
inline constexpr const char *answer_names[] = {
    "error", "seen", "applied", "owned", "done", "moved", "counts", "usage"};

} // namespace snat
