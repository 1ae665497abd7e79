#include "kernel/protocol.hh"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace snat {
namespace {

// The number of the first one that 'fits'.
std::optional<uint64_t>
find_expected(const Look &look, auto fits)
{
    const auto found = std::ranges::find_if(look.expected, fits);
    return found == look.expected.end()
               ? std::nullopt
               : std::optional<uint64_t>{found - look.expected.begin()};
}

} // namespace

// Of an undo, whose every step is tried, all are still to be done.
Answer_body
refusal(const Request_body &body, const Error &why)
{
    const auto *apply = std::get_if<Apply>(&body);
    if (!apply) {
        return why;
    }
    Applied applied;
    applied.error = why;
    if (apply->undoing) {
        applied.outstanding = apply->steps;
        applied.undo_error = why;
    }
    return applied;
}

Look
look_for(const Observe &what)
{
    Look look{what, {}};
    for (const Many &many : what.expected) {
        Digests &digests = look.expected.emplace_back();
        digests.nat = to_string(many.nat.digest());
        for (const auto &[link, hosts] : many.hosts) {
            digests.hosts[link] = to_string(hosts.digest());
        }
    }
    return look;
}

Seen
tell(Wired wired, const Look &look)
{
    Seen seen;
    if (wired.nat) {
        seen.nat
            = find_expected(look, [digest = to_string(wired.nat->digest())](
                                      const Digests &expected) {
                  return expected.nat == digest;
              });
    }
    if (seen.nat) {
        wired.nat.reset();
    }
    for (auto &[name, link] : wired.links) {
        const auto number
            = find_expected(look, [&, digest = to_string(link.hosts.digest())](
                                      const Digests &expected) {
                  const auto hosts = expected.hosts.find(name);
                  return hosts != expected.hosts.end()
                         && hosts->second == digest;
              });
        if (number) {
            seen.hosts[name] = *number;
            link.hosts = {};
        }
    }
    seen.wired = std::move(wired);
    return seen;
}

Result<Wired>
understand(Seen seen, const std::vector<Many> &expected)
{
    const Error stranger{EBADMSG, "it has seen what nobody expected"};
    if (seen.nat) {
        if (seen.wired.nat || *seen.nat >= expected.size()) {
            return stranger;
        }
        seen.wired.nat = expected[*seen.nat].nat;
    }
    for (const auto &[name, number] : seen.hosts) {
        const auto link = seen.wired.links.find(name);
        if (link == seen.wired.links.end() || !link->second.hosts.empty()
            || number >= expected.size()
            || !expected[number].hosts.contains(name)) {
            return stranger;
        }
        link->second.hosts = expected[number].hosts.at(name);
    }
    return std::move(seen.wired);
}

} // namespace snat
