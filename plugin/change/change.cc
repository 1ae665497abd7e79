#include "change/change.hh"

#include "change/world.hh"

namespace snat {

const char *
to_string(Change_state state)
{
    constexpr const char *names[]
        = {"applying", "committed", "undone", "undo_failed"};
    return names[static_cast<size_t>(state)];
}

const char *
to_string(State state)
{
    constexpr const char *names[]
        = {"pending", "active", "failed", "degraded", "disabled", "standby"};
    return names[static_cast<size_t>(state)];
}

} // namespace snat
