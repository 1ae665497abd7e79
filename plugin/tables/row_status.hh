// What a row shows of itself, read back.
#pragma once

#include "change/world.hh"

#include <optional>
#include <string>
#include <string_view>

namespace snat {

// Empty if 'state' is no word of ours, or none at all.
inline std::optional<Row_status>
read_row_status(std::string_view state, const std::string &error)
{
    for (auto known : {State::pending, State::active, State::failed,
                       State::degraded, State::disabled, State::standby}) {
        if (state == to_string(known)) {
            return Row_status{known, error};
        }
    }
    return std::nullopt;
}

} // namespace snat
