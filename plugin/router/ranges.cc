#include "ranges.hh"

#include <algorithm>
#include <iterator>

namespace snat {
namespace {

uint16_t
previous(uint16_t number)
{
    return static_cast<uint16_t>(number - 1);
}

uint16_t
next(uint16_t number)
{
    return static_cast<uint16_t>(number + 1);
}

bool
overlaps(const Ip_range &a, const Ip_range &b)
{
    return a.first.family == b.first.family && a.first <= b.last
           && b.first <= a.last;
}

bool
overlaps(const Port_range &a, const Port_range &b)
{
    return a.overlaps(b);
}

template <typename Range>
Range
common(const Range &a, const Range &b)
{
    return {std::max(a.first, b.first), std::min(a.last, b.last)};
}

// Up to two parts, below and above.
template <typename Range>
std::vector<Range>
subtract(const Range &some, const Range &other)
{
    if (!overlaps(some, other)) {
        return {some};
    }
    std::vector<Range> rest;
    if (some.first < other.first) {
        rest.push_back({some.first, previous(other.first)});
    }
    if (other.last < some.last) {
        rest.push_back({next(other.last), some.last});
    }
    return rest;
}

// Of what differs in several ranges, the parts that lie beside 'others' in
// one of them; what does not goes on to the next range.
template <typename Whole>
std::vector<Whole>
subtract_each(Whole some, const Whole &others, auto... members)
{
    if (!(overlaps(some.*members, others.*members) && ...)) {
        return {some};
    }
    std::vector<Whole> rest;
    const auto cut = [&](auto member) {
        for (const auto &part : subtract(some.*member, others.*member)) {
            rest.push_back(some);
            rest.back().*member = part;
        }
        some.*member = common(some.*member, others.*member);
    };
    (cut(members), ...);
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
    return subtract_each(flows, others, &Flows::inside, &Flows::outside);
}

std::vector<Arrivals>
subtract(const Arrivals &some, const Arrivals &others)
{
    return subtract_each(some, others, &Arrivals::protocols, &Arrivals::ports,
                         &Arrivals::peers);
}

std::string
to_string(const Ip_range &range)
{
    return to_string(range.first)
           + (range.first == range.last ? "" : "-" + to_string(range.last));
}

} // namespace snat
