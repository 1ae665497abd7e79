// The commands about translation.

#include "appctl/commands_nat.hh"

#include "router/names.hh"

#include <algorithm>
#include <array>
#include <map>

namespace snat {
namespace {

// "in-port=sg-demo" and so on.
using Words = std::map<std::string, std::string>;

Result<Words>
read_words(const std::vector<std::string> &arguments)
{
    constexpr std::array known
        = {"in-port", "src", "dst", "proto", "sport", "dport"};
    Words words;
    for (const std::string &argument : arguments) {
        const size_t equals = argument.find('=');
        const std::string key = argument.substr(0, equals);
        if (equals == argument.npos
            || std::ranges::find(known, key) == known.end()) {
            return Error{0, quoted(argument)
                                + ": expected in-port=, src=, dst=, proto=, "
                                  "sport= or dport="};
        }
        words[key] = argument.substr(equals + 1);
    }
    return words;
}

Result<uint16_t>
read_port(const Words &words, const char *key)
{
    const auto found = words.find(key);
    const auto number
        = found == words.end() ? std::nullopt : read_number(found->second);
    return number && *number <= 65535
               ? Result{static_cast<uint16_t>(*number)}
               : Error{0,
                       std::string{key} + ": expected a port from 0 to 65535"};
}

Outcome
read_protocol(const Words &words, Packet &packet)
{
    const auto found = words.find("proto");
    if (found == words.end() || found->second == "icmp") {
        return Done{};
    }
    for (auto protocol : {Protocol::tcp, Protocol::udp, Protocol::sctp}) {
        if (found->second == to_string(protocol)) {
            packet.protocol = protocol;
        }
    }
    if (!packet.protocol) {
        return Error{0, "proto: expected tcp, udp, sctp or icmp"};
    }
    const auto sport = read_port(words, "sport"),
               dport = read_port(words, "dport");
    if (!sport || !dport) {
        return sport ? dport.error() : sport.error();
    }
    packet.sport = *sport;
    packet.dport = *dport;
    return Done{};
}

Result<Packet>
read_packet(const Router &router, const Words &words)
{
    Packet packet;
    for (const auto &[key, member] :
         {std::pair{"src", &packet.src}, std::pair{"dst", &packet.dst}}) {
        const auto found = words.find(key);
        const auto ip = found == words.end() ? Error{0, "it is missing"}
                                             : parse_ip(found->second);
        if (!ip) {
            return Error{0, std::string{key} + ": " + ip.error().what};
        }
        *member = *ip;
    }
    if (packet.src.family != packet.dst.family) {
        return Error{0, "src and dst are of different families"};
    }
    const auto port = words.find("in-port");
    packet.in_port = port == words.end() ? "" : port->second;
    if (!router.ports.contains(packet.in_port)) {
        return Error{0, "in-port: expected one of "
                            + joined(port_names(router), ", ")};
    }
    const Outcome fine = read_protocol(words, packet);
    return fine ? Result{packet} : fine.error();
}

} // namespace

Answer
nat_trace(Commands_for &what, const Arguments &arguments)
{
    const auto life = find_router(what, arguments.rest[0]);
    if (!life) {
        return life.error();
    }
    if (!(*life)->good) {
        return Error{0, "router " + arguments.rest[0] + " is not wired"};
    }
    const Router &router = *(*life)->good;
    const auto words
        = read_words({arguments.rest.begin() + 1, arguments.rest.end()});
    if (!words) {
        return words.error();
    }
    const auto packet = read_packet(router, *words);
    return packet
               ? view_trace(*packet, trace(router, *packet), arguments.format)
               : Answer{packet.error()};
}

Answer
nat_who(Commands_for &what, const Arguments &arguments)
{
    const auto ip = parse_ip(arguments.rest[0]);
    const auto port = read_number(arguments.rest[1]);
    if (!ip) {
        return ip.error();
    }
    if (!port || *port > 65535) {
        return Error{0, quoted(arguments.rest[1])
                            + ": expected a port from 0 to 65535"};
    }
    std::map<std::string, std::vector<Behind>> found;
    for (const auto &[name, life] : what.engine.routers()) {
        if (life.good) {
            found[name]
                = who_is(*life.good, *ip, static_cast<uint16_t>(*port));
        }
    }
    return view_who(found, arguments.format);
}

void
nat_stats(unixctl_conn *conn, Commands_for &what, const Arguments &arguments)
{
    what.engine.count(
        arguments.rest[0], arguments.has("--write"),
        [conn, format = arguments.format](const Result<Nat_counts> &counts) {
            reply(conn, counts ? view_counts(*counts, format)
                               : Answer{counts.error()});
        });
}

} // namespace snat
