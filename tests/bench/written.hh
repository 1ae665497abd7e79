// What is written while something happens that should write nothing: news of
// links, addresses, routes, rules and nf_tables in all namespaces of the node,
// and bytes of the databases' files.
#pragma once

#include "facts.hh"

#include "kernel/fd.hh"

#include <cstdint>
#include <vector>

namespace bench {

class Written {
public:
    Written();

    // Since it was made.
    std::vector<Fact> facts();

private:
    snat::Fd route_, netfilter_;
    uintmax_t own_, switch_;
};

} // namespace bench
