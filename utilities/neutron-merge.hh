// What becomes of the rows that are there: what Neutron says is changed where
// it differs, and what it does not know of stays.
#pragma once

#include "neutron-rows.hh"

#include <set>
#include <string>
#include <vector>

namespace snat::neutron {

// 'there' with those of 'keys' that 'wanted' has, and none of the others.
Options merged(Options there, const std::vector<std::string> &keys,
               const Options &wanted);

// The router with its ports and rules as they are wanted.  Of what it 'was',
// 'foreign' names the rows that are other people's, by UUID.
Router_row becomes(const Router_row &was, const Wanted_router &wanted,
                   const std::set<std::string> &foreign);

} // namespace snat::neutron
