// The helpers of connection tracking that the kernel may have.
#pragma once

#include "nat.hh"
#include "settings.hh"

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace snat {

struct Helper_kind {
    const char *name;
    Protocol protocol;       // Where none is told.
    bool is_of_both = false; // TCP and UDP.

    bool takes(Protocol other) const;
};
std::span<const Helper_kind> all_helpers();

// Nothing if the kernel has none of that name.
const Helper_kind *find_helper(std::string_view name);

// "ftp:21,sip:5060/udp".  The list counts as a whole: if some of it is not
// fit, 'helpers' stay as they are and 'errors' has a sentence more.
void read_helpers(const std::string &text, std::set<Helper> &helpers,
                  std::vector<std::string> &errors);
std::string helpers_text(const std::set<Helper> &helpers);

} // namespace snat
