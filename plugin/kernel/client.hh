// The main process's handle to the kernel process: requests go out and
// answers come in without anybody waiting.
#pragma once

#include "change/world.hh"
#include "kernel/fd.hh"
#include "kernel/frames.hh"
#include "kernel/protocol.hh"

#include <sys/types.h>

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace snat {

// Not copied and not moved: callbacks may point into its owner.
class Kernel_process : public Kernel {
public:
    // Takes the socket and closes it.  'log' gets a sentence about what fails
    // and nobody waits for.
    Kernel_process(int fd, std::function<void(const std::string &)> log);
    Kernel_process(const Kernel_process &) = delete;
    Kernel_process &operator=(const Kernel_process &) = delete;

    // Requests are queued and answered in this order, but probes, which are
    // answered when their outcome is known.  Those that wait when
    // the kernel process ends are never answered: run() says so instead.
    void observe(const Observe &,
                 std::function<void(Result<Wired>)> callback) override;
    void apply(const Apply &, std::function<void(Applied)> callback) override;
    void announce(const Announce &) override;
    void probe(const Probe &, std::function<void(Outcome)> callback) override;
    void list_owned(std::function<void(Owned)> callback) override;
    void count(const Count &,
               std::function<void(Result<Nat_counts>)> callback) override;

    // How the kernel process is, which it only tells if it serves requests.
    void ask_usage(std::function<void(const Process_usage &)> callback);

    // Called from within run() with news that nobody asked for.
    void
    on_moved(std::function<void(const Moved &)> then)
    {
        moved_ = std::move(then);
    }

    // Poll fd() for reading, and for writing while wants_write(); do not wait
    // at all when has_answer().
    int
    fd() const
    {
        return fd_.get();
    }
    bool
    wants_write() const
    {
        return !out_.empty();
    }

    // Whether the next answer is here already: that a request was too large.
    bool
    has_answer() const
    {
        return !waiting_.empty() && waiting_.front().refused;
    }

    // Writes and reads what can be had without waiting and calls the
    // callbacks of what was answered; they may make new requests.  An error
    // means that the kernel process is gone or has lost its mind, for good.
    Outcome run();

private:
    // The error is that no such answer can be given to what was asked.
    using Callback = std::function<Outcome(const Answer_body &)>;
    struct Waiting {
        uint64_t id;
        size_t answer_kind; // Index in Answer_body.
        Callback callback;
        std::optional<Answer_body> refused; // If it was not sent at all.
    };

    void send(Request_body body, size_t answer_kind, Callback callback);
    Outcome write_out();
    Outcome read_in();
    Outcome deliver(const std::string &message);
    Outcome deliver_probed(const Answer &answer);
    void answer_refused();
    Outcome give_up(Error error);

    Fd fd_;
    std::function<void(const std::string &)> log_;
    std::function<void(const Moved &)> moved_ = [](const Moved &) {};
    Byte_queue out_, in_;
    std::deque<Waiting> waiting_;
    std::map<uint64_t, Callback> probing_; // By id.
    uint64_t last_id_ = 0;
    std::optional<Error> broken_;
};

struct Spawned {
    pid_t pid = -1; // 0: somebody else's child.
    int fd = -1;    // The main process's end; non-blocking, close-on-exec.
};

// Forks the kernel process, which keeps the privileges that it needs of those
// the caller has.  The caller must have no threads yet.  'before_serve' (may
// be empty) runs in the child first: there the caller lets go of what is the
// main process's.
Result<Spawned> spawn(const std::string &netns_dir,
                      const std::string &lock_file,
                      const std::function<void()> &before_serve);

// Has somebody else start it: a service manager that starts one for each
// connection to the socket at 'path' (systemd.socket(5), Accept=yes).  The
// caller needs no privileges then.
Result<Spawned> have_started(const std::string &path);

} // namespace snat
