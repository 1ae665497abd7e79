// The command that draws routers: graph.
#include "router/result.hh"
#include "snatctl-views.hh"
#include "snatctl-wait.hh"
#include "snatctl.hh"

#include <array>
#include <cerrno>
#include <csignal>
#include <memory>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern "C" { // Debian 12's does not say so itself.
#include <sys/pidfd.h>
}

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

std::string
content_of(FILE *file)
{
    rewind(file);
    std::string text;
    std::array<char, 65536> part;
    while (const size_t n = fread(part.data(), 1, part.size(), file)) {
        text.append(part.data(), n);
    }
    return text;
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

// Waits until the child has ended, and tells how.  It does not outlive our
// patience.
Result<int>
status_of(pid_t child, const std::string &what_for, Patience &patience)
{
    const int ended = pidfd_open(child, 0);
    if (ended < 0) {
        return failed("the program dot", errno);
    }
    int status = 0;
    while (!waitpid(child, &status, WNOHANG)) {
        poll_fd_wait(ended, POLLIN);
        patience.block(what_for, [&] {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
        });
    }
    close(ended);
    return status;
}

std::string
work_of_dot(size_t routers)
{
    return routers == 1 ? "dot to draw a router"
                        : "dot to draw " + std::to_string(routers)
                              + " routers (graph ROUTER draws one of them)";
}

// What Graphviz makes of routers.
Result<std::string>
drawn(const std::vector<view::Shown_router> &routers, Patience &patience)
{
    const File in = file_with(dot_of(routers));
    const File out{tmpfile()};
    if (!in || !out) {
        return failed("a file for dot", errno);
    }
    pid_t child;
    const int error = start_dot(fileno(in.get()), fileno(out.get()), &child);
    if (error == ENOENT) {
        return Error{error, "the program dot is not there: expected the "
                            "package graphviz to be installed; without it, "
                            "--type=dot writes what it would draw"};
    }
    if (error) {
        return failed("the program dot", error);
    }
    const auto status
        = status_of(child, work_of_dot(routers.size()), patience);
    if (!status) {
        return status.error();
    }
    if (*status) {
        char *words = process_status_msg(*status);
        const Error ended{0,
                          std::string{"the program dot ended with "} + words};
        free(words);
        return ended;
    }
    return content_of(out.get());
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
    const auto text = type == "svg" ? drawn(routers, patience_of(ctx))
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
