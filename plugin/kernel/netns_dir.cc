#include "kernel/netns_dir.hh"

#include "kernel/failure.hh"
#include "router/names.hh"
#include "router/wired.hh"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

namespace snat {
namespace {

// The mode of the empty file that a namespace is mounted on.  Nobody else
// makes one like it, so one without a mount was left by a crash of ours
// between making the file and mounting, or the other way round, or somebody
// has taken the mount away.
constexpr mode_t our_mode = S_ISVTX;

bool
is_left_over(const struct stat &file)
{
    return S_ISREG(file.st_mode) && (file.st_mode & ~S_IFMT) == our_mode
           && file.st_size == 0;
}

std::string
describe(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return "a plain file";
    case S_IFDIR:
        return "a directory";
    case S_IFLNK:
        return "a symbolic link";
    default:
        return "a special file";
    }
}

Outcome
mount_on(const std::string &name, const Fd &net)
{
    const std::string source = "/proc/self/fd/" + std::to_string(net.get());
    return mount(source.c_str(), name.c_str(), "none", MS_BIND, nullptr)
               ? Outcome{failure("mount the namespace on " + name)}
               : Done{};
}

} // namespace

Result<File_id>
identify(const Fd &fd)
{
    struct stat file;
    if (fstat(fd.get(), &file)) {
        return failure("look at a namespace");
    }
    return File_id{file.st_dev, file.st_ino};
}

std::string
Netns_dir::file(const std::string &router) const
{
    return path_ + "/" + namespace_name(router);
}

Result<Netns_dir::Entry>
Netns_dir::look(const std::string &router) const
{
    const std::string name = file(router);
    struct stat found;
    struct statfs system;
    if (lstat(name.c_str(), &found)) {
        return errno == ENOENT ? Result<Entry>{Entry{}}
                               : failure("look at " + name);
    }
    const File_id id{found.st_dev, found.st_ino};
    const bool is_namespace = S_ISREG(found.st_mode)
                              && !statfs(name.c_str(), &system)
                              && system.f_type == NSFS_MAGIC;
    if (!is_namespace && is_left_over(found)) {
        return Entry{};
    }
    return is_namespace
               ? Entry{Entry::a_namespace, id, "another namespace"}
               : Entry{Entry::something_else, id, describe(found.st_mode)};
}

Result<Fd>
Netns_dir::open(const std::string &router) const
{
    const std::string name = file(router);
    Fd fd{
        ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    if (!fd) {
        return failure("open " + name);
    }
    if (ioctl(fd.get(), NS_GET_NSTYPE) != CLONE_NEWNET) {
        return Error{EINVAL, name + " is no network namespace"};
    }
    return fd;
}

// iproute2's create_netns_dir(): the directory is made a shared mount, so
// that names given here are seen, and can be taken away, in the mount
// namespaces of others.
Outcome
Netns_dir::prepare() const
{
    if (mkdir(path_.c_str(), 0755) && errno != EEXIST) {
        return failure("make the directory " + path_);
    }
    if (mount("", path_.c_str(), "none", MS_SHARED | MS_REC, nullptr) == 0) {
        return Done{};
    }
    return errno == EINVAL ? make_mount_point()
                           : Outcome{failure("share the mount " + path_)};
}

// Two that did this at the same time would mount twice, hence "ip netns"'s
// lock.  Somebody who sits on it must not stop us: that is an error.
Outcome
Netns_dir::make_mount_point() const
{
    const char *dir = path_.c_str();
    const Fd lock{::open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!lock || flock(lock.get(), LOCK_EX | LOCK_NB)) {
        return failure("lock " + path_);
    }
    if (mount("", dir, "none", MS_SHARED | MS_REC, nullptr) == 0) {
        return Done{};
    }
    if (mount(dir, dir, "none", MS_BIND | MS_REC, nullptr)
        || mount("", dir, "none", MS_SHARED | MS_REC, nullptr)) {
        return failure("make a shared mount of " + path_);
    }
    return Done{};
}

Outcome
Netns_dir::publish(const std::string &router, const Fd &net) const
{
    if (const Outcome outcome = prepare(); !outcome) {
        return outcome;
    }
    const std::string name = file(router);
    const Fd target{::open(name.c_str(),
                           O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, our_mode)};
    // A file that is there already is a left over one: see look().
    if (!target && errno != EEXIST) {
        return failure("make " + name);
    }
    const Outcome mounted = mount_on(name, net);
    if (!mounted) {
        unlink(name.c_str());
    }
    return mounted;
}

// A name that cannot be removed names the namespace again.
Outcome
Netns_dir::unpublish(const std::string &router, const Fd &net) const
{
    const std::string name = file(router);
    if (umount2(name.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW)) {
        return failure("unmount " + name);
    }
    if (unlink(name.c_str()) && errno != ENOENT) {
        const Error error = failure("remove " + name);
        (void)mount_on(name, net);
        return error;
    }
    return Done{};
}

void
Netns_dir::clear(const std::string &router) const
{
    const std::string name = file(router);
    struct stat found;
    if (!lstat(name.c_str(), &found) && is_left_over(found)) {
        unlink(name.c_str()); // Fails where a namespace is mounted.
    }
}

void
Netns_dir::clear() const
{
    for (const std::string &router : routers()) {
        clear(router);
    }
}

std::vector<std::string>
Netns_dir::routers() const
{
    std::vector<std::string> found;
    const std::string prefix = namespace_name("");
    std::error_code ignored; // No directory, no names.
    for (const auto &entry :
         std::filesystem::directory_iterator{path_, ignored}) {
        const std::string name = entry.path().filename();
        if (name.starts_with(prefix)
            && check_router_name(name.substr(prefix.size()))) {
            found.push_back(name.substr(prefix.size()));
        }
    }
    std::ranges::sort(found);
    return found;
}

} // namespace snat
