// The command that draws routers: graph.
#include "router/result.hh"
#include "snatctl-views.hh"
#include "snatctl.hh"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace snat::ctl {
namespace {

struct File_close {
    void
    operator()(FILE *file) const
    {
        fclose(file);
    }
};
using File = std::unique_ptr<FILE, File_close>;

Error
failed(const std::string &what, int error)
{
    return {error, what + ": " + ovs_strerror(error)};
}

// A file without a name that has the text and stands at its beginning.
File
file_with(const std::string &text)
{
    File file{tmpfile()};
    if (file
        && (fwrite(text.data(), 1, text.size(), file.get()) != text.size()
            || fflush(file.get()))) {
        file.reset();
    }
    if (file) {
        rewind(file.get());
    }
    return file;
}

// Starts "dot" with these as its standard input and output; 0 or an errno.
int
start_dot(int in, int out, pid_t *child)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    char name[] = "dot", type[] = "-Tsvg";
    char *const arguments[] = {name, type, nullptr};
    const int error
        = posix_spawnp(child, name, &actions, nullptr, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

// What Graphviz makes of a graph.
Result<std::string>
drawn(const std::string &graph)
{
    const File in = file_with(graph);
    int ends[2];
    if (!in || pipe2(ends, O_CLOEXEC)) {
        return failed("a file for dot", errno);
    }
    const File out{fdopen(ends[0], "r")};
    pid_t child;
    const int error = start_dot(fileno(in.get()), ends[1], &child);
    close(ends[1]);
    if (error == ENOENT) {
        return Error{error, "the program dot is not there: expected the "
                            "package graphviz to be installed; without it, "
                            "--type=dot writes what it would draw"};
    }
    if (error) {
        return failed("the program dot", error);
    }
    std::string text;
    std::array<char, 65536> part;
    while (const size_t n = fread(part.data(), 1, part.size(), out.get())) {
        text.append(part.data(), n);
    }
    int status = 0;
    if (waitpid(child, &status, 0) < 0) {
        return failed("the program dot", errno);
    }
    if (status) {
        char *words = process_status_msg(status);
        const Error ended{0,
                          std::string{"the program dot ended with "} + words};
        free(words);
        return ended;
    }
    return text;
}

void
graph(ctl_context *ctx)
{
    const char *asked = option_of(ctx, "--type");
    const std::string type = asked ? asked : "dot";
    if (type != "dot" && type != "svg") {
        ctl_error(ctx, "--type=%s: expected dot or svg",
                  printable(type).c_str());
        return;
    }
    const auto routers = views_asked_for(ctx);
    if (ctx->error) {
        return;
    }
    const auto text = type == "svg" ? drawn(dot_of(routers))
                                    : Result<std::string>{dot_of(routers)};
    if (!text) {
        ctl_error(ctx, "graph: %s", text.error().what.c_str());
        return;
    }
    ds_put_cstr(&ctx->output, text->c_str());
}

} // namespace

const ctl_command_syntax graph_commands[] = {
    {"graph", 0, 1, "[ROUTER]", replicate_views, graph, nullptr,
     "--type=", ctl_command_syntax::RO},
    {},
};

} // namespace snat::ctl
