#include "started_with.hh"

#include "tables/ovs.hh"

extern "C" {
#include "ovsdb-session.h"
}

#include <filesystem>
#include <system_error>
#include <unistd.h>

VLOG_DEFINE_THIS_MODULE(started_with);

namespace snat {
namespace {

// A database is connected to by either, as in ovsdb(7).
bool
is_known(const char *remote)
{
    return !stream_verify_name(remote) || !pstream_verify_name(remote);
}

// As "ip netns" has it, in a directory that each boot finds empty: it is made
// with the first namespace.
bool
is_made_by_us(const std::string &dir)
{
    return dir == "/run/netns" || dir == "/var/run/netns";
}

} // namespace

void
require_remote(const char *option, const std::string &remote)
{
    svec members = SVEC_EMPTY_INITIALIZER;
    uuid cluster;
    ovsdb_session_parse_remote(remote.c_str(), &members, &cluster);
    if (members.n == 0) {
        VLOG_FATAL("%s=%s: expected the remote of a database", option,
                   remote.c_str());
    }
    for (size_t i = 0; i < members.n; i++) {
        if (!is_known(members.names[i])) {
            VLOG_FATAL("%s=%s: \"%s\" is no remote of a database: expected "
                       "unix:FILE, tcp:ADDRESS:PORT or ssl:ADDRESS:PORT",
                       option, remote.c_str(), members.names[i]);
        }
    }
    svec_destroy(&members);
}

void
require_netns_dir(const std::string &dir)
{
    std::error_code failed;
    const auto found = std::filesystem::status(dir, failed);
    if (is_directory(found) || (!exists(found) && is_made_by_us(dir))) {
        return;
    }
    VLOG_FATAL("--netns-dir=%s: %s: expected the directory of named network "
               "namespaces",
               dir.c_str(),
               exists(found) ? "it is no directory"
                             : failed.message().c_str());
}

void
require_root()
{
    if (geteuid() != 0) {
        VLOG_FATAL("must be started as root: it makes network namespaces, and "
                   "the sockets of Open vSwitch are root's");
    }
}

} // namespace snat
