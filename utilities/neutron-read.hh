// The parts of a payload, each read where its keys are explained.
#pragma once

#include "neutron-json.hh"
#include "neutron-payload.hh"

#include <map>

namespace snat::neutron {

using Policies = std::map<std::string, Rates>; // By id.

// No two things may have one name: a router's is its id, a device's begins as
// its port's id does.
class Names {
public:
    void take(const std::string &name, const Place &id);

private:
    std::map<std::string, std::string> places_;
};

// What is known while a payload is read.
struct Reading {
    Policies policies;
    Names names;
};

Protocol read_protocol(const Place &at);

Policies read_policies(const Place &at);
Rates read_rates(const Place &policy_id, const Policies &policies);

Port read_port(const Place &at, std::string_view prefix, Reading &reading);
std::vector<Port> read_internal_ports(const Place &at, Reading &reading);

std::vector<Floating_ip> read_floating_ips(const Place &router,
                                           bool distributed,
                                           const Policies &policies);

} // namespace snat::neutron
