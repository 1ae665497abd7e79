#include "node.hh"

#include "client.hh"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <unistd.h>
#include <vector>

namespace bench {
namespace {

constexpr int patience_ms = 30000;

bool
is_there(pid_t pid)
{
    return !kill(pid, 0) || errno != ESRCH;
}

} // namespace

void
run(const std::string &line)
{
    const std::string command = "exec bash -c '. " TOP_SRCDIR
                                "/utilities/node.sh; "
                                + line + "' > /dev/null";
    if (system(command.c_str())) {
        give_up(("this fails: " + line).c_str());
    }
}

void
end_process(const std::string &pid, const std::string &line)
{
    std::vector<pid_t> all{std::stoi(pid)};
    std::ifstream children{"/proc/" + pid + "/task/" + pid + "/children"};
    for (pid_t child; children >> child;) {
        all.push_back(child);
    }
    run(line);
    for (int waited = 0; !all.empty(); waited++) {
        if (waited > patience_ms) {
            give_up("a process does not end");
        }
        std::erase_if(all, [](pid_t one) { return !is_there(one); });
        usleep(1000);
    }
}

void
start_daemon()
{
    run("$SNATD_START");
}

void
start_switch()
{
    run("node_start_vswitchd");
}

void
let_settle()
{
    std::this_thread::sleep_for(std::chrono::seconds{5});
}

} // namespace bench
