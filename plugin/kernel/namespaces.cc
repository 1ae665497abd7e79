#include "kernel/namespaces.hh"

#include "kernel/failure.hh"
#include "kernel/links.hh"
#include "kernel/nft.hh"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/net_namespace.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sched.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace snat {
namespace {

// The loopback device has this index in every namespace.
constexpr int loopback_index = 1;

// Two sockets a namespace and 20,000 descriptors a process, which is a usual
// limit: beyond so many namespaces the sockets are opened anew when needed.
constexpr size_t max_with_sockets = 2000;

Result<Fd>
open_current_namespace()
{
    Fd net{open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)};
    if (!net) {
        return failure("open the network namespace");
    }
    return net;
}

// With the second mark of a namespace, for who flushes all rules takes the
// first.
Outcome
set_loopback_up(Netlink &route, const std::string &router)
{
    ifinfomsg link{};
    link.ifi_index = loopback_index;
    link.ifi_flags = link.ifi_change = IFF_UP;
    Message message{RTM_NEWLINK, 0};
    message.header(link).put_text(IFLA_IFALIAS, mark_of(router));
    return route.send(message, "set lo up in a new namespace");
}

Result<bool>
is_marked(Namespace &found, const std::string &router)
{
    const auto netfilter = found.netfilter();
    if (!netfilter) {
        return netfilter.error();
    }
    const auto marked = carries_mark(**netfilter, router);
    if (!marked || *marked) {
        return marked;
    }
    const auto route = found.route();
    if (!route) {
        return route.error();
    }
    const auto loopback = find_link(**route, "lo");
    if (!loopback) {
        return loopback.error();
    }
    return *loopback && (*loopback)->alias == mark_of(router);
}

} // namespace

Result<Netlink *>
Namespace::open(std::unique_ptr<Netlink> &socket, int protocol)
{
    if (!socket) {
        const Visit visit{*this};
        auto opened = Netlink::open(protocol);
        if (!opened) {
            return opened.error();
        }
        socket = std::make_unique<Netlink>(*std::move(opened));
    }
    return socket.get();
}

Result<Netlink *>
Namespace::route()
{
    return open(route_, NETLINK_ROUTE);
}

Result<Netlink *>
Namespace::netfilter()
{
    return open(netfilter_, NETLINK_NETFILTER);
}

void
Namespace::close_sockets()
{
    route_.reset();
    netfilter_.reset();
}

Message
Namespace::number_message(uint16_t type) const
{
    Message message{type, 0};
    message.header(rtgenmsg{AF_UNSPEC});
    message.put_u32(NETNSA_FD, static_cast<uint32_t>(net_.get()));
    return message;
}

// The kernel's word for no number is a negative one.
Outcome
Namespace::see_number()
{
    const auto replies = node_.route.ask(number_message(RTM_GETNSID),
                                         "learn a namespace's number");
    if (!replies) {
        return replies.error();
    }
    for (const Reply &reply : *replies) {
        if (const auto number = reply.attributes(NLMSG_ALIGN(sizeof(rtgenmsg)))
                                    .u32(NETNSA_NSID)) {
            number_ = static_cast<int>(*number);
        }
    }
    return Done{};
}

Outcome
Namespace::learn_number()
{
    const Outcome seen = see_number();
    if (!seen || number_ >= 0) {
        return seen;
    }
    Message give = number_message(RTM_NEWNSID);
    give.put_u32(NETNSA_NSID, static_cast<uint32_t>(NETNSA_NSID_NOT_ASSIGNED));
    const Outcome given = node_.route.send(give, "number a namespace");
    if (!given) {
        return given;
    }
    const Outcome seen_again = see_number();
    return seen_again && number_ < 0
               ? Error{ENOENT, "the kernel has not numbered a namespace"}
               : seen_again;
}

Visit::Visit(const Namespace &inside) : node_{inside.node()}
{
    if (setns(inside.net().get(), CLONE_NEWNET)) {
        throw std::system_error{errno, std::generic_category(),
                                "cannot enter a namespace"};
    }
}

Visit::~Visit()
{
    if (setns(node_.net.get(), CLONE_NEWNET)) {
        abort();
    }
}

Result<std::unique_ptr<Namespaces>>
Namespaces::open(std::string netns_dir)
{
    auto net = open_current_namespace();
    if (!net) {
        return net.error();
    }
    auto route = Netlink::open(NETLINK_ROUTE);
    if (!route) {
        return route.error();
    }
    Node node{*std::move(net), *std::move(route)};
    return std::unique_ptr<Namespaces>{
        new Namespaces{std::move(netns_dir), std::move(node)}};
}

// A namespace is entered here for the first time: what it says about itself
// is asked over a socket, so nothing in it is touched.
Result<Namespace *>
Namespaces::held(const std::string &router, const File_id &id)
{
    const auto known = held_.find(router);
    if (known != held_.end() && known->second.id() == id) {
        return &known->second;
    }
    auto net = dir_.open(router);
    if (!net) {
        return net.error();
    }
    const auto opened_id = identify(*net);
    if (!opened_id) {
        return opened_id.error();
    }
    Namespace found{node_, *std::move(net), *opened_id};
    const auto marked = is_marked(found, router);
    if (!marked) {
        return marked.error();
    }
    return *marked ? hold(router, std::move(found))
                   : Result<Namespace *>{nullptr};
}

Result<Namespace *>
Namespaces::hold(const std::string &router, Namespace made)
{
    if (const Outcome learnt = made.learn_number(); !learnt) {
        return learnt.error();
    }
    let_go(router);
    numbered_[made.number()] = router;
    return &held_.emplace(router, std::move(made)).first->second;
}

void
Namespaces::let_go(const std::string &router)
{
    const auto found = held_.find(router);
    if (found != held_.end()) {
        numbered_.erase(found->second.number());
        held_.erase(found);
    }
}

void
Namespaces::make_room_for_sockets(const Namespace &of)
{
    if (of.has_sockets() || ++with_sockets_ < max_with_sockets) {
        return;
    }
    for (auto &[router, inside] : held_) {
        inside.close_sockets();
    }
    with_sockets_ = 1;
}

Result<Namespaces::Found>
Namespaces::find(const std::string &router)
{
    const auto entry = dir_.look(router);
    if (!entry) {
        return entry.error();
    }
    if (entry->kind == Netns_dir::Entry::a_namespace) {
        const auto named = held(router, entry->id);
        if (!named) {
            return named.error();
        }
        if (*named) {
            make_room_for_sockets(**named);
            return Found{Name_state::ours, *named, entry->words};
        }
    }
    const auto unnamed = held_.find(router);
    return Found{
        entry->kind == Netns_dir::Entry::nothing ? Name_state::free
                                                 : Name_state::foreign,
        unnamed == held_.end() ? nullptr : &unnamed->second, entry->words};
}

Result<Namespace>
Namespaces::create()
{
    if (unshare(CLONE_NEWNET)) {
        return failure("make a namespace");
    }
    auto net = open_current_namespace();
    if (setns(node_.net.get(), CLONE_NEWNET)) {
        abort(); // As in ~Visit().
    }
    if (!net) {
        return net.error();
    }
    const auto id = identify(*net);
    if (!id) {
        return id.error();
    }
    return Namespace{node_, *std::move(net), *id};
}

Outcome
Namespaces::make(const std::string &router)
{
    const auto found = find(router);
    if (!found) {
        return found.error();
    }
    if (found->inside) {
        return Done{};
    }
    auto made = create();
    if (!made) {
        return made.error();
    }
    const auto route = made->route();
    if (!route) {
        return route.error();
    }
    const Outcome outcome = set_loopback_up(**route, router);
    if (!outcome) {
        return outcome;
    }
    const auto made_here = hold(router, *std::move(made));
    return made_here ? Outcome{Done{}} : made_here.error();
}

// The kernel takes the namespace apart by itself, later.
Outcome
Namespaces::drop(const std::string &router)
{
    const auto found = find(router);
    if (!found) {
        return found.error();
    }
    if (found->inside && found->name == Name_state::ours) {
        return Error{EBUSY, "cannot drop the namespace of router " + router
                                + ": it still has its name"};
    }
    let_go(router);
    dir_.clear(router);
    return Done{};
}

Outcome
Namespaces::publish(const std::string &router)
{
    const auto found = find(router);
    if (!found) {
        return found.error();
    }
    if (found->name == Name_state::foreign) {
        return Error{EEXIST, dir_.file(router) + " is " + found->words
                                 + " and not ours: remove it, or rename the "
                                   "router"};
    }
    if (!found->inside) {
        return Error{ENOENT, "router " + router + " has no namespace"};
    }
    return found->name == Name_state::ours
               ? Outcome{Done{}}
               : dir_.publish(router, found->inside->net());
}

// A namespace whose name was taken by something else has none any more.
Outcome
Namespaces::unpublish(const std::string &router)
{
    const auto found = find(router);
    if (!found) {
        return found.error();
    }
    return found->name == Name_state::ours
               ? dir_.unpublish(router, found->inside->net())
               : Outcome{Done{}};
}

Owned
Namespaces::owned()
{
    Owned owned;
    for (const std::string &router : dir_.routers()) {
        const auto found = find(router);
        if (found && found->name == Name_state::ours) {
            owned[router];
        }
    }
    if (const auto links = all_links(node_.route)) {
        for (const auto &[name, link] : *links) {
            if (const auto router = marked_router(link)) {
                owned[*router].push_back(name);
            }
        }
    }
    return owned;
}

const std::string *
Namespaces::router_of(int number) const
{
    const auto found = numbered_.find(number);
    return found == numbered_.end() ? nullptr : &found->second;
}

Namespace *
Namespaces::of_number(int number)
{
    const std::string *router = router_of(number);
    return router ? &held_.at(*router) : nullptr;
}

void
Namespaces::forget_seen()
{
    node_.seen = {};
    for (auto &[router, inside] : held_) {
        inside.seen().reset();
    }
}

std::vector<std::string>
Namespaces::without_name() const
{
    std::vector<std::string> routers;
    for (const auto &[router, inside] : held_) {
        const auto entry = dir_.look(router);
        if (!entry || entry->id != inside.id()) {
            routers.push_back(router);
        }
    }
    return routers;
}

} // namespace snat
