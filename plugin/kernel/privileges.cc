#include "kernel/privileges.hh"

#include "kernel/failure.hh"

#include <cap-ng.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace snat {
namespace {

Outcome
close_others(int fd)
{
    const auto kept = static_cast<unsigned int>(fd);
    const bool closed = (kept <= 3 || !close_range(3, kept - 1, 0))
                        && !close_range(kept < 3 ? 3 : kept + 1, ~0U, 0);
    return closed ? Outcome{Done{}} : failure("close inherited files");
}

void
reset_signals()
{
    for (int signal_number = 1; signal_number < NSIG; signal_number++) {
        signal(signal_number, SIG_DFL);
    }
    for (const int ignored : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) {
        signal(ignored, SIG_IGN);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
}

// Three descriptors a router.
void
raise_file_limit()
{
    rlimit limit;
    if (!getrlimit(RLIMIT_NOFILE, &limit)) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

} // namespace

Outcome
become_kernel_process(int fd)
{
    reset_signals();
    prctl(PR_SET_NAME, "ovs-snatd-kern", 0, 0, 0);
    umask(022);
    raise_file_limit();
    return close_others(fd);
}

// Namespaces and mounts; links, addresses, routes and NAT; announcements.
Outcome
keep_capabilities()
{
    capng_clear(CAPNG_SELECT_ALL);
    const auto kept
        = static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED);
    capng_updatev(CAPNG_ADD, kept, CAP_SYS_ADMIN, CAP_NET_ADMIN, CAP_NET_RAW,
                  -1);
    // The bounding set too: it goes first, while that is still allowed.
    if (capng_apply(CAPNG_SELECT_ALL)) {
        return Error{EPERM, "cannot reduce the kernel process to "
                            "CAP_SYS_ADMIN, CAP_NET_ADMIN and CAP_NET_RAW: "
                            "it must be started as root"};
    }
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
               ? Outcome{failure("set no_new_privs")}
               : Done{};
}

} // namespace snat
