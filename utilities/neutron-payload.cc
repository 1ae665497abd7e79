// See neutron-payload.hh.
#include "neutron-payload.hh"

#include "neutron-read.hh"
#include "router/helpers.hh"
#include "router/names.hh"
#include "step/json.hh"

#include <array>
#include <limits>

namespace snat::neutron {
namespace {

std::vector<Static_route>
read_routes(const Place &at)
{
    std::vector<Static_route> routes;
    for (const Place &place : at.elements()) {
        routes.push_back(
            {place["destination"].network(), place["nexthop"].ip()});
    }
    return routes;
}

std::vector<Conntrack_helper>
read_helpers(const Place &at)
{
    // That of H.323's calls is one of three, which the kernel tells apart.
    constexpr std::array<std::string_view, 10> helpers{
        "amanda", "ftp",  "h323", "irc",  "netbios-ns",
        "pptp",   "sane", "sip",  "snmp", "tftp"};
    std::vector<Conntrack_helper> all;
    for (const Place &place : at.elements()) {
        std::string name = place["helper"].one_of(helpers);
        name = name == "h323" ? "Q.931" : name;
        const Protocol protocol = read_protocol(place["protocol"]);
        const Helper_kind *kind = find_helper(name);
        if (kind && !kind->takes(protocol)) {
            place["protocol"].refuse(to_string(kind->protocol));
        }
        all.push_back({name, protocol, place["port"].integer(1, 65535)});
    }
    return all;
}

std::vector<Ip>
read_ndp_proxies(const Place &router)
{
    std::vector<Ip> all;
    for (const Place &place : router["ndp_proxies"].elements()) {
        all.push_back(place["ip_address"].ip(Family::ipv6));
    }
    return router["enable_ndp_proxy"].boolean(false) ? all : std::vector<Ip>{};
}

bool
read_enable_snat(const Place &router)
{
    const Place info = router["external_gateway_info"];
    const bool of_gateway
        = info.is_there() ? info["enable_snat"].boolean(true) : true;
    return router["enable_snat"].boolean(of_gateway);
}

void
read_gateway(const Place &at, Reading &reading, Router &router)
{
    if (at["gw_port_host"].is_there()) {
        router.gateway_host = at["gw_port_host"].text();
    }
    if (!at["gw_port"].is_there()) {
        return;
    }
    router.gateway = read_port(at["gw_port"], "qg-", reading);
    // The agent takes the policy from here: the port's own is the switch's.
    if (const Place info = at["external_gateway_info"]; info.is_there()) {
        router.gateway_rates
            = read_rates(info["qos_policy_id"], reading.policies);
    }
}

Router
read_router(const Place &at, Reading &reading)
{
    Router router;
    router.id = at["id"].uuid();
    reading.names.take(router.id, at["id"]);
    if (at["revision_number"].is_there()) {
        router.revision = at["revision_number"].integer(
            0, std::numeric_limits<int64_t>::max());
    }
    router.enabled = at["admin_state_up"].boolean(true);
    router.enable_snat = read_enable_snat(at);
    router.distributed = at["distributed"].boolean(false);
    read_gateway(at, reading, router);
    router.internal = read_internal_ports(
        at[router.distributed ? "_snat_router_interfaces" : "_interfaces"],
        reading);
    router.floating_ips
        = read_floating_ips(at, router.distributed, reading.policies);
    router.routes = read_routes(at["routes"]);
    router.helpers = read_helpers(at["conntrack_helpers"]);
    router.ndp_proxies = read_ndp_proxies(at);
    return router;
}

std::vector<Router>
read_routers(const Place &list, Policies policies)
{
    Reading reading{std::move(policies), {}};
    std::vector<Router> routers;
    for (const Place &at : list.elements()) {
        routers.push_back(read_router(at, reading));
    }
    return routers;
}

// A list, or an object that has one, as the answer to the agent's call has.
std::vector<Router>
read_root(const json_t *json, std::optional<Error> &wrong)
{
    if (json_is_array(json)) {
        return read_routers({json, "routers", wrong}, {});
    }
    const char *key = json_object_get(json, "result") ? "result" : "routers";
    const Place list{json_object_get(json, key), key, wrong};
    if (!list.is_there()) {
        Place{json, "payload", wrong}.refuse(
            "a list of routers, or an object with such a list as routers or "
            "result");
    }
    return read_routers(list,
                        read_policies({json_object_get(json, "qos_policies"),
                                       "qos_policies", wrong}));
}

} // namespace

Result<std::vector<Router>>
read_payload(std::string_view text)
{
    // Which jansson overlooks behind a number.
    if (const auto at = text.find('\0'); at != text.npos) {
        return Error{0, "byte " + std::to_string(at)
                            + ": not JSON: there is a NUL"};
    }
    json_error_t error;
    const Json json{
        json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, &error)};
    if (!json) {
        return Error{0, "line " + std::to_string(error.line) + ", column "
                            + std::to_string(error.column)
                            + ": not JSON: " + plain(error.text)};
    }
    std::optional<Error> wrong;
    auto routers = read_root(json.get(), wrong);
    if (wrong) {
        return *wrong;
    }
    return routers;
}

} // namespace snat::neutron
