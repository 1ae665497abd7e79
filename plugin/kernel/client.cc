#include "kernel/client.hh"

#include "kernel/failure.hh"
#include "kernel/server.hh"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <exception>
#include <utility>

namespace snat {
namespace {

// The answer of the kind that was asked for, or else an empty one: the server
// answers an Apply with Applied and so on, and deliver() has seen to it.
template <typename T>
T
content(const Answer_body &body)
{
    const T *held = std::get_if<T>(&body);
    return held ? *held : T{};
}

// Somebody may read from the other end of a pipe until all have closed it.
void
leave_standard_files()
{
    const Fd null{open("/dev/null", O_RDWR | O_CLOEXEC)};
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        dup2(null.get(), fd);
    }
}

} // namespace

Kernel_process::Kernel_process(int fd,
                               std::function<void(const std::string &)> log)
    : fd_{fd}, log_{std::move(log)}
{
}

void
Kernel_process::send(Request_body body, size_t answer_kind, Callback callback)
{
    if (broken_) {
        return;
    }
    const Request request{++last_id_, std::move(body)};
    const Outcome put = put_frame(out_, to_text(request));
    if (put && std::holds_alternative<Probe>(request.body)) {
        probing_[request.id] = std::move(callback);
        return;
    }
    std::optional<Answer_body> refused;
    if (!put) {
        refused = refusal(request.body, put.error());
    }
    waiting_.push_back(
        {request.id, answer_kind, std::move(callback), std::move(refused)});
}

void
Kernel_process::observe(const Observe &what,
                        std::function<void(Result<Wired>)> callback)
{
    send(look_for(what), Answer_body{Seen{}}.index(),
         [callback, expected = what.expected](const Answer_body &body) {
             if (const Error *error = std::get_if<Error>(&body)) {
                 callback(*error);
                 return Outcome{Done{}};
             }
             auto wired = understand(content<Seen>(body), expected);
             if (!wired) {
                 return Outcome{wired.error()};
             }
             callback(std::move(wired));
             return Outcome{Done{}};
         });
}

void
Kernel_process::apply(const Apply &what, std::function<void(Applied)> callback)
{
    send(what, Answer_body{Applied{}}.index(),
         [callback](const Answer_body &body) {
             callback(content<Applied>(body));
             return Done{};
         });
}

void
Kernel_process::announce(const Announce &what)
{
    send(what, Answer_body{Done{}}.index(),
         [this, router = what.router](const Answer_body &body) {
             if (const Error *error = std::get_if<Error>(&body)) {
                 log_("router " + router
                      + ": its addresses are not announced: " + error->what);
             }
             return Done{};
         });
}

void
Kernel_process::probe(const Probe &what, std::function<void(Outcome)> callback)
{
    send(what, Answer_body{Done{}}.index(),
         [callback](const Answer_body &body) {
             const Error *error = std::get_if<Error>(&body);
             callback(error ? Outcome{*error} : Done{});
             return Done{};
         });
}

void
Kernel_process::list_owned(std::function<void(Owned)> callback)
{
    send(List_owned{}, Answer_body{Owned{}}.index(),
         [callback](const Answer_body &body) {
             callback(content<Owned>(body));
             return Done{};
         });
}

void
Kernel_process::count(const Count &what,
                      std::function<void(Result<Nat_counts>)> callback)
{
    send(what, Answer_body{Nat_counts{}}.index(),
         [callback](const Answer_body &body) {
             const Error *error = std::get_if<Error>(&body);
             callback(error ? Result<Nat_counts>{*error}
                            : content<Nat_counts>(body));
             return Done{};
         });
}

void
Kernel_process::ask_usage(std::function<void(const Process_usage &)> callback)
{
    send(How{}, Answer_body{Process_usage{}}.index(),
         [callback](const Answer_body &body) {
             callback(content<Process_usage>(body));
             return Done{};
         });
}

Outcome
Kernel_process::give_up(Error error)
{
    broken_ = Error{error.code, "the kernel process is gone: " + error.what};
    waiting_.clear();
    probing_.clear();
    return *broken_;
}

Outcome
Kernel_process::run()
{
    if (broken_) {
        return *broken_;
    }
    answer_refused();
    const Outcome written = write_out();
    // What it said at last tells more than that it cannot be written to.
    const Outcome read = read_in();
    return read ? written : read;
}

Outcome
Kernel_process::write_out()
{
    while (!out_.empty()) {
        const auto bytes = out_.view();
        const auto size = ::send(fd_.get(), bytes.data(), bytes.size(),
                                 MSG_DONTWAIT | MSG_NOSIGNAL);
        if (size < 0 && errno == EAGAIN) {
            break;
        }
        if (size < 0 && errno != EINTR) {
            return failure("write to the kernel process");
        }
        out_.take(size > 0 ? static_cast<size_t>(size) : 0);
    }
    return Done{};
}

// One piece a call is enough: what is left wakes the loop again.
Outcome
Kernel_process::read_in()
{
    std::array<char, 65536> buffer;
    const auto size
        = recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
        return Done{};
    }
    if (size <= 0) {
        return give_up({size ? errno : EPIPE,
                        size ? reason(errno) : "it has closed its end"});
    }
    in_.append({buffer.data(), static_cast<size_t>(size)});
    for (;;) {
        const auto message = take_frame(in_);
        if (!message) {
            return give_up(message.error());
        }
        if (!*message) {
            return Done{};
        }
        if (const Outcome outcome = deliver(**message); !outcome) {
            return outcome;
        }
    }
}

Outcome
Kernel_process::deliver(const std::string &message)
{
    const auto answer = answer_from_text(message);
    if (!answer) {
        return give_up(answer.error());
    }
    const Error *error = std::get_if<Error>(&answer->body);
    if (const auto *moved = std::get_if<Moved>(&answer->body)) {
        moved_(*moved);
        return Done{};
    }
    if (answer->id == 0) {
        return give_up(error ? *error : Error{0, "without a word"});
    }
    if (probing_.contains(answer->id)) {
        return deliver_probed(*answer);
    }
    if (waiting_.empty() || waiting_.front().id != answer->id) {
        return give_up({EBADMSG, "it answers what nobody asked"});
    }
    const Waiting first = std::move(waiting_.front());
    waiting_.pop_front();
    // Looking, counting and announcing can fail as a whole: the rest say it in
    // their own way.
    const bool may_fail
        = first.answer_kind == Answer_body{Seen{}}.index()
          || first.answer_kind == Answer_body{Nat_counts{}}.index()
          || first.answer_kind == Answer_body{Done{}}.index();
    if (answer->body.index() != first.answer_kind && !(error && may_fail)) {
        return give_up(
            {EBADMSG, error ? error->what : "it answers something else"});
    }
    if (const Outcome fits = first.callback(answer->body); !fits) {
        return give_up(fits.error());
    }
    answer_refused();
    return Done{};
}

Outcome
Kernel_process::deliver_probed(const Answer &answer)
{
    if (!std::holds_alternative<Done>(answer.body)
        && !std::holds_alternative<Error>(answer.body)) {
        return give_up({EBADMSG, "it answers something else"});
    }
    const auto callback = std::move(probing_.extract(answer.id).mapped());
    return callback(answer.body);
}

// In their turn, those that were too large to be sent.  What the callbacks ask
// anew has to wait for the next round of the loop.
void
Kernel_process::answer_refused()
{
    for (size_t n = waiting_.size(); n > 0 && has_answer(); n--) {
        const Waiting first = std::move(waiting_.front());
        waiting_.pop_front();
        (void)first.callback(*first.refused);
    }
}

Result<Spawned>
spawn(const std::string &netns_dir, const std::string &lock_file,
      const std::function<void()> &before_serve)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
        return failure("make a socket pair");
    }
    const pid_t pid = fork();
    if (pid < 0) {
        const Error error = failure("fork the kernel process");
        close(ends[0]);
        close(ends[1]);
        return error;
    }
    if (pid == 0) {
        close(ends[0]);
        leave_standard_files();
        if (before_serve) {
            before_serve();
        }
        _exit(serve(ends[1], netns_dir, lock_file));
    }
    close(ends[1]);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return Spawned{pid, ends[0]};
}

Result<Spawned>
have_started(const std::string &path)
{
    sockaddr_un address{AF_UNIX, {}};
    if (path.size() >= sizeof address.sun_path) {
        return Error{ENAMETOOLONG,
                     path + " is too long for a socket's path: expected "
                         + std::to_string(sizeof address.sun_path - 1)
                         + " bytes at most"};
    }
    path.copy(address.sun_path, path.size());
    Fd fd{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (connect(fd.get(), reinterpret_cast<const sockaddr *>(&address),
                sizeof address)) {
        return failure("connect to " + path
                       + ", where the kernel process is started");
    }
    fcntl(fd.get(), F_SETFL, O_NONBLOCK);
    return Spawned{0, fd.release()};
}

} // namespace snat
