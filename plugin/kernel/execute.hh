// Steps done, in order, and undone when one fails.
#pragma once

#include "change/world.hh"
#include "kernel/flow_ender.hh"
#include "kernel/namespaces.hh"
#include "kernel/sysctls.hh"
#include "router/result.hh"
#include "step/step.hh"

#include <functional>
#include <string>

namespace snat {

// What the server knows and the steps do not.
struct Circumstances {
    // The main process is gone: stop where you are, whatever is half done.
    std::function<bool()> abandoned;
    // Kills one process or both, for Strike.
    std::function<void(Victim)> crash;
};

class Executor {
public:
    Executor(Namespaces &namespaces, Sysctls &sysctls, Flow_ender &flow_ender,
             Circumstances circumstances)
        : namespaces_{namespaces}, sysctls_{sysctls}, flow_ender_{flow_ender},
          circumstances_{std::move(circumstances)}
    {
    }

    // The whole of it, as world.hh says.
    Applied apply(const Apply &what);

private:
    Outcome execute(const std::string &router, const Step &step, bool undoing);
    Applied apply_forward(const Apply &what);
    Applied apply_undo(const Apply &what);
    void undo(const Apply &what, Applied &applied);
    void undo_step(const Apply &what, size_t nth, const Step &step,
                   Applied &applied);

    Namespaces &namespaces_;
    Sysctls &sysctls_;
    Flow_ender &flow_ender_;
    Circumstances circumstances_;
};

} // namespace snat
