#include "appctl/commands.hh"

#include "appctl/arguments.hh"
#include "appctl/commands_nat.hh"
#include "router/names.hh"

#include <cerrno>
#include <optional>
#include <string>
#include <string_view>

namespace snat {
namespace {

using Command = Answer (*)(Commands_for &, const Arguments &);

template <Command command>
void
run(unixctl_conn *conn, int argc, const char *argv[], void *aux)
{
    const Arguments arguments = read_arguments(argc, argv);
    reply(conn, arguments.error.empty() ? command(self(aux), arguments)
                                        : Error{0, arguments.error});
}

Answer
router_list(Commands_for &what, const Arguments &arguments)
{
    return view_routers(what.engine, arguments.format);
}

Answer
router_show(Commands_for &what, const Arguments &arguments)
{
    if (!arguments.rest.empty()) {
        auto life = find_router(what, arguments.rest[0]);
        return life ? view_router(what.engine, **life, arguments.format)
                    : Answer{life.error()};
    }
    const bool json = arguments.format == Format::json;
    std::string out;
    for (const auto &[name, life] : what.engine.routers()) {
        out += (out.empty() || !json ? "" : ",")
               + view_router(what.engine, life, arguments.format);
    }
    return json ? "[" + out + "]\n" : out;
}

Answer
router_resync(Commands_for &what, const Arguments &arguments)
{
    if (arguments.rest.empty()) {
        what.engine.resync();
    } else if (!what.engine.resync(arguments.rest[0])) {
        return Error{0, "there is no router " + arguments.rest[0]};
    }
    return std::string{};
}

void
router_plan(unixctl_conn *conn, int argc, const char *argv[], void *aux)
{
    const Arguments arguments = read_arguments(argc, argv);
    if (!arguments.error.empty() || arguments.rest.size() != 1) {
        reply(conn, Error{0, arguments.error.empty()
                                 ? "expected the name of one router"
                                 : arguments.error});
        return;
    }
    self(aux).engine.preview(
        arguments.rest[0],
        [conn, format = arguments.format](Result<std::vector<Step>> steps) {
            reply(conn,
                  steps ? view_plan(*steps, format) : Answer{steps.error()});
        });
}

Answer
change_list(Commands_for &what, const Arguments &arguments)
{
    auto records = what.records();
    if (!arguments.rest.empty()) {
        std::erase_if(records, [&](const Record &record) {
            return record.change.router != arguments.rest[0];
        });
    }
    return view_changes(what.engine, records, arguments.format);
}

Answer
change_show(Commands_for &what, const Arguments &arguments)
{
    const auto number = arguments.rest.empty()
                            ? std::nullopt
                            : read_number(arguments.rest[0]);
    for (const Record &record : what.records()) {
        if (number == record.change.number) {
            return view_change(what.engine, record, arguments.format);
        }
    }
    return Error{0, "there is no such change"};
}

void
change_undo(unixctl_conn *conn, int argc, const char *argv[], void *aux)
{
    Arguments arguments = read_arguments(argc, argv);
    const bool force = std::erase(arguments.rest, "--force");
    const auto number = arguments.rest.size() == 1
                            ? read_number(arguments.rest[0])
                            : std::nullopt;
    if (!number) {
        reply(conn, Error{0, "expected the number of one change"});
        return;
    }
    self(aux).engine.undo(
        *number, force, [conn, number](const Result<std::string> &router) {
            reply(conn, router
                            ? "the rows of router " + *router
                                  + " ask again for what it was before change "
                                  + std::to_string(*number) + "\n"
                            : Answer{router.error()});
        });
}

Answer
limits_show(Commands_for &what, const Arguments &arguments)
{
    return view_limits(what.engine, what.records().size(), arguments.format);
}

Answer
metrics_show(Commands_for &what, const Arguments &)
{
    return what.metrics();
}

void
orphan_list(unixctl_conn *conn, int argc, const char *argv[], void *aux)
{
    const Arguments arguments = read_arguments(argc, argv);
    if (!arguments.error.empty()) {
        reply(conn, Error{0, arguments.error});
        return;
    }
    Engine &engine = self(aux).engine;
    engine.find_orphans(
        [conn, &engine, format = arguments.format](const Outcome &looked) {
            reply(conn, looked ? view_orphans(engine, format)
                               : Answer{looked.error()});
        });
}

Answer
orphan_purge(Commands_for &what, const Arguments &arguments)
{
    if (arguments.rest.empty()) {
        what.engine.purge();
    } else if (!what.engine.purge(arguments.rest[0])) {
        return Error{0, "there is no orphan " + arguments.rest[0]
                            + "; see orphan/list"};
    }
    return std::string{};
}

// The number of a step, from 1.
Result<size_t>
read_step(const Arguments &arguments)
{
    const auto step = arguments.rest.empty() ? std::nullopt
                                             : read_number(arguments.rest[0]);
    if (!step || *step == 0) {
        return Error{0, "expected the number of a step, from 1"};
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
        return Error{0, "expected an errno value, by number or by name"};
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
    return Error{0, "expected both, main or kernel: which process dies"};
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
    const std::string &router
        = arguments.rest.empty() ? std::string{} : arguments.rest[0];
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

struct Registration {
    const char *name, *usage;
    int least, most; // Arguments, "--format" included.
    unixctl_cb_func *run;
};

constexpr Registration commands[] = {
    {"router/list", "[--format=text|json]", 0, 1, run<router_list>},
    {"router/show", "[--format=text|json] [ROUTER]", 0, 2, run<router_show>},
    {"router/plan", "[--format=text|json] ROUTER", 1, 2, router_plan},
    {"router/resync", "[ROUTER]", 0, 1, run<router_resync>},
    {"change/list", "[--format=text|json] [ROUTER]", 0, 2, run<change_list>},
    {"change/show", "[--format=text|json] NUMBER", 1, 2, run<change_show>},
    {"change/undo", "[--force] NUMBER", 1, 2, change_undo},
    {"nat/stats", "[--format=text|json] [--write] ROUTER", 1, 3, nat_stats},
    {"nat/trace",
     "[--format=text|json] ROUTER in-port=PORT src=IP dst=IP [proto=PROTO "
     "sport=N dport=N]",
     4, 8, run<nat_trace>},
    {"nat/who", "[--format=text|json] EXTERNAL_IP PORT", 2, 3, run<nat_who>},
    {"orphan/list", "[--format=text|json]", 0, 1, orphan_list},
    {"orphan/purge", "[ROUTER]", 0, 1, run<orphan_purge>},
    {"limits/show", "[--format=text|json]", 0, 1, run<limits_show>},
    {"metrics/show", "", 0, 0, run<metrics_show>},
};

constexpr Registration fault_commands[] = {
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

void
register_commands(Commands_for &what, bool with_faults)
{
    const auto add = [&what](const Registration &command) {
        unixctl_command_register(command.name, command.usage, command.least,
                                 command.most, command.run, &what);
    };
    for (const Registration &command : commands) {
        add(command);
    }
    if (with_faults) {
        for (const Registration &command : fault_commands) {
            add(command);
        }
    }
}

} // namespace snat
