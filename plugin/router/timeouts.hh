// How long connection tracking remembers a flow of which nothing comes any
// more: what may be asked for, and how a new namespace has it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace snat {

struct Timeout {
    const char *name;   // In options: "tcp-established".
    const char *sysctl; // Below /proc/sys/net/netfilter.
    uint32_t usual;     // Seconds.

    std::string path() const;
};
std::span<const Timeout> all_timeouts();

constexpr uint32_t least_timeout = 1;
// The kernel counts them in an int, of up to 1,000 a second.
constexpr uint32_t most_timeout = 2147483;

// What a namespace has there in which nobody has set anything; nothing if the
// sysctl is no time-out.
std::optional<std::string> usual_timeout(const std::string &sysctl);

} // namespace snat
