#include "flows.hh"
#include "places.hh"

#include <atomic>
#include <functional>
#include <numeric>
#include <sys/socket.h>
#include <thread>

namespace bench {
namespace {

constexpr uint16_t port = 5001;

// Accepts what comes to any address of a place, one after the other.
class Server {
public:
    Server(const std::string &place, std::function<void(int)> serve)
        : socket_{socket_in(place, SOCK_STREAM)}, serve_{std::move(serve)}
    {
        const int on = 1;
        const sockaddr_in name = socket_address(INADDR_ANY, port);
        setsockopt(socket_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (bind(socket_.get(), reinterpret_cast<const sockaddr *>(&name),
                 sizeof name)
            || listen(socket_.get(), SOMAXCONN)) {
            give_up("cannot listen");
        }
        thread_ = std::thread{[this] { run(); }};
    }
    ~Server()
    {
        shutdown(socket_.get(), SHUT_RD);
        thread_.join();
    }
    Server(const Server &) = delete;
    Server &operator=(const Server &) = delete;

private:
    void
    run()
    {
        for (;;) {
            const snat::Fd caller{accept(socket_.get(), nullptr, nullptr)};
            if (caller.get() < 0) {
                return; // Shut down.
            }
            serve_(caller.get());
        }
    }

    snat::Fd socket_;
    std::function<void(int)> serve_;
    std::thread thread_;
};

// From where this thread is.  It ends with a reset, for else its port would
// have to rest for a minute.
snat::Fd
connect_to(in_addr_t address)
{
    snat::Fd out{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const linger at_once{1, 0};
    setsockopt(out.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    const sockaddr_in name = socket_address(address, port);
    if (connect(out.get(), reinterpret_cast<const sockaddr *>(&name),
                sizeof name)) {
        give_up("cannot connect");
    }
    return out;
}

} // namespace

double
connections(const Way &way)
{
    const Server server{way.to, [](int) {}};
    const Inside inside{way.from};
    size_t made = 0;
    const Timing each = time_each(
        [&] { connect_to(way.addresses[made++ % way.addresses.size()]); });
    return 1e3 / each.at(0.5);
}

double
throughput(const Way &way)
{
    std::atomic<uint64_t> bytes = 0;
    const Server server{way.to, [&](int caller) {
                            static char buffer[1 << 18];
                            for (ssize_t n = 1; n > 0;) {
                                n = recv(caller, buffer, sizeof buffer, 0);
                                bytes += n > 0 ? n : 0;
                            }
                        }};
    const Inside inside{way.from};
    const snat::Fd out = connect_to(way.addresses.back());
    const std::string much(1 << 18, 'x');
    const Timing each = time_each([&] {
        if (send(out.get(), much.data(), much.size(), MSG_NOSIGNAL) < 0) {
            give_up("cannot send");
        }
    });
    const double ms = std::accumulate(each.ms.begin(), each.ms.end(), 0.0);
    return 8e-6 * static_cast<double>(bytes) / ms;
}

} // namespace bench
