#include "metrics_file.hh"

#include "kernel/failure.hh"
#include "kernel/fd.hh"
#include "tables/ovs.hh"

#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

VLOG_DEFINE_THIS_MODULE(snat_metrics);

namespace snat {
namespace {

Outcome
write_all(int fd, std::string_view text)
{
    while (!text.empty()) {
        const auto size = ::write(fd, text.data(), text.size());
        if (size < 0 && errno != EINTR) {
            return failure("write it");
        }
        text.remove_prefix(size > 0 ? static_cast<size_t>(size) : 0);
    }
    return Done{};
}

// Until there is something to write.
constexpr std::chrono::seconds look_pause{1};

} // namespace

// What was written last.  It is held open, so that no other file can have its
// number.
struct Metrics_file::Written {
    explicit Written(std::string name) : file{std::move(name)} {}

    // Unless another daemon's has taken its place.
    static void
    remove(void *written)
    {
        const auto &[file, last] = *static_cast<const Written *>(written);
        struct stat ours, there;
        if (last && !fstat(last.get(), &ours) && !stat(file.c_str(), &there)
            && ours.st_dev == there.st_dev && ours.st_ino == there.st_ino) {
            (void)unlink(file.c_str());
        }
    }

    std::string file;
    Fd last;
};

// However the process ends, the hook runs after all destructors, and it cannot
// be taken back: what it needs lives as long as the process.
Metrics_file::Metrics_file(std::string file, std::chrono::seconds interval,
                           Clock &clock,
                           std::function<std::optional<std::string>()> render)
    : written_{*std::make_unique<Written>(std::move(file)).release()},
      interval_{interval}, clock_{clock}, render_{std::move(render)}
{
    fatal_signal_add_hook(Written::remove, nullptr, &written_, true);
    renew();
}

void
Metrics_file::renew()
{
    const auto text = render_();
    if (!text) {
        clock_.after(look_pause, [this] { renew(); });
        return;
    }
    if (const Outcome outcome = write(*text); !outcome) {
        static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 1);
        VLOG_WARN_RL(&rl, "the metrics file %s is not renewed: %s",
                     written_.file.c_str(), outcome.error().what.c_str());
    }
    clock_.after(interval_, [this] { renew(); });
}

// In the same directory, for only so can it take the other's place.  Whoever
// collects may be any user; of a daemon that was killed half of one may lie
// about, and it may be a link to anywhere.
Outcome
Metrics_file::write(const std::string &text) const
{
    const std::string part = written_.file + ".part";
    (void)unlink(part.c_str());
    Fd fd{open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (!fd) {
        return failure("make " + part);
    }
    Outcome outcome = write_all(fd.get(), text);
    if (outcome && fchmod(fd.get(), 0644)) {
        outcome = failure("let others read it");
    }
    if (outcome && rename(part.c_str(), written_.file.c_str())) {
        outcome = failure("rename " + part);
    }
    if (outcome) {
        written_.last = std::move(fd);
    } else {
        (void)unlink(part.c_str());
    }
    return outcome;
}

} // namespace snat
