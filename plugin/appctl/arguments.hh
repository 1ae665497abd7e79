// What all commands share: arguments in, an answer or an error out.
#pragma once

#include "appctl/commands.hh"
#include "appctl/views.hh"
#include "router/result.hh"
#include "tables/ovs.hh"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace snat {

inline Commands_for &
self(void *aux)
{
    return *static_cast<Commands_for *>(aux);
}

// The arguments without "--format=...".
struct Arguments {
    Format format = Format::text;
    std::vector<std::string> rest;
    std::string error;
};
Arguments read_arguments(int argc, const char *argv[]);

using Answer = Result<std::string>;
void reply(unixctl_conn *conn, const Answer &answer);

std::optional<uint64_t> read_number(const std::string &text);

Result<const Life *> find_router(const Commands_for &what,
                                 const std::string &name);

} // namespace snat
