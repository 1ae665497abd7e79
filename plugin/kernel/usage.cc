#include "kernel/usage.hh"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <memory>

namespace snat {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::system_clock;

milliseconds started_at{};

uint64_t
microseconds_of(const timeval &time)
{
    return static_cast<uint64_t>(time.tv_sec) * 1000000
           + static_cast<uint64_t>(time.tv_usec);
}

// But for the one that it is counted by.
uint64_t
count_open_fds()
{
    const std::unique_ptr<DIR, int (*)(DIR *)> fds{opendir("/proc/self/fd"),
                                                   closedir};
    uint64_t count = 0;
    while (const dirent *entry = fds ? readdir(fds.get()) : nullptr) {
        count += entry->d_name[0] != '.';
    }
    return count ? count - 1 : 0;
}

} // namespace

void
note_start()
{
    started_at
        = duration_cast<milliseconds>(system_clock::now().time_since_epoch());
}

Process_usage
own_usage()
{
    Process_usage usage;
    usage.started_at = static_cast<uint64_t>(started_at.count());
    rusage used;
    if (!getrusage(RUSAGE_SELF, &used)) {
        usage.cpu_us
            = microseconds_of(used.ru_utime) + microseconds_of(used.ru_stime);
    }
    const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
    uint64_t pages = 0, resident_pages = 0; // As proc(5) has them.
    if (std::ifstream{"/proc/self/statm"} >> pages >> resident_pages) {
        usage.virtual_bytes = pages * page;
        usage.resident_bytes = resident_pages * page;
    }
    usage.open_fds = count_open_fds();
    rlimit limit;
    if (!getrlimit(RLIMIT_NOFILE, &limit)) {
        usage.max_fds = limit.rlim_cur;
    }
    return usage;
}

} // namespace snat
