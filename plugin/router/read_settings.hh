// Options of a router, or of all, that set something in its namespace, and
// the way back.
#pragma once

#include "limits.hh"
#include "settings.hh"

#include <string>
#include <vector>

namespace snat {

// The keys that read_settings() knows.
std::vector<const char *> settings_keys();

// 'settings' changed by 'options'.  Each option that is not fit changes
// nothing and adds a sentence to 'errors'.
void read_settings(const Options &options, Settings &settings,
                   std::vector<std::string> &errors);

// 'options' rewritten so that read_settings() makes 'wanted' of 'base'; left
// to the letter if it does already.  A time-out that only 'base' asks for is
// then asked for as the kernel has it.
Options write_settings(Options options, const Settings &base,
                       const Settings &wanted);

} // namespace snat
