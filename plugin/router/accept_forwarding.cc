// What a port's row says of packets that are forwarded by it.

#include "accept_port.hh"

namespace snat {
namespace {

// Leaves 'out' as it is without that option.
template <typename T>
Check
read_option(const Options &options, const char *key,
            Result<T> (*parse)(std::string_view), T &out)
{
    const auto found = options.find(key);
    if (found == options.end()) {
        return std::nullopt;
    }
    auto value = parse(found->second);
    if (!value) {
        return refuse(std::string{key} + " " + value.error().what);
    }
    out = *std::move(value);
    return std::nullopt;
}

} // namespace

Check
Port_reader::read_scopes()
{
    return read_option(row_.options,
                       row_.is_door1() ? "snat-scope" : "address-scope",
                       parse_scopes, port_.scopes);
}

Check
Port_reader::read_mss_clamp()
{
    return row_.is_door1() ? std::nullopt
                           : read_option(row_.options, "mss-clamp",
                                         parse_mss_clamp, port_.mss_clamp);
}

Check
Port_reader::read_ndp_proxy()
{
    const auto found = row_.options.find("ndp-proxy");
    if (row_.is_door1() || found == row_.options.end()
        || found->second.empty()) {
        return std::nullopt;
    }
    if (port_.role == Role::internal) {
        return refuse("ndp-proxy on an internal port: expected it on gateway "
                      "ports only");
    }
    if (port_.mtu < least_ipv6_mtu) {
        return refuse("ndp-proxy with an MTU of " + std::to_string(port_.mtu)
                      + ": expected at least 1280 bytes on a port with IPv6");
    }
    Check refused = read_option(row_.options, "ndp-proxy", parse_ndp_proxy,
                                port_.ndp_proxy);
    for (const Network &prefix : port_.ndp_proxy) {
        const auto is_in = [&](const Ip &ip) { return prefix.contains(ip); };
        if (std::ranges::any_of(port_.networks, is_in, &Network::ip)
            || std::ranges::any_of(port_.gateway_ips, is_in)) {
            refused = refuse("ndp-proxy " + to_string(prefix)
                             + " has an address of the port or a next hop: "
                               "expected hosts behind the router");
        }
    }
    return refused;
}

} // namespace snat
