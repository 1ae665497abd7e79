#include "system/job.hh"

#include <array>
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace test {
namespace {

std::string
contents(const Fd &file)
{
    std::string text;
    std::array<char, 65536> part;
    ssize_t n;
    while ((n = pread(file.get(), part.data(), part.size(),
                      static_cast<off_t>(text.size())))
           > 0) {
        text.append(part.data(), static_cast<size_t>(n));
    }
    return text;
}

int
exit_status(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace

int
checked(int result, const std::string &what)
{
    if (result < 0) {
        throw std::system_error(errno, std::generic_category(), what);
    }
    return result;
}

Fd &
Fd::operator=(Fd &&other) noexcept
{
    if (this != &other) {
        reset();
        fd_ = other.release();
    }
    return *this;
}

int
Fd::release()
{
    return std::exchange(fd_, -1);
}

void
Fd::reset()
{
    if (fd_ >= 0) {
        close(release());
    }
}

bool
ends_within(const Fd &pidfd, Timeout timeout)
{
    pollfd p{pidfd.get(), POLLIN, 0};
    return poll(&p, 1, static_cast<int>(timeout.count())) > 0;
}

Fd
pidfd_of(pid_t pid)
{
    return Fd{checked(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)),
                      "pidfd_open")};
}

// A file without a name: a command may write as much as it likes before
// anybody reads it.
Fd
scratch_file()
{
    return Fd{checked(memfd_create("output", MFD_CLOEXEC), "memfd_create")};
}

Job::Job(pid_t pid, std::string command, Fd out, Fd err)
    : pid_{pid}, command_{std::move(command)}, out_{std::move(out)},
      err_{std::move(err)}
{
}

Job::~Job()
{
    if (running_) {
        signal(SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
}

std::string
Job::output() const
{
    return contents(out_);
}

void
Job::signal(int number)
{
    kill(-pid_, number);
}

Output
Job::finish(Timeout timeout)
{
    if (!ends_within(pidfd_of(pid_), timeout)) {
        throw std::runtime_error("still running: " + command_ + "\n" + output()
                                 + contents(err_));
    }
    int status = 0;
    waitpid(pid_, &status, 0);
    running_ = false;
    return {exit_status(status), output(), contents(err_)};
}

bool
wait_until(const std::function<bool()> &condition, Timeout timeout)
{
    const auto end = std::chrono::steady_clock::now() + timeout;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= end) {
            return false;
        }
        std::this_thread::sleep_for(10ms);
    }
    return true;
}

} // namespace test
