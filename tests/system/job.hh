// Processes that a test starts, and what they print.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <sys/types.h>

namespace test {

using namespace std::chrono_literals;
using Timeout = std::chrono::milliseconds;

class Fd {
public:
    explicit Fd(int fd = -1) : fd_{fd} {}
    ~Fd() { reset(); }
    Fd(Fd &&other) noexcept : fd_{other.release()} {}
    Fd &operator=(Fd &&other) noexcept;
    int
    get() const
    {
        return fd_;
    }
    int release();
    void reset();

private:
    int fd_;
};

// The result of a system call; throws what errno says if it is negative.
int checked(int result, const std::string &what);

Fd pidfd_of(pid_t pid);
bool ends_within(const Fd &pidfd, Timeout timeout);

// A file without a name: a command may write as much as it likes before
// anybody reads it.
Fd scratch_file();

struct Output {
    int status = 0; // 128 + N if signal N ended it.
    std::string out, err;
};

// A command in the node that goes on while the test does other things.
class Job {
public:
    Job(pid_t, std::string command, Fd out, Fd err);
    ~Job(); // Kills what still runs.
    Job(const Job &) = delete;
    Job &operator=(const Job &) = delete;

    std::string output() const;   // What it wrote to standard output so far.
    void signal(int number);      // To it and all that it started.
    Output finish(Timeout = 30s); // Throws if it does not end in time.

private:
    pid_t pid_;
    std::string command_;
    Fd out_, err_;
    bool running_ = true;
};

// Polls until the condition holds; false if it does not within the time.
bool wait_until(const std::function<bool()> &condition, Timeout = 10s);

} // namespace test
