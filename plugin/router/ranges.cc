#include "ranges.hh"

#include <algorithm>
#include <iterator>

namespace snat {
namespace {

bool
overlaps(const Ip_range &a, const Ip_range &b)
{
    return a.first.family == b.first.family && a.first <= b.last
           && b.first <= a.last;
}

Ip_range
common(const Ip_range &a, const Ip_range &b)
{
    return {std::max(a.first, b.first), std::min(a.last, b.last)};
}

// Up to two parts, below and above.
std::vector<Ip_range>
subtract(const Ip_range &some, const Ip_range &other)
{
    if (!overlaps(some, other)) {
        return {some};
    }
    std::vector<Ip_range> rest;
    if (some.first < other.first) {
        rest.push_back({some.first, previous(other.first)});
    }
    if (other.last < some.last) {
        rest.push_back({next(other.last), some.last});
    }
    return rest;
}

} // namespace

Ip
previous(Ip ip)
{
    for (size_t i = ip.size(); i-- > 0 && ip.bytes[i]-- == 0;) {
    }
    return ip;
}

Ip
next(Ip ip)
{
    for (size_t i = ip.size(); i-- > 0 && ++ip.bytes[i] == 0;) {
    }
    return ip;
}

Ip_range
range_of(const Network &network)
{
    Ip_range range{network.base().ip, network.base().ip};
    for (size_t bit = network.length; bit < 8 * network.ip.size(); bit++) {
        range.last.bytes[bit / 8] |= static_cast<uint8_t>(0x80 >> bit % 8);
    }
    return range;
}

Ip_range
everybody(Family family)
{
    Network all;
    all.ip.family = family;
    return range_of(all);
}

std::vector<Ip_range>
subtract(std::vector<Ip_range> some, const std::vector<Ip_range> &others)
{
    for (const Ip_range &other : others) {
        std::vector<Ip_range> rest;
        for (const Ip_range &range : some) {
            std::ranges::copy(subtract(range, other),
                              std::back_inserter(rest));
        }
        some = std::move(rest);
    }
    // Those that were given may overlap.
    std::ranges::sort(some);
    std::vector<Ip_range> out;
    for (const Ip_range &range : some) {
        if (!out.empty() && overlaps(out.back(), range)) {
            out.back().last = std::max(out.back().last, range.last);
        } else {
            out.push_back(range);
        }
    }
    return out;
}

std::vector<Flows>
subtract(const Flows &flows, const Flows &others)
{
    if (!overlaps(flows.inside, others.inside)
        || !overlaps(flows.outside, others.outside)) {
        return {flows};
    }
    std::vector<Flows> rest;
    for (const Ip_range &inside : subtract(flows.inside, others.inside)) {
        rest.push_back({inside, flows.outside});
    }
    const Ip_range both = common(flows.inside, others.inside);
    for (const Ip_range &outside : subtract(flows.outside, others.outside)) {
        rest.push_back({both, outside});
    }
    return rest;
}

std::string
to_string(const Ip_range &range)
{
    return to_string(range.first)
           + (range.first == range.last ? "" : "-" + to_string(range.last));
}

} // namespace snat
