#include "places.hh"

#include "client.hh"

#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if_link.h>
#include <sched.h>
#include <sys/socket.h>

namespace bench {
namespace {

void
enter(const snat::Fd &place)
{
    if (setns(place.get(), CLONE_NEWNET)) {
        give_up("cannot enter a network namespace");
    }
}

} // namespace

Inside::Inside(const std::string &place)
    : home_{open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)}
{
    enter(
        snat::Fd{open(("/run/netns/" + place).c_str(), O_RDONLY | O_CLOEXEC)});
}

Inside::~Inside()
{
    enter(home_);
}

snat::Fd
socket_in(const std::string &place, int type, int protocol)
{
    const Inside inside{place};
    snat::Fd made{socket(AF_INET, type | SOCK_CLOEXEC, protocol)};
    if (!made) {
        give_up("cannot make a socket");
    }
    return made;
}

uint32_t
received(const std::string &place)
{
    const Inside inside{place};
    ifaddrs *all = nullptr;
    if (getifaddrs(&all)) {
        give_up("cannot list devices");
    }
    uint32_t packets = 0;
    for (const ifaddrs *one = all; one; one = one->ifa_next) {
        if (!strcmp(one->ifa_name, "eth0") && one->ifa_addr
            && one->ifa_addr->sa_family == AF_PACKET) {
            packets = static_cast<const rtnl_link_stats *>(one->ifa_data)
                          ->rx_packets;
        }
    }
    freeifaddrs(all);
    return packets;
}

void
run(const std::string &commands, const std::string &input)
{
    FILE *shell
        = popen(("set -e\nexec > /dev/null\n" + commands).c_str(), "we");
    if (!shell || fputs(input.c_str(), shell) < 0 || pclose(shell)) {
        give_up(("failed: " + commands).c_str());
    }
}

} // namespace bench
