// One router, r1, and an edit that changes all kinds of things of it, there
// and back.  That it may fail at any step is the campaign's: tests/campaign.
#pragma once

#include "system/node.hh"

#include <string>

namespace test {

struct Drill {
    std::string wiring; // "veth" or "internal".
    // The gateway has an IPv6 address too, which takes the kernel a second.
    bool ipv6 = false;
};

class Drilled {
public:
    // The router is there when this returns.
    explicit Drilled(const Drill &drill);

    // The edit, and its contrary.  Each waits until it is realised or
    // refused; true if it was realised.
    bool edit();
    bool take_back();

    Node node;

private:
    bool tell(const std::string &words);

    Drill drill_;
};

} // namespace test
