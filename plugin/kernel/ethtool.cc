#include "kernel/ethtool.hh"

#include "kernel/failure.hh"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace snat {
namespace {

Result<ethtool_value>
ask(const Namespace &inside, const std::string &link, ethtool_value value,
    const std::string &what)
{
    const Visit visit{inside};
    const Fd socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    ifreq request{};
    link.copy(request.ifr_name, sizeof request.ifr_name - 1);
    request.ifr_data = reinterpret_cast<char *>(&value);
    if (!socket || ioctl(socket.get(), SIOCETHTOOL, &request)) {
        return failure(what + " checksum offload of " + link);
    }
    return value;
}

} // namespace

Result<bool>
checksum_offload(const Namespace &inside, const std::string &link)
{
    const auto value = ask(inside, link, {ETHTOOL_GTXCSUM, 0}, "look at");
    return value ? Result<bool>{value->data != 0} : value.error();
}

Outcome
set_checksum_offload(const Namespace &inside, const std::string &link, bool on)
{
    const auto value = ask(inside, link, {ETHTOOL_STXCSUM, on}, "set");
    return value ? Outcome{Done{}} : value.error();
}

} // namespace snat
