// The processes of the node, and what they have used of the processors.
#pragma once

#include <array>
#include <cstddef>
#include <string>

namespace bench {

enum class Process {
    daemon,
    kernel_process,
    database,        // ovsdb-server of OVS_SNAT.
    switch_database, // That of Open_vSwitch.
    vswitchd,
    bench, // This one: what a floor or a client needs.
};
constexpr size_t process_count = 6;
constexpr std::array<const char *, process_count> process_names{
    "ovs-snatd",       "kernel process", "OVS_SNAT's server",
    "switch's server", "ovs-vswitchd",   "bench",
};
// The same as keys of JSON.
constexpr std::array<const char *, process_count> process_keys{
    "daemon",          "kernel_process", "database",
    "switch_database", "vswitchd",       "bench",
};

// Milliseconds on the processors, of all threads of a process.
struct Used {
    double all = 0, in_kernel = 0;

    Used
    operator+(const Used &other) const
    {
        return {all + other.all, in_kernel + other.in_kernel};
    }
    Used
    operator-(const Used &other) const
    {
        return {all - other.all, in_kernel - other.in_kernel};
    }
    Used
    operator/(double by) const
    {
        return {all / by, in_kernel / by};
    }
};

// The same of every process.
class Cpu {
public:
    Used &
    operator[](Process process)
    {
        return used_[static_cast<size_t>(process)];
    }
    const Used &
    operator[](Process process) const
    {
        return used_[static_cast<size_t>(process)];
    }
    Cpu operator+(const Cpu &other) const;
    Cpu operator-(const Cpu &other) const;
    Cpu operator/(double by) const;

private:
    std::array<Used, process_count> used_;
};

// As their pid files say when it is made; after a restart of one, make
// another.
class Processes {
public:
    Processes();

    const std::string &
    pid(Process process) const
    {
        return pids_[static_cast<size_t>(process)];
    }
    Used used(Process process) const;
    Cpu used() const;

    // Waits until our two have nothing left to do: what filling a node has
    // left is none of the next change's.
    void rest() const;

private:
    std::array<std::string, process_count> pids_;
};

// While it lives, ovs-snatd and its kernel process stand still: a floor is
// none if they work beside it.
class Pause {
public:
    explicit Pause(const Processes &processes);
    Pause(const Pause &) = delete;
    Pause &operator=(const Pause &) = delete;
    ~Pause();

private:
    const Processes &processes_;
};

} // namespace bench
