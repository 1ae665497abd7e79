// Whom news of a database concerns: routers, and ports of the switch.
#pragma once

#include <set>
#include <string>

namespace snat {

struct Changed {
    bool whole = false; // It may be another database: all of them.
    std::set<std::string> routers, ports;

    void
    merge(Changed other)
    {
        whole = whole || other.whole;
        routers.merge(other.routers);
        ports.merge(other.ports);
    }
};

} // namespace snat
