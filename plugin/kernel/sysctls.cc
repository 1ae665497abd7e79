#include "kernel/sysctls.hh"

#include "kernel/failure.hh"

#include <fcntl.h>
#include <sys/mount.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

namespace snat {
namespace {

constexpr size_t namespaces_per_mount = 64;
constexpr size_t max_key_size = 256;

bool
is_sane(std::string_view part)
{
    const auto is_allowed = [](unsigned char c) { return c > ' ' && c < 127; };
    return !part.empty() && part != "." && part != ".."
           && std::ranges::all_of(part, is_allowed);
}

Result<Fd>
mount_proc()
{
    const Fd context{fsopen("proc", FSOPEN_CLOEXEC)};
    if (!context
        || fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0)) {
        return failure("make a procfs of our own");
    }
    Fd proc{fsmount(context.get(), FSMOUNT_CLOEXEC,
                    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)};
    if (!proc) {
        return failure("mount a procfs of our own");
    }
    return proc;
}

// "1024\t65535\n" is "1024 65535", as sysctl(8) takes it.
std::string
normalise(std::string_view value)
{
    std::string out;
    for (const char c : value) {
        if (c != ' ' && c != '\t' && c != '\n') {
            out += c;
        } else if (!out.empty() && out.back() != ' ') {
            out += ' ';
        }
    }
    while (out.ends_with(' ')) {
        out.pop_back();
    }
    return out;
}

std::optional<std::string>
read_value(int proc, const std::string &key)
{
    const Fd file{openat(proc, ("sys/" + key).c_str(), O_RDONLY | O_CLOEXEC)};
    std::array<char, 4096> buffer;
    const auto size = ::read(file.get(), buffer.data(), buffer.size());
    if (size < 0) {
        return std::nullopt;
    }
    return normalise({buffer.data(), static_cast<size_t>(size)});
}

} // namespace

Outcome
check_sysctl_key(std::string_view key)
{
    const bool known = key.starts_with("net/ipv4/")
                       || key.starts_with("net/ipv6/")
                       || key.starts_with("net/netfilter/");
    bool sane = key.size() <= max_key_size;
    for (std::string_view rest = key; sane;) {
        const size_t slash = rest.find('/');
        sane = is_sane(rest.substr(0, slash));
        if (slash == rest.npos) {
            break;
        }
        rest.remove_prefix(slash + 1);
    }
    return known && sane
               ? Outcome{Done{}}
               : Error{EINVAL, "not a sysctl that a router may have"};
}

Outcome
Sysctls::prepare(const Namespace &inside)
{
    if (proc_ && last_ == inside.id()) {
        return Done{};
    }
    if (!proc_ || uses_ >= namespaces_per_mount) {
        auto proc = mount_proc();
        if (!proc) {
            return proc.error();
        }
        proc_ = *std::move(proc);
        uses_ = 0;
    }
    uses_++;
    last_ = inside.id();
    return Done{};
}

std::map<std::string, std::string>
Sysctls::read(const Namespace &inside, const std::vector<std::string> &keys)
{
    std::map<std::string, std::string> values;
    if (keys.empty() || !prepare(inside)) {
        return values;
    }
    const Visit visit{inside};
    for (const std::string &key : keys) {
        if (const auto value = read_value(proc_.get(), key)) {
            values[key] = *value;
        }
    }
    return values;
}

Outcome
Sysctls::write(const Namespace &inside, const std::string &key,
               const std::string &value)
{
    if (const Outcome outcome = prepare(inside); !outcome) {
        return outcome;
    }
    const Visit visit{inside};
    const Fd file{
        openat(proc_.get(), ("sys/" + key).c_str(), O_WRONLY | O_CLOEXEC)};
    if (!file || ::write(file.get(), value.data(), value.size()) < 0) {
        return failure("set the sysctl " + key);
    }
    return Done{};
}

} // namespace snat
