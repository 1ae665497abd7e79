// The namespaces that are ours: those that this process made and holds, and
// those that have a name and carry our mark.
#pragma once

#include "change/world.hh"
#include "kernel/fd.hh"
#include "kernel/links.hh"
#include "kernel/netlink.hh"
#include "kernel/netns_dir.hh"
#include "kernel/nft_memory.hh"
#include "kernel/seen_inside.hh"
#include "router/result.hh"
#include "router/wired.hh"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace snat {

// The namespace that the process was started in, where the switch lives.
struct Node {
    Fd net;
    Netlink route;
    Link_memory seen = {};
};

// One router's namespace.  While it is held it exists, with a name or
// without; its sockets are opened when they are first used.
class Namespace {
public:
    Namespace(Node &node, Fd net, File_id id)
        : node_{node}, net_{std::move(net)}, id_{id}
    {
    }

    const Fd &
    net() const
    {
        return net_;
    }
    const File_id &
    id() const
    {
        return id_;
    }
    Node &
    node() const
    {
        return node_;
    }

    Result<Netlink *> route();
    Result<Netlink *> netfilter();
    bool
    has_sockets() const
    {
        return route_ || netfilter_;
    }
    void close_sockets();
    std::optional<Nat_memory> &
    nat_memory()
    {
        return nat_memory_;
    }
    // Nothing if it may not hold any more.
    std::optional<Seen_inside> &
    seen()
    {
        return seen_;
    }
    // Its number on the node, by which the kernel tells news of it; one is
    // given to it if it has none yet.
    Outcome learn_number();
    int
    number() const
    {
        return number_;
    }

private:
    Result<Netlink *> open(std::unique_ptr<Netlink> &socket, int protocol);
    Message number_message(uint16_t type) const;
    Outcome see_number();

    Node &node_;
    Fd net_;
    File_id id_;
    int number_ = -1; // Not learnt.
    std::unique_ptr<Netlink> route_, netfilter_;
    std::optional<Nat_memory> nat_memory_;
    std::optional<Seen_inside> seen_;
};

// While it lives, the calling thread is inside the namespace.  Failing to get
// in throws; failing to get back ends the process, since everything that it
// did afterwards would happen in the wrong place.
class Visit {
public:
    explicit Visit(const Namespace &inside);
    Visit(const Visit &) = delete;
    Visit &operator=(const Visit &) = delete;
    ~Visit();

private:
    const Node &node_;
};

class Namespaces {
public:
    static Result<std::unique_ptr<Namespaces>> open(std::string netns_dir);

    Node &
    node()
    {
        return node_;
    }
    // Deletes what a crash has left of names that were given.  Only for who is
    // alone: another process may be about to give one.
    void
    clear_names() const
    {
        dir_.clear();
    }

    // Who has the router's name, and the namespace that is ours, if any: the
    // one with the name, or one that is held without it.
    struct Found {
        Name_state name = Name_state::free;
        Namespace *inside = nullptr;
        std::string words; // What has the name: "a directory".
    };
    Result<Found> find(const std::string &router);

    // Each is done if it is so already.  The name of something that is not
    // ours is never taken over; a namespace that has its name is not dropped.
    Outcome make(const std::string &router);
    Outcome drop(const std::string &router);
    Outcome publish(const std::string &router);
    Outcome unpublish(const std::string &router);

    // The routers whose namespaces have a name and are ours, and what bears
    // their marks on the node.
    Owned owned();

    // The router whose namespace has this number on the node, if it is held;
    // and that namespace.
    const std::string *router_of(int number) const;
    Namespace *of_number(int number);
    // What was seen may not hold any more, of anything.
    void forget_seen();
    // The routers whose namespaces are held and do not have their name.
    std::vector<std::string> without_name() const;

private:
    Namespaces(std::string netns_dir, Node node)
        : dir_{std::move(netns_dir)}, node_{std::move(node)}
    {
    }
    Result<Namespace *> held(const std::string &router, const File_id &id);
    Result<Namespace *> hold(const std::string &router, Namespace made);
    void let_go(const std::string &router);
    Result<Namespace> create();
    void make_room_for_sockets(const Namespace &of);

    Netns_dir dir_;
    Node node_;
    std::map<std::string, Namespace> held_; // By router.
    std::map<int, std::string> numbered_;   // Routers, by number.
    size_t with_sockets_ = 0;               // Of these; at least so many.
};

} // namespace snat
