#include "kernel/abandoned.hh"

#include <cerrno>

namespace snat {
namespace {

Result<std::optional<Seen_link>>
find_inside(Namespace *inside, const std::string &name)
{
    if (!inside) {
        return std::optional<Seen_link>{};
    }
    const auto route = inside->route();
    return route ? find_link(**route, name)
                 : Result<std::optional<Seen_link>>{route.error()};
}

} // namespace

// The carrier of a tap goes when the last file descriptor does
// (drivers/net/tun.c).
bool
is_abandoned(const Seen_link &link, const std::string &router,
             const std::optional<Seen_link> &inside)
{
    if (link.kind == "tun") {
        return !link.carrier;
    }
    const bool is_whole
        = inside && inside->kind == "veth" && inside->peer == link.index;
    return link.kind == "veth" && link.alias == mark_of(router) && !is_whole;
}

Outcome
remove_abandoned(Node &node, const std::string &name,
                 const std::string &router, Namespace *inside)
{
    const auto link = find_link(node.route, name);
    if (!link || !*link) {
        return link ? Outcome{Done{}} : link.error();
    }
    const auto other_end = find_inside(inside, name);
    if (!other_end) {
        return other_end.error();
    }
    return is_abandoned(**link, router, *other_end)
               ? delete_link(node.route, **link)
               : Error{EBUSY, "will not delete " + name
                                  + " on the node: somebody uses it"};
}

} // namespace snat
