// One router, r1, and the edits that make it, change it and delete it through
// either door: what the drills with failing steps and with crashes go by.
#pragma once

#include "system/node.hh"

#include <string>

namespace test {

enum class Door {
    vsctl,   // ovs-vsctl on ports that are there already, with their devices.
    snatctl, // ovs-snatctl.
};
enum class Kind { create, update, destroy };

struct Drill {
    Door door;
    Kind kind;
    std::string wiring; // "veth" or "internal".
    // The gateway has an IPv6 address too, which takes the kernel a second.
    bool ipv6 = false;
};

class Drilled {
public:
    // Brings the node to where the edit begins.
    explicit Drilled(const Drill &drill);

    // The edit, and its contrary.  Each waits until it is realised or
    // refused; true if it was realised.
    bool edit();
    bool take_back();
    // Only writes the rows.
    void edit_and_go();
    // A command that succeeds when all edits are realised or refused.
    std::string is_over() const;
    // Waits for it; true if the last one was realised.
    bool wait();

    Node node;

private:
    void tell(const std::string &words);

    Drill drill_;
    std::string there_, back_;
};

} // namespace test
