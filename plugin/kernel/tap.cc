#include "kernel/tap.hh"

#include "kernel/failure.hh"
#include "kernel/links.hh"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>

namespace snat {
namespace {

Outcome
make_persistent(const Namespace &inside, const std::string &name,
                unsigned int index)
{
    const Visit visit{inside};
    const Fd tun{open("/dev/net/tun", O_RDWR | O_CLOEXEC)};
    ifreq request{};
    name.copy(request.ifr_name, sizeof request.ifr_name - 1);
    request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_TUN_EXCL;
    if (!tun || (index && ioctl(tun.get(), TUNSETIFINDEX, &index))
        || ioctl(tun.get(), TUNSETIFF, &request)
        || ioctl(tun.get(), TUNSETPERSIST, 1)) {
        return failure("make the tap " + name);
    }
    return Done{};
}

} // namespace

Outcome
make_dead_tap(Namespace &inside, const std::string &name, const Device &device)
{
    const auto route = inside.route();
    if (!route) {
        return route.error();
    }
    if (const Outcome made = make_persistent(inside, name, device.index);
        !made) {
        return made;
    }
    const auto link = get_link(**route, name);
    if (!link) {
        return link.error();
    }
    const Outcome changed
        = change_link(**route, *link, {device.mac, device.mtu});
    if (!changed) {
        (void)delete_link(**route, *link);
    }
    return changed;
}

} // namespace snat
