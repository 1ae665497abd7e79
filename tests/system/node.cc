#include "system/node.hh"

#include "system/text.hh"

#include <algorithm>
#include <array>
#include <boost/test/framework.hpp>
#include <boost/test/results_collector.hpp>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <exception>
#include <fcntl.h>
#include <sched.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace test {
namespace {

const std::string top = TOP_SRCDIR;
const std::string build = TOP_BUILDDIR;

Fd
open_fd(const std::string &path)
{
    return Fd{checked(open(path.c_str(), O_RDONLY | O_CLOEXEC), path)};
}

} // namespace

Node::Node() : own_processes_{open_fd("/proc/self/ns/pid")}
{
    enter();
}

// Starts utilities/node.sh with a command that tells its environment and then
// waits for us to go away.
void
Node::enter()
{
    std::array<int, 2> in, out;
    checked(pipe2(in.data(), O_CLOEXEC), "pipe2");
    checked(pipe2(out.data(), O_CLOEXEC), "pipe2");
    Fd their_in{in[0]}, their_out{out[1]}, answer{out[0]};
    line_ = Fd{in[1]};
    holder_ = checked(fork(), "fork");
    if (holder_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        setpgid(0, 0);
        dup2(their_in.get(), STDIN_FILENO);
        dup2(their_out.get(), STDOUT_FILENO);
        const std::string script = top + "/utilities/node.sh";
        execl("/bin/bash", "bash", script.c_str(), build.c_str(), "bash", "-c",
              "env -0 && printf '\\0' && exec cat", nullptr);
        _exit(127);
    }
    holder_fd_ = pidfd_of(holder_);
    their_out.reset();
    std::string told;
    for (char c; told.find(std::string(2, '\0')) == told.npos;) {
        if (read(answer.get(), &c, 1) != 1) {
            throw std::runtime_error("the node did not start");
        }
        told += c;
    }
    told.pop_back();
    environment_ = split(told, '\0');
    const std::string key = "NODE_PID=";
    const auto pid = std::ranges::find_if(
        environment_, [&](const auto &e) { return e.starts_with(key); });
    if (pid == environment_.end()) {
        throw std::runtime_error("the node did not tell its process");
    }
    const std::string number = pid->substr(key.size());
    const std::string ns = "/proc/" + number + "/ns/";
    root_ = open_fd("/proc/" + number + "/root");
    mounts_ = open_fd(ns + "mnt");
    network_ = open_fd(ns + "net");
    processes_ = open_fd(ns + "pid");
}

Node::~Node()
{
    try {
        tell_failure();
    } catch (const std::exception &e) {
        BOOST_TEST_MESSAGE(e.what());
    }
    line_.reset(); // The node's first command waits for that.
    if (!ends_within(holder_fd_, 10s)) {
        kill(holder_, SIGKILL);
    }
    waitpid(holder_, nullptr, 0);
}

// What a person wants to know when a test case failed: the daemon's last
// words.  A sanitizer's words are a failure.
void
Node::tell_failure()
{
    const auto sanitizer = run("cat $OVS_LOGDIR/sanitizer* 2>/dev/null").out;
    BOOST_CHECK_MESSAGE(sanitizer.empty(), sanitizer);
    using namespace boost::unit_test;
    const auto id = framework::current_test_case_id();
    if (std::uncaught_exceptions() > 0
        || !results_collector.results(id).passed()) {
        BOOST_TEST_MESSAGE(
            "The end of the log of ovs-snatd:\n"
            << run("tail -n 50 $OVS_LOGDIR/ovs-snatd.log 2>&1").out);
    }
}

// Turns this process, fresh from fork(), into the command.
void
Node::become(const std::string &command, int out, int err)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);
    const Fd nothing{open("/dev/null", O_RDONLY)};
    dup2(nothing.get(), STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    std::vector<char *> environment;
    for (auto &e : environment_) {
        environment.push_back(e.data());
    }
    environment.push_back(nullptr);
    // A mount namespace is entered at its own root, which is not the node's
    // where all of this happens in a chroot.
    if (setns(network_.get(), CLONE_NEWNET) == 0
        && setns(mounts_.get(), CLONE_NEWNS) == 0 && fchdir(root_.get()) == 0
        && chroot(".") == 0) {
        std::string bash = "bash", c = "-c", text = command;
        const std::array<char *, 4> arguments{bash.data(), c.data(),
                                              text.data(), nullptr};
        execve("/bin/bash", arguments.data(), environment.data());
    }
    _exit(127);
}

std::unique_ptr<Job>
Node::start(const std::string &command)
{
    Fd out = scratch_file(), err = scratch_file();
    // Children are born into the node's process namespace for just one fork.
    checked(setns(processes_.get(), CLONE_NEWPID), "setns");
    const pid_t pid = fork();
    if (pid == 0) {
        become(command, out.get(), err.get());
    }
    checked(setns(own_processes_.get(), CLONE_NEWPID), "setns");
    setpgid(checked(pid, "fork"), pid);
    return std::make_unique<Job>(pid, command, std::move(out), std::move(err));
}

Output
Node::run(const std::string &command, Timeout timeout)
{
    return start(command)->finish(timeout);
}

std::string
Node::must(const std::string &command, Timeout timeout)
{
    auto output = run(command, timeout);
    if (output.status != 0) {
        throw std::runtime_error(command + "\nended with status "
                                 + std::to_string(output.status) + ": "
                                 + output.out + output.err);
    }
    while (output.out.ends_with('\n')) {
        output.out.pop_back();
    }
    return output.out;
}

std::string
Node::vsctl(const std::string &arguments)
{
    return must("ovs-vsctl --timeout=20 " + arguments);
}

std::string
Node::snatctl(const std::string &arguments)
{
    return must("ovs-snatctl --timeout=20 " + arguments);
}

std::string
Node::appctl(const std::string &arguments)
{
    return must("ovs-appctl --timeout=20 -t ovs-snatd " + arguments);
}

void
Node::wait_for(const std::string &command, Timeout timeout)
{
    Output last;
    const auto succeeds = [&] {
        last = run(command);
        return last.status == 0;
    };
    if (!wait_until(succeeds, timeout)) {
        throw std::runtime_error("waited in vain for: " + command + "\n"
                                 + last.out + last.err);
    }
}

void
Node::host(const std::string &name, const std::string &bridge,
           const std::string &words)
{
    must(". " + quoted(top + "/utilities/node.sh") + " && node_host " + name
         + " " + bridge + " " + words);
}

std::unique_ptr<Job>
Node::start_in(const std::string &host, const std::string &command)
{
    return start("ip netns exec " + host + " bash -c " + quoted(command));
}

Output
Node::run_in(const std::string &host, const std::string &command)
{
    return start_in(host, command)->finish();
}

std::string
Node::must_in(const std::string &host, const std::string &command)
{
    return must("ip netns exec " + host + " bash -c " + quoted(command));
}

std::unique_ptr<Job>
Node::whoami(const std::string &host, int port)
{
    auto job = start_in(host, "exec " + quoted(top + "/utilities/whoami.py")
                                  + " " + std::to_string(port));
    if (!wait_until([&] { return job->output().starts_with("ready\n"); })) {
        throw std::runtime_error("whoami.py did not start on " + host);
    }
    return job;
}

std::unique_ptr<Job>
Node::tcpdump(const std::string &host, const std::string &arguments)
{
    // What an earlier one told must not be taken for this one's.
    const std::string told = "/run/tcpdump-" + host;
    must("rm -f " + told);
    auto job = start_in(host, "exec tcpdump -l --immediate-mode " + arguments
                                  + " 2> " + told);
    wait_for("grep -q 'listening on' " + told);
    return job;
}

std::string
Node::snapshot()
{
    // What the kernel still checks for duplicates (RFC 4862) will change by
    // itself; a device without carrier has to be taken as it is.
    std::string state;
    (void)wait_until(
        [&] {
            state = must(quoted(top + "/tests/system/snapshot.py"));
            return state.find("\"tentative\": true") == state.npos;
        },
        3s);
    return state;
}

std::string
Node::shape()
{
    return must(quoted(top + "/tests/system/snapshot.py") + " --shape");
}

boost::test_tools::assertion_result
Node::becomes(const std::string &wanted,
              const std::function<std::string()> &look, Timeout timeout)
{
    std::string seen;
    const bool same = wait_until(
        [&] {
            seen = look();
            return seen == wanted;
        },
        timeout);
    boost::test_tools::assertion_result result{same};
    if (!same) { // Of long texts that takes long.
        result.message() << "the state is not as it should be:\n"
                         << difference(wanted, seen);
    }
    return result;
}

boost::test_tools::assertion_result
Node::is_as(const std::string &before, Timeout timeout)
{
    return becomes(
        before, [this] { return snapshot(); }, timeout);
}

boost::test_tools::assertion_result
Node::has_shape(const std::string &wanted, Timeout timeout)
{
    return becomes(
        wanted, [this] { return shape(); }, timeout);
}

pid_t
Node::main_pid()
{
    return std::stoi(must("cat $OVS_RUNDIR/ovs-snatd.pid"));
}

pid_t
Node::kernel_pid()
{
    return std::stoi(
        must("ps -o pid= --ppid $(cat $OVS_RUNDIR/ovs-snatd.pid)"));
}

void
Node::kill_main()
{
    const auto pid = std::to_string(main_pid());
    must("kill -KILL " + pid);
    wait_for("! kill -0 " + pid);
}

void
Node::kill_kernel()
{
    const auto pid = std::to_string(kernel_pid());
    must("kill -KILL " + pid);
    wait_for("! kill -0 " + pid);
}

void
Node::start_daemon()
{
    must("$SNATD_START");
}

std::string
Node::daemon_log()
{
    return must("cat $OVS_LOGDIR/ovs-snatd.log");
}

} // namespace test
