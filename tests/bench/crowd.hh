// Many routers alike, in the database and wired.
#pragma once

#include "sample.hh"

#include <string>
#include <vector>

namespace bench {

// What the environment says, such as "0,100".
std::vector<int> numbers_in(const char *variable, const char *usually);

// Numbers from 'first' on, wired as pairs.
std::vector<Sample> samples(int first, int count, bool are_floor = false);

// As many changes at once as there are, and time for ovs-vswitchd, which needs
// longer for all of them than ovs-snatd usually waits.
void set_no_limits(Client &client);

// Milliseconds until ovs-snatd says that it has done all, in one transaction
// or one each.
double time_crowd(Client &client, const std::vector<Sample> &crowd, bool apart,
                  const Write &write);

} // namespace bench
