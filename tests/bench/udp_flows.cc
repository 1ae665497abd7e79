#include "flows.hh"
#include "places.hh"

#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <thread>

namespace bench {
namespace {

constexpr uint16_t discard = 9; // RFC 863

struct Packet {
    iphdr ip;
    udphdr udp;
};

// Sends packets whose headers it has made itself: a socket for each flow would
// cost more than what is measured.
class Sender {
public:
    explicit Sender(const Way &way)
        : way_{way}, socket_{socket_in(way.from, SOCK_RAW, IPPROTO_RAW)}
    {
        for (size_t i = 0; i < packets_.size(); i++) {
            iphdr &ip = packets_[i].ip;
            ip.version = 4;
            ip.ihl = sizeof ip / 4;
            ip.ttl = IPDEFTTL;
            ip.protocol = IPPROTO_UDP;
            ip.saddr = inet_addr("198.18.255.1");
            packets_[i].udp.dest = htons(discard);
            packets_[i].udp.len = htons(sizeof packets_[i].udp);
            parts_[i] = {&packets_[i], sizeof packets_[i]};
            messages_[i].msg_hdr.msg_name = &names_[i];
            messages_[i].msg_hdr.msg_namelen = sizeof names_[i];
            messages_[i].msg_hdr.msg_iov = &parts_[i];
            messages_[i].msg_hdr.msg_iovlen = 1;
        }
    }

    // Of the flows from this number on, or all of that one.
    void
    send(uint32_t flow, bool is_one)
    {
        for (size_t i = 0; i < packets_.size(); i++) {
            const in_addr_t to = way_.addresses[flow % way_.addresses.size()];
            names_[i] = socket_address(to, 0);
            packets_[i].ip.daddr = to;
            packets_[i].udp.source
                = htons(static_cast<uint16_t>(first_port + flow));
            flow += !is_one;
        }
        if (sendmmsg(socket_.get(), messages_.data(), batch, 0) != batch) {
            give_up("cannot send packets");
        }
    }

    static constexpr int batch = 10;

private:
    static constexpr uint32_t first_port = 10000;

    const Way &way_;
    snat::Fd socket_;
    std::array<Packet, batch> packets_{};
    std::array<sockaddr_in, batch> names_{};
    std::array<iovec, batch> parts_{};
    std::array<mmsghdr, batch> messages_{};
};

// Takes what comes, and does not answer.
snat::Fd
open_sink(const std::string &place)
{
    snat::Fd sink = socket_in(place, SOCK_DGRAM);
    const sockaddr_in name = socket_address(INADDR_ANY, discard);
    if (bind(sink.get(), reinterpret_cast<const sockaddr *>(&name),
             sizeof name)) {
        give_up("cannot receive packets");
    }
    return sink;
}

// A batch has arrived when it is sent, since the kernel does it on the way,
// and is small enough that others on the machine rarely come in between.
double
flood(const Way &way, bool is_one)
{
    const snat::Fd sink = open_sink(way.to);
    Sender sender{way};
    if (is_one) {
        sender.send(0, true);
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    const uint32_t before = received(way.to);
    uint32_t sent = 0;
    const Timing batches = time_each([&] {
        sender.send(is_one ? 0 : sent, is_one);
        sent += Sender::batch;
    });
    const double share = double(received(way.to) - before) / sent;
    return 1e3 * Sender::batch / batches.at(0.5) * share;
}

} // namespace

double
new_flows(const Way &way)
{
    return flood(way, false);
}

double
packets(const Way &way)
{
    return flood(way, true);
}

} // namespace bench
