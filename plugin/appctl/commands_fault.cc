// The commands that make failures on purpose.

#include "appctl/commands_fault.hh"

#include "router/names.hh"

#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

namespace snat {
namespace {

// The number of a step, from 1.
Result<size_t>
read_step(const Arguments &arguments)
{
    const auto step = read_number(arguments.rest[0]);
    if (!step || *step == 0) {
        return Error{0, quoted(arguments.rest[0])
                            + ": expected the number of a step, from 1"};
    }
    return size_t{*step};
}

// An errno value, by number or by name.
Result<int>
read_errno(const Arguments &arguments)
{
    constexpr std::pair<std::string_view, int> names[] = {
        {"EPERM", EPERM},
        {"ENOENT", ENOENT},
        {"EIO", EIO},
        {"EAGAIN", EAGAIN},
        {"ENOMEM", ENOMEM},
        {"EACCES", EACCES},
        {"EBUSY", EBUSY},
        {"EEXIST", EEXIST},
        {"ENODEV", ENODEV},
        {"EINVAL", EINVAL},
        {"EMFILE", EMFILE},
        {"ENOSPC", ENOSPC},
        {"EOPNOTSUPP", EOPNOTSUPP},
        {"ENETUNREACH", ENETUNREACH},
        {"ENOBUFS", ENOBUFS},
        {"ETIMEDOUT", ETIMEDOUT},
    };
    if (arguments.rest.size() < 2) {
        return EIO;
    }
    const std::string &text = arguments.rest[1];
    for (const auto &[name, value] : names) {
        if (text == name) {
            return value;
        }
    }
    const auto number = read_number(text);
    if (!number || *number == 0 || *number > 4095) {
        return Error{0, quoted(text)
                            + ": expected an errno value, by number or by "
                              "name such as ENOSPC"};
    }
    return static_cast<int>(*number);
}

Answer
fault_fail_step(Commands_for &what, const Arguments &arguments)
{
    const auto step = read_step(arguments);
    const auto error = read_errno(arguments);
    if (!step || !error) {
        return step ? error.error() : step.error();
    }
    what.fault.fail_step(*step, *error);
    return what.fault.show() + "\n";
}

// Whom a crash takes.
Result<Victim>
read_victim(const Arguments &arguments)
{
    constexpr std::pair<std::string_view, Victim> names[] = {
        {"both", Victim::both},
        {"main", Victim::main},
        {"kernel", Victim::kernel},
    };
    if (arguments.rest.size() < 2) {
        return Victim::both;
    }
    for (const auto &[name, victim] : names) {
        if (arguments.rest[1] == name) {
            return victim;
        }
    }
    return Error{0, quoted(arguments.rest[1])
                        + ": expected both, main or kernel, the process that "
                          "dies"};
}

template <auto crash>
Answer
fault_crash(Commands_for &what, const Arguments &arguments)
{
    const auto step = read_step(arguments);
    const auto victim = read_victim(arguments);
    if (!step || !victim) {
        return step ? victim.error() : step.error();
    }
    (what.fault.*crash)(*step, *victim);
    return what.fault.show() + "\n";
}

template <auto arm>
Answer
fault_at(Commands_for &what, const Arguments &arguments)
{
    const auto step = read_step(arguments);
    if (!step) {
        return step.error();
    }
    (what.fault.*arm)(*step);
    return what.fault.show() + "\n";
}

Answer
fault_only(Commands_for &what, const Arguments &arguments)
{
    const std::string &router = arguments.rest[0];
    if (const auto fine = check_router_name(router); !fine) {
        return fine.error();
    }
    what.fault.only(router);
    return what.fault.show() + "\n";
}

Answer
fault_go(Commands_for &what, const Arguments &)
{
    what.fault.go();
    return std::string{};
}

Answer
fault_clear(Commands_for &what, const Arguments &)
{
    what.fault.clear();
    return std::string{};
}

Answer
fault_show(Commands_for &what, const Arguments &)
{
    return what.fault.show() + "\n";
}

constexpr Command commands[] = {
    {"fault/fail-step", "N [ERRNO]", 1, 2, run<fault_fail_step>},
    {"fault/crash-at-step", "N [both|main|kernel]", 1, 2,
     run<fault_crash<&Fault::crash_at_step>>},
    {"fault/fail-undo", "N", 1, 1, run<fault_at<&Fault::fail_undo>>},
    {"fault/crash-at-undo", "N [both|main|kernel]", 1, 2,
     run<fault_crash<&Fault::crash_at_undo>>},
    {"fault/stop-at-step", "N", 1, 1, run<fault_at<&Fault::stop_at_step>>},
    {"fault/go", "", 0, 0, run<fault_go>},
    {"fault/only", "ROUTER", 1, 1, run<fault_only>},
    {"fault/clear", "", 0, 0, run<fault_clear>},
    {"fault/show", "", 0, 0, run<fault_show>},
};

} // namespace

std::span<const Command>
fault_commands()
{
    return commands;
}

} // namespace snat
