// See snatctl-neutron-owners.hh.
#include "snatctl-neutron-owners.hh"

#include "tables/snat_rows.hh"

#include <algorithm>
#include <map>

namespace snat::ctl {
namespace {

using neutron::Wanted_router;

// Whether it is that port of Neutron's, whose UUID nobody else has.  What
// "undo" makes again lacks the mark.
bool
is_remade(const snatrec_router_port *row, const Wanted_router &wanted)
{
    const auto found
        = std::ranges::find(wanted.ports, row->name, &Port_row::name);
    const char *id = smap_get(&row->external_ids, "iface-id");
    return !is_marked(row) && found != wanted.ports.end() && id
           && found->external_ids.contains("iface-id")
           && found->external_ids.at("iface-id") == id;
}

bool
says(const snatrec_nat *row, const Nat_row &rule)
{
    Nat_row there = read_nat_row(row);
    there.id = rule.id;
    return there == rule;
}

bool
is_ours(const snatrec_router_port *row, const Wanted_router &wanted)
{
    return is_marked(row) || is_remade(row, wanted);
}

// A rule without the mark is nobody's in particular: in a router that was made
// again it is ours if it says what is wanted.
bool
is_ours(const snatrec_nat *row, const Wanted_router &wanted, bool remade)
{
    return is_marked(row)
           || (remade
               && std::ranges::any_of(wanted.nat, [&](const Nat_row &rule) {
                      return says(row, rule);
                  }));
}

struct Owned_port {
    const snatrec_router *router;
    const snatrec_router_port *port;
};

} // namespace

bool
is_remade(const snatrec_router *router, const Wanted_router &wanted)
{
    return !is_marked(router) && router->name == wanted.name
           && std::ranges::any_of(ports(router), [&](const auto *port) {
                  return is_remade(port, wanted);
              });
}

bool
is_ours(const snatrec_router *router, const Wanted_router &wanted)
{
    return is_marked(router) || is_remade(router, wanted);
}

// The UUIDs of the router's ports and rules that are other people's.
std::set<std::string>
foreign_rows(const ovsdb_idl *idl, const snatrec_router *router,
             const Wanted_router &wanted)
{
    const bool remade = is_remade(router, wanted);
    std::set<std::string> ids;
    for (const auto *port : ports(router)) {
        if (!is_ours(port, wanted)) {
            ids.insert(uuid_text(port->header_));
        }
    }
    for (const auto *rule : nat(idl, router)) {
        if (!is_ours(rule, wanted, remade)) {
            ids.insert(uuid_text(rule->header_));
        }
    }
    return ids;
}

Error
not_ours(const std::string &what, const std::string &whose)
{
    return {0, what + " is there already and was not made by neutron-sync: "
                   + whose + " without the mark external_ids:" + mark
                   + " is left alone"};
}

Outcome
check_names(const ovsdb_idl *idl, const std::vector<Wanted_router> &wanted)
{
    std::map<std::string, const snatrec_router *> there;
    std::map<std::string, Owned_port> ports_there;
    for (const auto *router : routers(idl)) {
        there[router->name] = router;
        for (const auto *port : ports(router)) {
            ports_there[port->name] = {router, port};
        }
    }
    for (const Wanted_router &router : wanted) {
        const auto found = there.find(router.name);
        if (router.here && found != there.end()
            && !is_ours(found->second, router)) {
            return not_ours("router " + router.name, "a router");
        }
        for (const Port_row &port : router.ports) {
            const auto owned = ports_there.find(port.name);
            if (owned == ports_there.end()) {
                continue;
            }
            const auto &[owner, row] = owned->second;
            if (!is_ours(row, router)) {
                return not_ours("port " + port.name, "a port");
            }
            if (owner->name != router.name) {
                return Error{0, "port " + port.name + " belongs to router "
                                    + owner->name
                                    + ", which is there already: expected a "
                                      "payload that has it no more, with "
                                      "--prune, first"};
            }
        }
    }
    return Done{};
}

std::set<std::string>
marked_routers(const ovsdb_idl *idl)
{
    std::set<std::string> names;
    for (const auto *router : routers(idl)) {
        if (is_marked(router)) {
            names.insert(router->name);
        }
    }
    return names;
}

} // namespace snat::ctl
