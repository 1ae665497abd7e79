// Asks the kernel process again and again how it is: what that says is told to
// who watches the daemon, and that it says nothing as well.
#pragma once

#include "change/watched.hh"
#include "kernel/client.hh"

#include <chrono>
#include <optional>

namespace snat {

class Heartbeat {
public:
    Heartbeat(Kernel_process &kernel, Clock &clock);

    // As it was told last.
    const std::optional<Process_usage> &
    usage() const
    {
        return usage_;
    }
    // For how long it has owed an answer; 0: it does not.
    std::chrono::milliseconds silence() const;

private:
    void ask();

    Kernel_process &kernel_;
    Clock &clock_;
    std::optional<Process_usage> usage_;
    std::optional<std::chrono::milliseconds> asked_at_;
};

} // namespace snat
