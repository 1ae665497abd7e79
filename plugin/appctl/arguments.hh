// What all commands share: arguments in, an answer or an error out.
#pragma once

#include "appctl/commands.hh"
#include "appctl/views.hh"
#include "router/result.hh"
#include "tables/ovs.hh"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace snat {

struct Arguments {
    Format format = Format::text;
    std::set<std::string> flags; // "--force" and the like.
    std::vector<std::string> rest;

    bool
    has(const std::string &flag) const
    {
        return flags.contains(flag);
    }
};

// A command answers when it can, be that at once or later.
using Run
    = void(unixctl_conn *conn, Commands_for &what, const Arguments &arguments);

struct Command {
    const char *name;
    const char *usage;  // Options stand in it as "[--force]": no others pass.
    size_t least, most; // Arguments beside the options.
    Run *run;
};

Result<Arguments> read_arguments(const Command &command, int argc,
                                 const char *argv[]);

using Answer = Result<std::string>;
void reply(unixctl_conn *conn, const Answer &answer);

// A command that has its answer at once.
template <Answer (*answer)(Commands_for &, const Arguments &)>
void
run(unixctl_conn *conn, Commands_for &what, const Arguments &arguments)
{
    reply(conn, answer(what, arguments));
}

std::optional<uint64_t> read_number(const std::string &text);

Error no_router(const std::string &name);
Result<const Life *> find_router(const Commands_for &what,
                                 const std::string &name);

} // namespace snat
