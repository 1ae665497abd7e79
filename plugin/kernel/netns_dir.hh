// The directory of named namespaces, /run/netns, kept the way iproute2 keeps
// it, so that "ip netns" and we see each other's.
#pragma once

#include "kernel/fd.hh"
#include "router/result.hh"

#include <sys/types.h>

#include <string>
#include <vector>

namespace snat {

// Which file, or namespace, something is, whatever its name.
struct File_id {
    dev_t device = 0;
    ino_t inode = 0;

    bool operator==(const File_id &) const = default;
};

Result<File_id> identify(const Fd &fd);

class Netns_dir {
public:
    explicit Netns_dir(std::string path) : path_{std::move(path)} {}

    // What has a router's name.
    struct Entry {
        enum Kind { nothing, a_namespace, something_else } kind = nothing;
        File_id id;
        std::string words; // "a directory".
    };
    Result<Entry> look(const std::string &router) const;

    // The namespace that has the router's name; look() has seen one there.
    Result<Fd> open(const std::string &router) const;

    // Gives the namespace the name, which nothing has.
    Outcome publish(const std::string &router, const Fd &net) const;

    // Takes the name away from the namespace that has it.
    Outcome unpublish(const std::string &router, const Fd &net) const;

    // Removes the router's file, or all, if no namespace is on it: see
    // our_mode.
    void clear(const std::string &router) const;
    void clear() const;

    // The routers after whom something in the directory is called.
    std::vector<std::string> routers() const;

    std::string file(const std::string &router) const;

private:
    Outcome prepare() const;
    Outcome make_mount_point() const;

    std::string path_;
};

} // namespace snat
