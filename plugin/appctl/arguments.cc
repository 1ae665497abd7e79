#include "appctl/arguments.hh"

#include <charconv>
#include <string_view>

namespace snat {

Arguments
read_arguments(int argc, const char *argv[])
{
    constexpr std::string_view option = "--format=";
    Arguments out;
    for (int i = 1; i < argc; i++) {
        const std::string_view argument = argv[i];
        if (!argument.starts_with(option)) {
            out.rest.emplace_back(argument);
        } else if (argument.substr(option.size()) == "json") {
            out.format = Format::json;
        } else if (argument.substr(option.size()) != "text") {
            out.error = "--format: expected text or json";
        }
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

Result<const Life *>
find_router(const Commands_for &what, const std::string &name)
{
    const auto &routers = what.engine.routers();
    const auto found = routers.find(name);
    if (found == routers.end()) {
        return Error{0, "there is no router " + name};
    }
    return &found->second;
}

} // namespace snat
