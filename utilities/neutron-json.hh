// JSON that somebody else wrote, read value by value, each with the way to it.
//
// What is not as expected is noted in words such as "routers[3].gw_port.mtu:
// "x": expected a whole number from 0 to 65535", and some value is returned
// all the same: so readers go on in a straight line, and whoever called them
// looks at the end whether anything was noted.
#pragma once

#include "router/address.hh"

#include <jansson.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace snat::neutron {

class Place {
public:
    // The first thing that is wrong is left in 'wrong', which must live as
    // long as this and all that comes of it.
    Place(const json_t *json, std::string path, std::optional<Error> &wrong)
        : json_{json}, path_{std::move(path)}, wrong_{&wrong}
    {
    }

    // Null is as good as nothing: that is how Neutron writes what is unset.
    bool
    is_there() const
    {
        return json_ && !json_is_null(json_);
    }
    const std::string &
    path() const
    {
        return path_;
    }

    Place operator[](const std::string &key) const; // Of an object.
    std::vector<Place> elements() const; // Of a list; none if it is not there.

    std::string text() const;
    std::string uuid() const;
    bool boolean(bool otherwise) const; // That if it is not there.
    int64_t integer(int64_t least, int64_t most) const;
    Ip ip() const;
    Ip ip(Family family) const;
    Network network() const; // Without host bits.
    Mac mac() const;
    std::string one_of(std::span<const std::string_view> words) const;

    void refuse(const std::string &expected) const;

private:
    std::string string() const; // "" if it is none.
    std::string shown() const;

    const json_t *json_;
    std::string path_;
    std::optional<Error> *wrong_;
};

} // namespace snat::neutron
