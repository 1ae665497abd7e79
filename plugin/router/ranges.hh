// Ranges of addresses, and pairs of ranges, taken away from one another: of
// rules that overlap, which flows are left to the later ones.
#pragma once

#include "address.hh"
#include "nat.hh"

#include <compare>
#include <string>
#include <vector>

namespace snat {

struct Ip_range {
    Ip first, last; // Of one family; both belong to it.

    auto operator<=>(const Ip_range &) const = default;
};

// The address before or after, which must be there.
Ip previous(Ip ip);
Ip next(Ip ip);

Ip_range range_of(const Network &network);
Ip_range everybody(Family family);

// All of 'some' but what is in 'others', in order and without overlaps.
std::vector<Ip_range> subtract(std::vector<Ip_range> some,
                               const std::vector<Ip_range> &others);

// The flows from one of 'inside' to one of 'outside'.
struct Flows {
    Ip_range inside, outside;

    auto operator<=>(const Flows &) const = default;
};

// What is left of 'flows' without 'others'.  None of the parts overlap.
std::vector<Flows> subtract(const Flows &flows, const Flows &others);

// Flows to one address: of these protocols, to these ports, from these peers.
struct Arrivals {
    Port_range protocols{0, 255}, ports{0, 65535};
    Ip_range peers;

    auto operator<=>(const Arrivals &) const = default;
};

// What is left of 'some' without 'others'.  None of the parts overlap.
std::vector<Arrivals> subtract(const Arrivals &some, const Arrivals &others);

// "10.0.0.0-10.0.0.255", or "10.0.0.5" if it is only that.
std::string to_string(const Ip_range &range);

} // namespace snat
