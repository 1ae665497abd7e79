#include "processes.hh"

#include "client.hh"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>
#include <unistd.h>

namespace bench {
namespace {

std::string
first_word(const std::string &path)
{
    std::string word;
    std::ifstream{path} >> word;
    return word;
}

std::string
written_pid(const char *name)
{
    std::string pid = first_word(std::string{ovs_rundir()} + "/" + name);
    if (pid.empty()) {
        give_up((std::string{"cannot read "} + name).c_str());
    }
    return pid;
}

void
signal_ours(const Processes &processes, int signal)
{
    for (const auto which : {Process::daemon, Process::kernel_process}) {
        kill(std::stoi(processes.pid(which)), signal);
    }
}

} // namespace

Cpu
Cpu::operator+(const Cpu &other) const
{
    Cpu sum;
    for (size_t i = 0; i < process_count; i++) {
        sum.used_[i] = used_[i] + other.used_[i];
    }
    return sum;
}

Cpu
Cpu::operator-(const Cpu &other) const
{
    Cpu less;
    for (size_t i = 0; i < process_count; i++) {
        less.used_[i] = used_[i] - other.used_[i];
    }
    return less;
}

Cpu
Cpu::operator/(double by) const
{
    Cpu part;
    for (size_t i = 0; i < process_count; i++) {
        part.used_[i] = used_[i] / by;
    }
    return part;
}

Processes::Processes()
{
    const std::string daemon = written_pid("ovs-snatd.pid");
    pids_ = {
        daemon,
        first_word("/proc/" + daemon + "/task/" + daemon + "/children"),
        written_pid("ovs_snat_db.pid"),
        written_pid("ovsdb-server.pid"),
        written_pid("ovs-vswitchd.pid"),
        std::to_string(getpid()),
    };
}

// The kernel counts all of it by the clock, and by ticks what was its own
// (Documentation/scheduler/sched-stats.rst; proc_pid_stat(5)).
Used
Processes::used(Process process) const
{
    const std::string directory = "/proc/" + pid(process);
    Used used;
    std::error_code gone; // A thread ends while its fellows are read.
    for (const auto &task :
         std::filesystem::directory_iterator{directory + "/task", gone}) {
        double nanoseconds = 0;
        std::ifstream{task.path() / "schedstat"} >> nanoseconds;
        used.all += nanoseconds / 1e6;
    }
    std::ifstream stat{directory + "/stat"};
    std::string word;
    constexpr int stime = 15; // Counted from 1; the name has no spaces.
    for (int i = 0; i < stime && stat >> word; i++) {
    }
    used.in_kernel = std::strtod(word.c_str(), nullptr) * 1e3
                     / static_cast<double>(sysconf(_SC_CLK_TCK));
    return used;
}

Cpu
Processes::used() const
{
    Cpu cpu;
    for (size_t i = 0; i < process_count; i++) {
        const auto process = static_cast<Process>(i);
        cpu[process] = used(process);
    }
    return cpu;
}

void
Processes::rest() const
{
    const auto ours = [this] {
        return used(Process::daemon).all + used(Process::kernel_process).all;
    };
    constexpr int most_looks = 60;
    constexpr std::chrono::milliseconds pause{500};
    constexpr double enough = 0.5;
    double before = 0, now = ours();
    for (int i = 0; i < most_looks && now - before > enough; i++) {
        before = now;
        std::this_thread::sleep_for(pause);
        now = ours();
    }
}

Pause::Pause(const Processes &processes) : processes_{processes}
{
    signal_ours(processes_, SIGSTOP);
}

// They have much to look at again, which is not what comes next.
Pause::~Pause()
{
    signal_ours(processes_, SIGCONT);
    processes_.rest();
}

} // namespace bench
