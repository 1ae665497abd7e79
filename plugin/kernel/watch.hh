// What changes behind our back, told by the kernel as it happens.  One socket
// on the node hears of the links, addresses and routes of every namespace
// that has a number there (NETLINK_LISTEN_ALL_NSID, linux/netlink.h), another
// of every commit of nf_tables; and the table of mounts tells that a name may
// have gone.  What is heard says where to look, not what is there, so what a
// request of our own has caused need not be told from the rest: a look covers
// all that was heard before it.
#pragma once

#include "change/world.hh"
#include "kernel/fd.hh"
#include "kernel/namespaces.hh"
#include "kernel/netlink.hh"
#include "router/result.hh"

#include <poll.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>

namespace snat {

class Watch {
public:
    using Clock = std::chrono::steady_clock;

    static Result<Watch> open(Namespaces &namespaces);

    // What to wait for, before hear() is called with how it came out; also
    // when something is due.
    std::array<pollfd, 3> polled() const;
    std::optional<Clock::time_point> deadline() const;
    void hear(const std::array<pollfd, 3> &polled);

    // A look is taken now: all that was told before it has been heard.
    void looks_at(const Observe &what);

    // What a request of our own has caused can wait for the look that follows.
    void expects_look();

    // What is to be told, not more often than every 20 ms.
    std::optional<Moved> take();

private:
    Watch(Namespaces &namespaces, Fd route, Fd netfilter, Fd mounts)
        : namespaces_{namespaces}, route_{std::move(route)},
          netfilter_{std::move(netfilter)}, mounts_{std::move(mounts)}
    {
    }
    bool hear_messages(const Fd &socket, bool links);
    void hear_all(const Fd &socket, bool links);
    void hear_datagram(std::optional<int> number, std::span<const char> bytes,
                       bool links);
    void hear_of_namespace(int number, uint16_t type, const Reply &news);
    void hear_of_node(uint16_t type, const Reply &news);
    void lose();

    Namespaces &namespaces_;
    Fd route_, netfilter_, mounts_;
    Moved heard_;
    std::set<std::string> sysctls_; // Of these routers, too.
    Clock::time_point quiet_until_{};
};

} // namespace snat
