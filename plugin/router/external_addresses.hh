// The external addresses of a router's rules: which of them its gateway ports
// must have, besides their own.
#pragma once

#include "wired.hh"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace snat {

class External_addresses {
public:
    // As often as rules bring it, so often it has to be removed to be gone.
    void add(const std::vector<std::string> &ports, const Ip &ip);
    void remove(const std::vector<std::string> &ports, const Ip &ip);

    const Hosts &ipv4(const std::string &port) const;
    const std::set<Ip> &ipv6(const std::string &port) const;

private:
    struct Addresses {
        Hosts ipv4;
        std::set<Ip> ipv6;
    };
    const Addresses &of(const std::string &port) const;

    std::map<std::pair<std::string, Ip>, size_t> rules_; // How many bring it.
    std::map<std::string, Addresses> addresses_;         // By port.
};

} // namespace snat
