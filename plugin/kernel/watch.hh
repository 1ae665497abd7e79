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
#include "router/result.hh"

#include <poll.h>

#include <array>
#include <chrono>
#include <optional>
#include <span>

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

    // A look is taken now.
    void looks_at(const Observe &what);

    // What is to be told, not more often than every 20 ms.
    std::optional<Moved> take();

private:
    Watch(Namespaces &namespaces, Fd route, Fd netfilter, Fd mounts)
        : namespaces_{namespaces}, route_{std::move(route)},
          netfilter_{std::move(netfilter)}, mounts_{std::move(mounts)}
    {
    }
    void hear_messages(const Fd &socket, bool links);
    void hear_message(std::optional<int> number, std::span<const char> bytes,
                      bool links);

    Namespaces &namespaces_;
    Fd route_, netfilter_, mounts_;
    Moved heard_;
    Clock::time_point quiet_until_{};
};

} // namespace snat
