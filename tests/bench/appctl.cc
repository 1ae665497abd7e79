#include "appctl.hh"

#include "client.hh"

#include <chrono>
#include <fstream>

namespace bench {

Appctl::Appctl()
{
    const std::string run = ovs_rundir();
    std::string pid;
    std::ifstream{run + "/ovs-snatd.pid"} >> pid;
    const std::string path = run + "/ovs-snatd." + pid + ".ctl";
    if (unixctl_client_create(path.c_str(), &rpc_)) {
        give_up("ovs-snatd does not listen");
    }
    known_ = ask({"list-commands"});
}

bool
Appctl::knows(const Question &question) const
{
    return known_.find(std::string{"  "} + question.command) != known_.npos;
}

std::string
Appctl::ask(const Question &question)
{
    char *argument = const_cast<char *>(question.argument);
    char *answer = nullptr, *error = nullptr;
    if (unixctl_client_transact(rpc_, question.command, argument ? 1 : 0,
                                &argument, &answer, &error)
        || error) {
        give_up(error ? error : "ovs-snatd has hung up");
    }
    std::string text = answer ? answer : "";
    free(answer);
    return text;
}

double
Appctl::time(const Question &question)
{
    const auto start = std::chrono::steady_clock::now();
    ask(question);
    return std::chrono::duration<double, std::milli>(
               std::chrono::steady_clock::now() - start)
        .count();
}

} // namespace bench
