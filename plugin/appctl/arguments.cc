#include "appctl/arguments.hh"

#include "router/names.hh"

#include <charconv>
#include <string_view>

namespace snat {
namespace {

constexpr std::string_view format_option = "--format=";

Error
wrong_usage(const Command &command, const std::string &why)
{
    const std::string usage = command.usage;
    return {0, std::string{command.name} + ": " + why + "expected "
                   + (usage.empty() ? "no arguments" : usage)};
}

bool
takes(const Command &command, std::string_view option)
{
    const std::string_view usage = command.usage;
    return usage.find("[" + std::string{option} + "]") != usage.npos;
}

bool
takes_format(const Command &command)
{
    return takes(command, "--format=text|json");
}

Outcome
read_option(const Command &command, std::string_view option, Arguments &out)
{
    if (option.starts_with(format_option) && takes_format(command)) {
        const auto format = option.substr(format_option.size());
        if (format != "text" && format != "json") {
            return Error{0, "--format: " + quoted(format)
                                + ": expected text or json"};
        }
        out.format = format == "json" ? Format::json : Format::text;
    } else if (takes(command, option)) {
        out.flags.emplace(option);
    } else {
        return wrong_usage(command, "unknown option " + quoted(option) + ": ");
    }
    return Done{};
}

} // namespace

Result<Arguments>
read_arguments(const Command &command, int argc, const char *argv[])
{
    Arguments out;
    for (int i = 1; i < argc; i++) {
        const std::string_view argument = argv[i];
        if (!argument.starts_with("--")) {
            out.rest.emplace_back(argument);
        } else if (const auto fine = read_option(command, argument, out);
                   !fine) {
            return fine.error();
        }
    }
    if (out.rest.size() < command.least || out.rest.size() > command.most) {
        return wrong_usage(command, "");
    }
    return out;
}

void
reply(unixctl_conn *conn, const Answer &answer)
{
    if (answer) {
        unixctl_command_reply(conn, answer->c_str());
    } else {
        unixctl_command_reply_error(conn, answer.error().what.c_str());
    }
}

std::optional<uint64_t>
read_number(const std::string &text)
{
    uint64_t value = 0;
    const char *end = text.data() + text.size();
    auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc{} && stop == end ? std::optional{value}
                                               : std::nullopt;
}

Error
no_router(const std::string &name)
{
    return {0, "there is no router " + plain(name)};
}

Result<const Life *>
find_router(const Commands_for &what, const std::string &name)
{
    const auto &routers = what.engine.routers();
    const auto found = routers.find(name);
    if (found == routers.end()) {
        return no_router(name);
    }
    return &found->second;
}

} // namespace snat
