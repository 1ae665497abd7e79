#include "heartbeat.hh"

namespace snat {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds pause{5000};

} // namespace

Heartbeat::Heartbeat(Kernel_process &kernel, Clock &clock)
    : kernel_{kernel}, clock_{clock}
{
    ask();
}

void
Heartbeat::ask()
{
    asked_at_ = clock_.now();
    kernel_.ask_usage([this](const Process_usage &usage) {
        usage_ = usage;
        asked_at_.reset();
        clock_.after(pause, [this] { ask(); });
    });
}

milliseconds
Heartbeat::silence() const
{
    return asked_at_ ? clock_.now() - *asked_at_ : milliseconds{};
}

} // namespace snat
