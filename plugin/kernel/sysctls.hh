// The network sysctls of a namespace.
#pragma once

#include "kernel/fd.hh"
#include "kernel/namespaces.hh"
#include "router/result.hh"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace snat {

// Keys are paths below /proc/sys, and only these of the network's:
// net/ipv4, net/ipv6, net/netfilter.
Outcome check_sysctl_key(std::string_view key);

// Looking up a path below /proc/sys/net costs time in proportion to the
// namespaces that were looked at through the same mount of /proc, so this
// uses mounts of its own, which nobody else sees, and drops each after a few.
class Sysctls {
public:
    // White space within a value is a single space.  Those that cannot be
    // read are left out.
    std::map<std::string, std::string>
    read(const Namespace &inside, const std::vector<std::string> &keys);

    Outcome write(const Namespace &inside, const std::string &key,
                  const std::string &value);

private:
    Outcome prepare(const Namespace &inside);

    Fd proc_;
    size_t uses_ = 0;
    File_id last_; // The namespace that used it last.
};

} // namespace snat
