#include "change/history.hh"

#include "router/names.hh"
#include "step/json.hh"

#include <algorithm>

namespace snat {

std::string
router_to_text(const std::optional<Router> &router)
{
    return router ? dump(to_json(*router)) : "";
}

std::optional<Router>
router_from_text(const std::string &text)
{
    auto json = parse_json(text);
    if (!json) {
        return std::nullopt;
    }
    auto router = router_from_json(json->get());
    const bool fine
        = router && check_router_name(router->name)
          && std::ranges::all_of(router->ports, [](const auto &port) {
                 return bool(check_link_name(port.first));
             });
    return fine ? std::optional{std::move(*router)} : std::nullopt;
}

} // namespace snat
