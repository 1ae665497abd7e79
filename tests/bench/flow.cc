#include "flow.hh"

#include "client.hh"
#include "fleet.hh"
#include "node.hh"

#include <algorithm>
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <string>
#include <sys/socket.h>
#include <utility>

namespace bench {
namespace {

using std::chrono::milliseconds;

constexpr const char *host = "198.19.255.254";
constexpr uint16_t udp_port = 7777;
constexpr milliseconds pause{1}, patience{20000}, delay{500};

// A socket of that namespace.
snat::Fd
open_in(const char *name)
{
    snat::Fd opened;
    std::thread{[&] {
        const std::string path = std::string{"/run/netns/"} + name;
        const snat::Fd net{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
        if (setns(net.get(), CLONE_NEWNET)) {
            give_up("cannot enter a host");
        }
        opened = snat::Fd{
            socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    }}.join();
    return opened;
}

} // namespace

Flow::Flow(int router)
{
    const std::string network = inside_network(router);
    run("node_host inside br-int ip=" + network + "5/24 via=" + network + "1");
    run(std::string{"node_host outside br-ex ip="} + host + "/15");
    inside_ = open_in("inside");
    outside_ = open_in("outside");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(udp_port);
    inet_pton(AF_INET, host, &address.sin_addr);
    const auto *to = reinterpret_cast<const sockaddr *>(&address);
    if (bind(outside_.get(), to, sizeof address)
        || connect(inside_.get(), to, sizeof address)) {
        give_up("the hosts cannot open their ports");
    }
    wait_until_through();
    thread_ = std::thread{[this] { flow(); }};
}

Flow::~Flow()
{
    end();
    run("ovs-vsctl --no-wait del-port inside -- del-port outside; "
        "ip link del inside; ip link del outside; "
        "ip netns del inside; ip netns del outside");
}

void
Flow::wait_until_through()
{
    const auto until = Clock::now() + patience;
    while (!receive()) {
        if (Clock::now() > until) {
            give_up("the router does not forward");
        }
        (void)send(inside_.get(), "", 1, 0);
        std::this_thread::sleep_for(pause);
    }
    std::this_thread::sleep_for(delay);
    while (receive()) {
    }
    last_ = Clock::now();
}

bool
Flow::receive()
{
    char datagram;
    return recv(outside_.get(), &datagram, sizeof datagram, 0) == 1;
}

// What was sent last has its time to arrive.
void
Flow::flow()
{
    auto ends_at = Clock::time_point::max();
    auto next = Clock::now();
    while (Clock::now() < ends_at) {
        if (!ends_) {
            sent_ += send(inside_.get(), "", 1, 0) == 1;
        } else if (ends_at == Clock::time_point::max()) {
            ends_at = Clock::now() + delay;
        }
        while (receive()) {
            received_++;
            longest_
                = std::max(longest_, decltype(longest_){Clock::now() - last_});
            last_ = Clock::now();
        }
        next += pause;
        std::this_thread::sleep_until(next);
    }
}

bool
Flow::is_through()
{
    const uint64_t before = std::exchange(seen_, received_);
    return seen_ != before;
}

void
Flow::end()
{
    ends_ = true;
    if (thread_.joinable()) {
        thread_.join();
    }
}

std::vector<Fact>
Flow::facts(std::optional<double> may_lose)
{
    end();
    return {{"datagrams sent", double(sent_), ""},
            {"datagrams lost", double(sent_ - received_), "", may_lose},
            {"longest silence of the flow", longest_.count(), "ms"}};
}

} // namespace bench
