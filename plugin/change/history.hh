// A router as the history keeps it, in the columns "before" and "after" of a
// Change row: the JSON text of a Router, empty where there is none.
#pragma once

#include "router/router.hh"

#include <optional>
#include <string>

namespace snat {

std::string router_to_text(const std::optional<Router> &router);

// Empty also for what cannot be read, or could not be wired: a history may be
// of another version, or have been edited by hand.
std::optional<Router> router_from_text(const std::string &text);

} // namespace snat
