// One router, r1, and the edits that make it, change it and delete it through
// either door.  That each may fail at any step is the campaign's:
// tests/campaign.
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

    Node node;

private:
    void tell(const std::string &words);
    bool wait();

    Drill drill_;
    std::string there_, back_;
};

} // namespace test
