#include "kernel/slow_closer.hh"

#include <fcntl.h>
#include <unistd.h>

#include <system_error>
#include <thread>

namespace snat {
namespace {

void
close_all(Fd queue)
{
    int fd;
    while (read(queue.get(), &fd, sizeof fd) == sizeof fd) {
        ::close(fd);
    }
}

} // namespace

Slow_closer::Slow_closer()
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC)) {
        return;
    }
    Fd out{ends[0]};
    queue_ = Fd{ends[1]};
    fcntl(queue_.get(), F_SETFL, O_NONBLOCK);
    try {
        std::thread{close_all, std::move(out)}.detach();
    } catch (const std::system_error &) {
        queue_ = Fd{};
    }
}

void
Slow_closer::close(Fd fd)
{
    const int number = fd.get();
    if (write(queue_.get(), &number, sizeof number) == sizeof number) {
        fd.release(); // The thread's now.
    }
}

} // namespace snat
