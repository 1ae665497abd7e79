// From values to JSON.

#include "step/json.hh"
#include "step/json_members.hh"

#include <concepts>
#include <type_traits>

namespace snat {
namespace {

json_t *write(const std::string &text);
json_t *write(bool value);
template <std::unsigned_integral T> json_t *write(T value);
json_t *write(Role role);
json_t *write(Wiring wiring);
json_t *write(Name_state state);
json_t *write(Nat_type type);
json_t *write(Protocol protocol);
json_t *write(Family family);
json_t *write(const Ip &ip);
json_t *write(const Network &network);
json_t *write(const Mac &mac);
template <typename T> json_t *write(const std::vector<T> &list);
template <typename T> json_t *write(const std::set<T> &list);
template <typename T> json_t *write(const Shared_set<T> &list);
template <typename T> json_t *write(const std::map<std::string, T> &map);
json_t *write(const Nat_table &table);
json_t *write(const std::map<Route_place, Route> &routes);
template <typename T>
requires std::is_class_v<T> json_t *write(const T &object);

struct Writer {
    json_t *object;

    template <typename T>
    void
    operator()(const char *name, const T &value) const
    {
        json_object_set_new(object, name, write(value));
    }
    template <typename T>
    void
    operator()(const char *name, const T &value, Spared) const
    {
        if (value != T{}) {
            (*this)(name, value);
        }
    }
    template <typename T>
    void
    operator()(const char *name, const std::optional<T> &value) const
    {
        if (value) {
            (*this)(name, *value);
        }
    }
};

json_t *
write(const std::string &text)
{
    // Bytes that are no UTF-8 cannot come from OVSDB, but a name read from
    // the kernel may hold any.
    json_t *json = json_stringn(text.data(), text.size());
    return json ? json : json_string("?");
}

json_t *
write(bool value)
{
    return json_boolean(value);
}

template <std::unsigned_integral T>
json_t *
write(T value)
{
    return json_integer(static_cast<json_int_t>(value));
}

json_t *
write(Role role)
{
    return json_string(to_string(role));
}

json_t *
write(Wiring wiring)
{
    return json_string(to_string(wiring));
}

json_t *
write(Name_state state)
{
    return json_string(name_states[static_cast<size_t>(state)]);
}

json_t *
write(Nat_type type)
{
    return json_string(to_string(type));
}

json_t *
write(Protocol protocol)
{
    return json_string(to_string(protocol));
}

json_t *
write(Family family)
{
    return json_string(families[family == Family::ipv6]);
}

json_t *
write(const Ip &ip)
{
    return write(to_string(ip));
}

json_t *
write(const Network &network)
{
    return write(to_string(network));
}

json_t *
write(const Mac &mac)
{
    return write(to_string(mac));
}

json_t *
write_list(const auto &list)
{
    json_t *json = json_array();
    for (const auto &element : list) {
        json_array_append_new(json, write(element));
    }
    return json;
}

template <typename T>
json_t *
write(const std::vector<T> &list)
{
    return write_list(list);
}

template <typename T>
json_t *
write(const std::set<T> &list)
{
    return write_list(list);
}

template <typename T>
json_t *
write(const Shared_set<T> &list)
{
    return write_list(list);
}

json_t *
write_map(const auto &map)
{
    json_t *json = json_object();
    for (const auto &[key, value] : map) {
        json_object_set_new(json, key.c_str(), write(value));
    }
    return json;
}

template <typename T>
json_t *
write(const std::map<std::string, T> &map)
{
    return write_map(map);
}

json_t *
write(const Nat_table &table)
{
    return write_map(table);
}

json_t *
write(const std::map<Route_place, Route> &routes)
{
    json_t *json = json_array();
    for (const auto &[place, route] : routes) {
        json_array_append_new(json, write(route));
    }
    return json;
}

template <typename T>
requires std::is_class_v<T> json_t *
write(const T &object)
{
    json_t *json = json_object();
    describe(object, Writer{json});
    return json;
}

} // namespace

Json
to_json(const Step &step)
{
    Json json{json_object()};
    json_object_set_new(json.get(), "step",
                        json_string(step_names[step.index()]));
    json_object_set_new(json.get(), "words", write(words(step, true)));
    std::visit([&](auto &s) { describe(s, Writer{json.get()}); }, step);
    return json;
}

Json
to_json(const std::vector<Step> &steps)
{
    Json json{json_array()};
    for (const Step &step : steps) {
        json_array_append_new(json.get(), to_json(step).release());
    }
    return json;
}

Json
to_json(const Router &router)
{
    return Json{write(router)};
}

Json
to_json(const Excerpt &excerpt)
{
    return Json{write(excerpt)};
}

Json
to_json(const Nat_rule &rule)
{
    return Json{write(rule)};
}

Json
to_json(const Wired &wired)
{
    return Json{write(wired)};
}

} // namespace snat
