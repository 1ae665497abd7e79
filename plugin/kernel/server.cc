#include "kernel/server.hh"

#include "kernel/announce.hh"
#include "kernel/check.hh"
#include "kernel/count.hh"
#include "kernel/execute.hh"
#include "kernel/failure.hh"
#include "kernel/fd.hh"
#include "kernel/flow_ender.hh"
#include "kernel/frames.hh"
#include "kernel/namespaces.hh"
#include "kernel/observe.hh"
#include "kernel/privileges.hh"
#include "kernel/probe.hh"
#include "kernel/protocol.hh"
#include "kernel/slow_closer.hh"
#include "kernel/sysctls.hh"
#include "kernel/usage.hh"
#include "kernel/watch.hh"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <exception>

namespace snat {
namespace {

// The main process's end of the socket.
class Peer {
public:
    explicit Peer(int fd) : fd_{fd} {}

    bool is_gone() const;
    int
    fd() const
    {
        return fd_;
    }
    // Nothing if there is no whole message yet.
    Result<std::optional<std::string>> receive();
    // Waits until all is written: the main process always reads.  An answer
    // that is too large to be sent becomes the error that says so.
    Outcome send(const Answer &answer) const;
    void crash(Victim victim) const;

private:
    int fd_;
    Byte_queue in_;
};

bool
Peer::is_gone() const
{
    pollfd poll{fd_, POLLRDHUP, 0};
    return ::poll(&poll, 1, 0) > 0;
}

Result<std::optional<std::string>>
Peer::receive()
{
    auto message = take_frame(in_);
    if (!message || *message) {
        return message;
    }
    std::array<char, 65536> buffer;
    const auto size = recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size < 0) {
        return errno == EAGAIN || errno == EINTR
                   ? Result<std::optional<std::string>>{std::nullopt}
                   : failure("read from the main process");
    }
    in_.append({buffer.data(), static_cast<size_t>(size)});
    return take_frame(in_);
}

Outcome
Peer::send(const Answer &answer) const
{
    Byte_queue out;
    Outcome fits = put_frame(out, to_text(answer));
    if (!fits) {
        fits = put_frame(out, to_text({answer.id, fits.error()}));
    }
    if (!fits) {
        return fits;
    }
    while (!out.empty()) {
        const auto bytes = out.view();
        const auto size
            = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (size < 0 && errno == EAGAIN) {
            pollfd poll{fd_, POLLOUT, 0};
            (void)::poll(&poll, 1, -1);
        } else if (size < 0 && errno != EINTR) {
            return failure("write to the main process");
        } else if (size > 0) {
            out.take(static_cast<size_t>(size));
        }
    }
    return Done{};
}

// Of a main process that has gone somebody else may have the number.
void
Peer::crash(Victim victim) const
{
    ucred main;
    socklen_t size = sizeof main;
    if (victim != Victim::kernel && !is_gone()
        && !getsockopt(fd_, SOL_SOCKET, SO_PEERCRED, &main, &size)) {
        kill(main.pid, SIGKILL);
    }
    if (victim != Victim::main) {
        kill(getpid(), SIGKILL);
    }
}

class Server {
public:
    Server(Peer &peer, Namespaces &namespaces, Watch watch)
        : peer_{peer}, namespaces_{namespaces},
          announcer_{namespaces, closer_}, prober_{namespaces, closer_},
          flow_ender_{namespaces}, watch_{std::move(watch)},
          executor_{namespaces,
                    sysctls_,
                    flow_ender_,
                    {[&peer] { return peer.is_gone(); },
                     [&peer](Victim victim) { peer.crash(victim); }}}
    {
    }

    // Until the other end is closed (done) or something is wrong with it.
    Outcome run();

private:
    Outcome run_once();
    void wait();
    Outcome tell_news();
    Outcome work();
    Outcome answer(const Request &request);

    // Nothing if it is answered later.
    using Answered = std::optional<Answer_body>;
    Answered act(uint64_t id, const Look &body);
    Answered act(uint64_t id, const Apply &body);
    Answered act(uint64_t id, const Announce &body);
    Answered act(uint64_t id, const List_owned &body);
    Answered act(uint64_t id, const Probe &body);
    Answered act(uint64_t id, const Count &body);
    Answered act(uint64_t id, const How &body);

    Peer &peer_;
    Namespaces &namespaces_;
    Sysctls sysctls_;
    Slow_closer closer_;
    Announcer announcer_;
    Prober prober_;
    Flow_ender flow_ender_;
    Watch watch_;
    Executor executor_;
};

Server::Answered
Server::act(uint64_t, const Look &body)
{
    watch_.looks_at(body.what);
    auto wired = observe(namespaces_, sysctls_, body.what);
    return wired ? Answer_body{tell(*std::move(wired), body)} : wired.error();
}

Server::Answered
Server::act(uint64_t, const Apply &body)
{
    for (const Step &step : body.steps) {
        const auto *s = std::get_if<Set_namespace>(&step);
        if (s && !s->becomes) {
            announcer_.forget(body.router);
            prober_.forget(body.router);
            flow_ender_.forget(body.router);
        }
    }
    const Applied applied = executor_.apply(body);
    watch_.expects_look();
    if (applied.error) {
        flow_ender_.forget(body.router);
    }
    return applied;
}

Server::Answered
Server::act(uint64_t, const Announce &body)
{
    announcer_.start(body);
    return Done{};
}

Server::Answered
Server::act(uint64_t, const List_owned &)
{
    return namespaces_.owned();
}

Server::Answered
Server::act(uint64_t id, const Probe &body)
{
    prober_.start(id, body);
    return std::nullopt;
}

Server::Answered
Server::act(uint64_t, const Count &body)
{
    auto counts = count(namespaces_, body);
    return counts ? Answer_body{*std::move(counts)} : counts.error();
}

Server::Answered
Server::act(uint64_t, const How &)
{
    return own_usage();
}

Outcome
Server::answer(const Request &request)
{
    const Outcome fine = check(request);
    const Answered answered
        = fine ? std::visit(
              [&](const auto &body) { return act(request.id, body); },
              request.body)
               : refusal(request.body, fine.error());
    return answered ? peer_.send({request.id, *answered}) : Outcome{Done{}};
}

// What is due beside requests.
Outcome
Server::work()
{
    announcer_.run();
    flow_ender_.run();
    for (const Answer &answer : prober_.run()) {
        if (const Outcome sent = peer_.send(answer); !sent) {
            return sent;
        }
    }
    return Done{};
}

// Until there is a request, news, or something of our own to do.
void
Server::wait()
{
    using std::chrono::milliseconds;
    auto next = announcer_.deadline();
    for (const auto &due :
         {watch_.deadline(), prober_.deadline(), flow_ender_.deadline()}) {
        if (due && (!next || *due < *next)) {
            next = due;
        }
    }
    int timeout = -1;
    if (next) {
        const auto left
            = std::chrono::ceil<milliseconds>(*next - Watch::Clock::now());
        timeout = static_cast<int>(std::max(left, milliseconds{0}).count());
    }
    auto watched = watch_.polled();
    std::vector<pollfd> all{{peer_.fd(), POLLIN, 0}};
    all.insert(all.end(), watched.begin(), watched.end());
    prober_.add_polled(all);
    if (::poll(all.data(), all.size(), timeout) > 0) {
        std::copy_n(all.begin() + 1, watched.size(), watched.begin());
        watch_.hear(watched);
    }
}

Outcome
Server::tell_news()
{
    const auto moved = watch_.take();
    return moved ? peer_.send({0, *moved}) : Outcome{Done{}};
}

Outcome
Server::run_once()
{
    wait();
    Outcome fine = work();
    fine = fine ? tell_news() : fine;
    // Requests that are still queued behind each other are served in turn; a
    // main process that has gone wants none of them.
    while (fine && !peer_.is_gone()) {
        const auto message = peer_.receive();
        if (!message) {
            return message.error();
        }
        if (!*message) {
            break;
        }
        const auto request = request_from_text(**message);
        fine = request ? answer(*request) : request.error();
        fine = fine ? work() : fine;
    }
    return fine;
}

Outcome
Server::run()
{
    while (!peer_.is_gone()) {
        if (const Outcome outcome = run_once(); !outcome) {
            return outcome;
        }
    }
    return Done{};
}

Result<Fd>
lock(const std::string &file)
{
    Fd fd{open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
    if (fd.get() < 0 || flock(fd.get(), LOCK_EX)) {
        return failure("lock " + file);
    }
    return fd;
}

Outcome
serve_peer(Peer &peer, int fd, const std::string &netns_dir,
           const std::string &lock_file)
{
    if (const Outcome outcome = become_kernel_process(fd); !outcome) {
        return outcome;
    }
    const auto namespaces = Namespaces::open(netns_dir);
    if (!namespaces) {
        return namespaces.error();
    }
    // To open it takes a capability, CAP_NET_BROADCAST, that its use does not.
    auto watch = Watch::open(**namespaces);
    if (!watch) {
        return watch.error();
    }
    if (const Outcome kept = keep_capabilities(); !kept) {
        return kept;
    }
    const auto locked = lock(lock_file);
    if (!locked) {
        return locked.error();
    }
    (*namespaces)->clear_names();
    return Server{peer, **namespaces, *std::move(watch)}.run();
}

} // namespace

int
serve(int fd, const std::string &netns_dir, const std::string &lock_file)
{
    note_start();
    Peer peer{fd};
    Error last_word;
    try {
        const Outcome outcome = serve_peer(peer, fd, netns_dir, lock_file);
        if (outcome) {
            return 0;
        }
        last_word = outcome.error();
    } catch (const std::exception &broken) {
        last_word = {0, broken.what()};
    }
    (void)peer.send({0, last_word});
    return 1;
}

} // namespace snat
