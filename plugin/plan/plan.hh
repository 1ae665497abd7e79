// The difference between what is wished for and what was seen, as steps in
// the one order in which nobody is ever half served:
//
//   - make before break: what is new is there before what is old goes;
//   - NAT rules are loaded before a link comes up, and unloaded after it went
//     down, so no packet leaves untranslated;
//   - a namespace gets its name when it is complete;
//   - what cannot be turned round comes last.
//
// Pure functions of values.
#pragma once

#include "plan/picture.hh"
#include "step/step.hh"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace snat {

// What is asked of the networks on the way, which nothing but the steps there
// can tell.
struct Checks {
    // Nobody else has the IPv4 addresses that are new on a port: asked before
    // they are set, while the old ones are still in use.
    bool duplicates = false;
    // These answer, by port: asked before a route goes by them.
    std::map<std::string, std::vector<Ip>> next_hops;

    bool operator==(const Checks &) const = default;
};

// The next hops of the ports that are other in 'after' than in 'before'.
std::map<std::string, std::vector<Ip>>
changed_next_hops(const std::optional<Router> &before,
                  const std::optional<Router> &after);

// The steps from 'seen' to 'wished'; none if they agree.  A wish without a
// namespace asks for all to be gone.
std::vector<Step> plan(const Picture &wished, const Picture &seen,
                       const Checks &checks = {});

// What undoes 'steps': their inverses in reverse order.  Checks leave nothing
// to be undone.
std::vector<Step> inverse(const std::vector<Step> &steps);

} // namespace snat
