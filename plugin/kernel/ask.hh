// Asks on a network who has an address, and hears who says so: ARP by a
// packet socket, neighbour discovery by a raw ICMPv6 socket, whose source is
// the one that the kernel itself would take.
#pragma once

#include "kernel/fd.hh"
#include "kernel/links.hh"
#include "kernel/namespaces.hh"
#include "router/result.hh"

#include <functional>
#include <optional>
#include <vector>

namespace snat {

// Somebody has the address, or is about to.
struct Heard {
    uint32_t link = 0; // Its index.
    Ip ip;
    std::optional<Mac> mac; // IPv4 only.
    bool wants = false;     // Only asks whether it is free, as we may do.
};

class Asker {
public:
    // Sockets in the namespace, to ask for these.
    static Result<Asker> open(const Namespace &inside,
                              const std::vector<Ip> &ips);

    // 'sender' counts for IPv4 only, where 0.0.0.0 makes it a probe.
    Outcome ask(const Seen_link &link, const Ip &sender,
                const Ip &target) const;

    // Whether something has come.
    bool is_told() const;
    // What has come, but not without end: the rest is heard next time.
    void hear(const std::function<void(const Heard &)> &then) const;

    // To be waited for.
    std::vector<int> sockets() const;
    // To be closed.
    std::vector<Fd> release();

private:
    Asker(Fd arp, Fd icmp) : arp_{std::move(arp)}, icmp_{std::move(icmp)} {}
    Outcome ask_arp(const Seen_link &, const Ip &sender, const Ip &) const;
    Outcome ask_neighbour(const Seen_link &, const Ip &target) const;
    bool hear_arp(const std::function<void(const Heard &)> &then) const;
    bool hear_icmp(const std::function<void(const Heard &)> &then) const;

    Fd arp_, icmp_; // Of families that are not asked for: none.
};

} // namespace snat
