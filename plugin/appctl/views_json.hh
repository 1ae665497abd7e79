// What the views are made of.
#pragma once

#include "step/json.hh"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace snat {

inline void
set(const Json &object, const char *key, const std::string &value)
{
    json_object_set_new(object.get(), key,
                        json_stringn(value.data(), value.size()));
}

inline void
set(const Json &object, const char *key, uint64_t value)
{
    json_object_set_new(object.get(), key,
                        json_integer(static_cast<json_int_t>(value)));
}

inline void
set(const Json &object, const char *key, Json value)
{
    json_object_set_new(object.get(), key, value.release());
}

// A text that is itself JSON, such as a column of table Change; null if it
// is empty.
inline Json
embedded(const std::string &text)
{
    auto json = parse_json(text);
    return json ? std::move(*json) : Json{json_null()};
}

inline void
append(const Json &array, Json value)
{
    json_array_append_new(array.get(), value.release());
}

inline std::string
pretty(const Json &json)
{
    return dump(json, 2) + "\n";
}

inline std::string
padded(std::string text, size_t width)
{
    text.resize(std::max(width, text.size()), ' ');
    return text + "  ";
}

} // namespace snat
