#include "metrics_file.hh"

#include "kernel/failure.hh"
#include "kernel/fd.hh"
#include "tables/ovs.hh"

#include <cerrno>
#include <fcntl.h>
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

} // namespace

Metrics_file::Metrics_file(std::string file, std::chrono::seconds interval,
                           Clock &clock, std::function<std::string()> render)
    : file_{std::move(file)}, interval_{interval}, clock_{clock},
      render_{std::move(render)}
{
    fatal_signal_add_file_to_unlink(file_.c_str());
    renew();
}

void
Metrics_file::renew()
{
    if (const Outcome written = write(); !written) {
        static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 1);
        VLOG_WARN_RL(&rl, "the metrics file %s is not renewed: %s",
                     file_.c_str(), written.error().what.c_str());
    }
    clock_.after(interval_, [this] { renew(); });
}

// In the same directory, for only so can it take the other's place.  Whoever
// collects may be any user; of a daemon that was killed half of one may lie
// about, and it may be a link to anywhere.
Outcome
Metrics_file::write() const
{
    const std::string part = file_ + ".part";
    (void)unlink(part.c_str());
    const Fd fd{
        open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (fd.get() < 0) {
        return failure("make " + part);
    }
    Outcome written = write_all(fd.get(), render_());
    if (written && fchmod(fd.get(), 0644)) {
        written = failure("let others read it");
    }
    if (written && rename(part.c_str(), file_.c_str())) {
        written = failure("rename " + part);
    }
    if (!written) {
        (void)unlink(part.c_str());
    }
    return written;
}

} // namespace snat
