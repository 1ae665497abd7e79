// Routers made with nothing but what they need: the floor under what
// ovs-snatd takes, measured in the same node beside the same other routers.
#pragma once

#include "client.hh"
#include "floor_kernel.hh"
#include "floor_switch.hh"
#include "sample.hh"

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace bench {

struct Floor_plan;

// Milliseconds, from the commit of the client's rows until a status is seen.
// Meanwhile ovs-snatd should be at rest (Pause).
class Floor {
public:
    explicit Floor(Client &client) : client_{client} {}

    // All of one wiring; their rows in one transaction, or in one each.
    double add(const std::vector<Sample> &samples, bool apart = false);
    // A port or a floating IP more.
    double grow(const Sample &was, const Sample &becomes);
    double remove(const std::vector<Sample> &samples, bool apart = false);

    // Milliseconds from the beginning of the last remove() until the kernel
    // has taken everything apart.
    double wait_until_gone();
    // Until ovs-vswitchd has nothing left to do.
    void
    settle()
    {
        switch_.settle();
    }

private:
    void make(const std::vector<Floor_plan> &plans);
    void make_pairs(const std::vector<Floor_plan> &plans);
    void move_in(const std::vector<Floor_plan> &plans);
    void configure(const Floor_plan &plan);

    Client &client_;
    Floor_switch switch_;
    Floor_node node_;
    std::vector<Floor_port> removed_;
    std::chrono::steady_clock::time_point removing_;
    std::map<std::string, Floor_namespace> made_; // By router.
};

} // namespace bench
