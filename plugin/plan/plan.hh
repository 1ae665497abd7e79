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

#include <vector>

namespace snat {

// The steps from 'seen' to 'wished'; none if they agree.  A wish without a
// namespace asks for all to be gone.
std::vector<Step> plan(const Picture &wished, const Picture &seen);

// What undoes 'steps': their inverses in reverse order.
std::vector<Step> inverse(const std::vector<Step> &steps);

} // namespace snat
