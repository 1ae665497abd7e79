#include "bench.hh"

#include "kernel/netlink.hh"

#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>
#include <thread>
#include <time.h>
#include <vector>

namespace bench {
namespace {

constexpr uint32_t loopback = 1; // Its index in every namespace.

// Of this thread, and what the kernel does for it.
double
used_ms()
{
    timespec used;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) * 1e3
           + static_cast<double>(used.tv_nsec) / 1e6;
}

void
add_address(snat::Netlink &route, uint32_t number)
{
    ifaddrmsg header{};
    header.ifa_family = AF_INET;
    header.ifa_prefixlen = 32;
    header.ifa_index = loopback;
    snat::Message message{RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, 256};
    message.header(header).put_be32(IFA_LOCAL, 0x0a010000 + number);
    if (const auto done = route.send(message, "add an address"); !done) {
        give_up(done.error().what.c_str());
    }
}

void
set_up(snat::Netlink &route)
{
    ifinfomsg header{};
    header.ifi_index = loopback;
    header.ifi_flags = header.ifi_change = IFF_UP;
    snat::Message message{RTM_NEWLINK, 0, 256};
    message.header(header);
    if (const auto done = route.send(message, "set lo up"); !done) {
        give_up(done.error().what.c_str());
    }
}

void
cool_caches()
{
    static std::vector<char> much(64 << 20);
    for (char &byte : much) {
        byte++;
    }
}

// In a namespace for this thread alone; it ends with the thread.
double
measure(uint32_t have, uint32_t rounds, bool is_cold)
{
    if (unshare(CLONE_NEWNET)) {
        give_up("cannot make a network namespace");
    }
    auto route = snat::Netlink::open(NETLINK_ROUTE);
    if (!route) {
        give_up(route.error().what.c_str());
    }
    set_up(*route);
    uint32_t number = 0;
    while (number < have) {
        add_address(*route, number++);
    }
    double all = 0;
    for (uint32_t i = 0; i < rounds; i++) {
        if (is_cold) {
            cool_caches();
        }
        const double before = used_ms();
        add_address(*route, number++);
        all += used_ms() - before;
    }
    return all / rounds;
}

} // namespace

double
kernel_alone_ms(uint32_t have, uint32_t rounds, bool is_cold)
{
    double ms = 0;
    std::thread{[&] { ms = measure(have, rounds, is_cold); }}.join();
    return ms;
}

} // namespace bench
