#include "flows.hh"

#include <chrono>

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr Milliseconds long_enough{200};

} // namespace

Timing
time_each(const std::function<void()> &task)
{
    Timing timing;
    const auto start = Clock::now();
    for (auto before = start; before - start < long_enough;) {
        task();
        const auto now = Clock::now();
        timing.ms.push_back(Milliseconds{now - before}.count());
        before = now;
    }
    return timing;
}

sockaddr_in
socket_address(in_addr_t address, uint16_t port)
{
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = address;
    name.sin_port = htons(port);
    return name;
}

} // namespace bench
