// Many routers of two ports each, in their number's own networks.
#pragma once

#include "client.hh"

#include <functional>
#include <string>

namespace bench {

// Environment variable ROUTERS, or else so many.
int fleet_size(int otherwise);

std::string numbered(const char *prefix, int number);

// "198.18.4.1" and "10.4.1." of router 1000.
std::string outside_address(int number);
std::string inside_network(int number);

// In transactions of a hundred; 'meanwhile' runs whenever the client has
// something to look at.
void add_routers(
    Client &client, int count, const char *wiring,
    const std::function<void()> &meanwhile = [] {});

// All that there are.
void delete_routers(Client &client);

} // namespace bench
