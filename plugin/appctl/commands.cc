#include "appctl/commands.hh"

#include "appctl/arguments.hh"
#include "appctl/commands_fault.hh"
#include "appctl/commands_nat.hh"
#include "router/names.hh"

#include <algorithm>
#include <climits>
#include <optional>
#include <string>
#include <string_view>

namespace snat {
namespace {

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
        return no_router(arguments.rest[0]);
    }
    return std::string{};
}

void
router_plan(unixctl_conn *conn, Commands_for &what, const Arguments &arguments)
{
    what.engine.preview(
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

// The number of a change, as it was given.
Result<uint64_t>
read_change(const std::string &text)
{
    const auto number = read_number(text);
    return number ? Result{*number}
                  : Error{0, quoted(text)
                                 + ": expected the number of a change, as "
                                   "change/list shows it"};
}

Answer
change_show(Commands_for &what, const Arguments &arguments)
{
    const auto number = read_change(arguments.rest[0]);
    if (!number) {
        return number.error();
    }
    for (const Record &record : what.records()) {
        if (record.change.number == *number) {
            return view_change(what.engine, record, arguments.format);
        }
    }
    return Error{0, "there is no change " + std::to_string(*number)
                        + "; see change/list"};
}

void
change_undo(unixctl_conn *conn, Commands_for &what, const Arguments &arguments)
{
    const auto number = read_change(arguments.rest[0]);
    if (!number) {
        reply(conn, number.error());
        return;
    }
    what.engine.undo(
        *number, arguments.has("--force"),
        [conn, number = *number](const Result<std::string> &router) {
            reply(conn, router
                            ? "the rows of router " + *router
                                  + " ask again for what it was before change "
                                  + std::to_string(number) + "\n"
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
orphan_list(unixctl_conn *conn, Commands_for &what, const Arguments &arguments)
{
    what.engine.find_orphans(
        [conn, &engine = what.engine,
         format = arguments.format](const Outcome &looked) {
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
        return Error{0, "there is no orphan " + plain(arguments.rest[0])
                            + "; see orphan/list"};
    }
    return std::string{};
}

constexpr Command commands[] = {
    {"router/list", "[--format=text|json]", 0, 0, run<router_list>},
    {"router/show", "[--format=text|json] [ROUTER]", 0, 1, run<router_show>},
    {"router/plan", "[--format=text|json] ROUTER", 1, 1, router_plan},
    {"router/resync", "[ROUTER]", 0, 1, run<router_resync>},
    {"change/list", "[--format=text|json] [ROUTER]", 0, 1, run<change_list>},
    {"change/show", "[--format=text|json] NUMBER", 1, 1, run<change_show>},
    {"change/undo", "[--force] NUMBER", 1, 1, change_undo},
    {"nat/stats", "[--format=text|json] [--write] ROUTER", 1, 1, nat_stats},
    {"nat/trace", "[--format=text|json] ROUTER in-port=PORT src=IP dst=IP...",
     4, 7, run<nat_trace>},
    {"nat/who", "[--format=text|json] EXTERNAL-IP PORT", 2, 2, run<nat_who>},
    {"orphan/list", "[--format=text|json]", 0, 0, orphan_list},
    {"orphan/purge", "[ROUTER]", 0, 1, run<orphan_purge>},
    {"limits/show", "[--format=text|json]", 0, 0, run<limits_show>},
    {"metrics/show", "", 0, 0, run<metrics_show>},
};

const Command &
find_command(std::string_view name)
{
    const auto faults = fault_commands();
    const auto found = std::ranges::find(faults, name, &Command::name);
    return found != faults.end()
               ? *found
               : *std::ranges::find(commands, name, &Command::name);
}

// All commands come in here, for theirs are the words about wrong arguments.
void
run_command(unixctl_conn *conn, int argc, const char *argv[], void *aux)
{
    const Command &command = find_command(argv[0]);
    const auto arguments = read_arguments(command, argc, argv);
    if (arguments) {
        command.run(conn, *static_cast<Commands_for *>(aux), *arguments);
    } else {
        reply(conn, arguments.error());
    }
}

} // namespace

void
register_commands(Commands_for &what, bool with_faults)
{
    const auto add = [&what](const Command &command) {
        unixctl_command_register(command.name, command.usage, 0, INT_MAX,
                                 run_command, &what);
    };
    std::ranges::for_each(commands, add);
    if (with_faults) {
        std::ranges::for_each(fault_commands(), add);
    }
}

} // namespace snat
