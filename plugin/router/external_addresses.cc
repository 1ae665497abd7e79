#include "external_addresses.hh"

namespace snat {

void
External_addresses::add(const std::vector<std::string> &ports, const Ip &ip)
{
    for (const std::string &port : ports) {
        if (++rules_[{port, ip}] > 1) {
            continue;
        }
        Addresses &of_port = addresses_[port];
        if (ip.is_v4()) {
            of_port.ipv4.insert(ip);
        } else {
            of_port.ipv6.insert(ip);
        }
    }
}

void
External_addresses::remove(const std::vector<std::string> &ports, const Ip &ip)
{
    for (const std::string &port : ports) {
        const auto found = rules_.find({port, ip});
        if (found == rules_.end() || --found->second > 0) {
            continue;
        }
        rules_.erase(found);
        Addresses &of_port = addresses_[port];
        of_port.ipv4.erase(ip);
        of_port.ipv6.erase(ip);
    }
}

const External_addresses::Addresses &
External_addresses::of(const std::string &port) const
{
    static const Addresses none;
    const auto found = addresses_.find(port);
    return found == addresses_.end() ? none : found->second;
}

const Hosts &
External_addresses::ipv4(const std::string &port) const
{
    return of(port).ipv4;
}

const std::set<Ip> &
External_addresses::ipv6(const std::string &port) const
{
    return of(port).ipv6;
}

} // namespace snat
