#include "system/drill.hh"

#include <stdexcept>

namespace test {
namespace {

// The addresses of the gateway port before an update and after it.
std::vector<std::string>
networks(bool updated, bool ipv6)
{
    std::vector<std::string> out
        = updated ? std::vector<std::string>{"198.51.100.20/24",
                                             "198.51.100.21/24"}
                  : std::vector<std::string>{"198.51.100.10/24"};
    if (ipv6) {
        out.push_back(updated ? "2001:db8::20/64" : "2001:db8::10/64");
    }
    return out;
}

std::string
join(const std::vector<std::string> &words, const std::string &separator)
{
    std::string out;
    for (const std::string &word : words) {
        out += (out.empty() ? "" : separator) + word;
    }
    return out;
}

std::string
add_port(const std::string &wiring, const std::string &words)
{
    return " -- --wiring=" + wiring + " " + words;
}

std::string
set_networks(bool updated, bool ipv6)
{
    return "set Router_Port qg-r1 'networks=[\""
           + join(networks(updated, ipv6), "\",\"") + "\"]'";
}

std::string
snatctl_create(const Drill &drill)
{
    return "-- router-add r1"
           + add_port(drill.wiring,
                      "--bridge=br-ex --gateway=198.51.100.1 port-add r1 "
                      "qg-r1 "
                          + join(networks(false, drill.ipv6), " "))
           + add_port(drill.wiring,
                      "--bridge=br-int port-add r1 sg-r1 10.0.0.1/24")
           + add_port(drill.wiring, "--bridge=br-int --tag=7 port-add r1 "
                                    "sg-r1b 10.0.1.1/24");
}

// Addresses, MTU and tag change, one port comes and one goes.
std::string
snatctl_update(const Drill &drill)
{
    return "-- " + set_networks(true, drill.ipv6)
           + " mtu=1400 -- port-del sg-r1 -- set Router_Port sg-r1b tag=8"
           + add_port(drill.wiring,
                      "--bridge=br-int port-add r1 sg-r1c 10.0.2.1/24");
}

std::string
snatctl_downdate(const Drill &drill)
{
    return "-- " + set_networks(false, drill.ipv6)
           + " -- clear Router_Port qg-r1 mtu -- port-del sg-r1c -- set "
             "Router_Port sg-r1b tag=7"
           + add_port(drill.wiring,
                      "--bridge=br-int port-add r1 sg-r1 10.0.0.1/24");
}

} // namespace

Drilled::Drilled(const Drill &drill) : drill_{drill}
{
    if (!tell(snatctl_create(drill))) {
        throw std::runtime_error("r1 cannot be made");
    }
}

// Waits until it is realised or refused; true if it was realised.
bool
Drilled::tell(const std::string &words)
{
    node.run("ovs-snatctl --timeout=20 " + words);
    const auto last
        = node.must("ovs-appctl -t ovs-snatd change/list r1 | tail -n 1");
    return last.find(" committed ") != last.npos;
}

bool
Drilled::edit()
{
    return tell(snatctl_update(drill_));
}

bool
Drilled::take_back()
{
    return tell(snatctl_downdate(drill_));
}

} // namespace test
