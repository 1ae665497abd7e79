#include "static_route.hh"

namespace snat {

std::string
to_string(const Static_route &route)
{
    std::string text
        = (route.by_source ? "from " : "") + to_string(route.prefix);
    if (route.is_discard()) {
        text += " discard";
    } else {
        text += route.next_hop ? " via " + to_string(*route.next_hop) : "";
        text += " on " + route.port;
    }
    text += route.metric ? " metric " + std::to_string(route.metric) : "";
    text += route.table.empty() ? "" : " in table " + route.table;
    return text;
}

} // namespace snat
