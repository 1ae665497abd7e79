// From JSON to values, or to an Error that says where the JSON is wrong.

#include "step/json.hh"
#include "step/json_members.hh"

#include "router/names.hh"

#include <algorithm>
#include <concepts>
#include <span>
#include <type_traits>
#include <utility>

namespace snat {
namespace {

// Each read() says whether the JSON was fit; the first that was not leaves the
// way to it in 'where', fit to stand inside a sentence.
class Reader {
public:
    bool read(const json_t *json, std::string &out);
    bool read(const json_t *json, bool &out);
    template <std::unsigned_integral T> bool read(const json_t *, T &out);
    bool read(const json_t *json, Role &out);
    bool read(const json_t *json, Wiring &out);
    bool read(const json_t *json, Name_state &out);
    bool read(const json_t *json, Nat_type &out);
    bool read(const json_t *json, Protocol &out);
    bool read(const json_t *json, Family &out);
    bool read(const json_t *json, Ip &out);
    bool read(const json_t *json, Network &out);
    bool read(const json_t *json, Mac &out);
    template <typename T> bool read(const json_t *, std::vector<T> &out);
    template <typename T> bool read(const json_t *, std::set<T> &out);
    template <typename T> bool read(const json_t *, Shared_set<T> &out);
    template <typename T>
    bool read(const json_t *, std::map<std::string, T> &out);
    bool read(const json_t *json, Nat_table &out);
    bool read(const json_t *json, std::map<std::string, Port> &out);
    bool read(const json_t *json, std::map<Route_place, Route> &out);
    bool read(const json_t *json, Step &out);
    template <typename T> bool read(const json_t *json, T &out);

    std::string where;

private:
    bool
    wrong(const std::string &part)
    {
        where = where.empty() ? part : part + "." + where;
        return false;
    }
    bool read_enum(const json_t *, std::span<const char *const>, auto &out);
    bool read_parsed(const json_t *json, auto parse, auto &out);
    template <typename T>
    bool read_described(const json_t *, T &out, size_t known_members);
};

bool
Reader::read(const json_t *json, std::string &out)
{
    if (!json_is_string(json)) {
        return false;
    }
    out.assign(json_string_value(json), json_string_length(json));
    return true;
}

bool
Reader::read(const json_t *json, bool &out)
{
    out = json_is_true(json);
    return json_is_boolean(json);
}

template <std::unsigned_integral T>
bool
Reader::read(const json_t *json, T &out)
{
    const json_int_t value = json_integer_value(json);
    out = static_cast<T>(value);
    return json_is_integer(json) && value >= 0 && std::cmp_equal(value, out);
}

bool
Reader::read_enum(const json_t *json, std::span<const char *const> words,
                  auto &out)
{
    std::string text;
    if (read(json, text)) {
        for (size_t i = 0; i < words.size(); i++) {
            if (text == words[i]) {
                out = static_cast<std::remove_reference_t<decltype(out)>>(i);
                return true;
            }
        }
    }
    return false;
}

bool
Reader::read(const json_t *json, Role &out)
{
    constexpr const char *words[] = {"gateway", "internal"};
    return read_enum(json, words, out);
}

bool
Reader::read(const json_t *json, Wiring &out)
{
    constexpr const char *words[] = {"veth", "internal"};
    return read_enum(json, words, out);
}

bool
Reader::read(const json_t *json, Name_state &out)
{
    return read_enum(json, name_states, out);
}

bool
Reader::read(const json_t *json, Nat_type &out)
{
    return read_enum(json, nat_types, out);
}

bool
Reader::read(const json_t *json, Protocol &out)
{
    return read_enum(json, protocols, out);
}

bool
Reader::read(const json_t *json, Family &out)
{
    bool is_v6 = false;
    const bool fine = read_enum(json, families, is_v6);
    out = is_v6 ? Family::ipv6 : Family::ipv4;
    return fine;
}

bool
Reader::read_parsed(const json_t *json, auto parse, auto &out)
{
    std::string text;
    if (!read(json, text)) {
        return false;
    }
    auto parsed = parse(text);
    if (parsed) {
        out = *parsed;
    }
    return bool(parsed);
}

bool
Reader::read(const json_t *json, Ip &out)
{
    return read_parsed(json, parse_ip, out);
}

bool
Reader::read(const json_t *json, Network &out)
{
    return read_parsed(json, parse_network, out);
}

bool
Reader::read(const json_t *json, Mac &out)
{
    return read_parsed(json, parse_mac, out);
}

template <typename T>
bool
Reader::read(const json_t *json, std::vector<T> &out)
{
    out.clear();
    size_t i;
    json_t *element;
    json_array_foreach(json, i, element)
    {
        if (!read(element, out.emplace_back())) {
            return wrong(std::to_string(i));
        }
    }
    return json_is_array(json);
}

template <typename T>
bool
Reader::read(const json_t *json, std::set<T> &out)
{
    std::vector<T> list;
    const bool fine = read(json, list);
    out = {list.begin(), list.end()};
    return fine && out.size() == list.size();
}

template <typename T>
bool
Reader::read(const json_t *json, Shared_set<T> &out)
{
    std::vector<T> list;
    out = {};
    return read(json, list) && std::ranges::all_of(list, [&](const T &one) {
               return out.insert(one);
           });
}

bool
Reader::read(const json_t *json, Nat_table &out)
{
    out = {};
    const char *key;
    json_t *value;
    json_object_foreach(const_cast<json_t *>(json), key, value)
    {
        std::string text;
        if (!read(value, text)) {
            return wrong(plain(key));
        }
        out.set(key, text);
    }
    return json_is_object(json);
}

template <typename T>
bool
Reader::read(const json_t *json, std::map<std::string, T> &out)
{
    out.clear();
    const char *key;
    json_t *value;
    json_object_foreach(const_cast<json_t *>(json), key, value)
    {
        if (!read(value, out[key])) {
            return wrong(plain(key));
        }
    }
    return json_is_object(json);
}

// A port stands under its own name and no other.
bool
Reader::read(const json_t *json, std::map<std::string, Port> &out)
{
    if (!read<Port>(json, out)) {
        return false;
    }
    const auto stranger = std::ranges::find_if(
        out, [](const auto &item) { return item.first != item.second.name; });
    return stranger == out.end() || wrong(plain(stranger->first) + ".name");
}

bool
Reader::read(const json_t *json, std::map<Route_place, Route> &out)
{
    std::vector<Route> routes;
    const bool fine = read(json, routes);
    out.clear();
    for (Route &route : routes) {
        out.emplace(route.place(), route);
    }
    return fine && out.size() == routes.size();
}

template <typename T>
bool
Reader::read_described(const json_t *json, T &out, size_t known_members)
{
    bool fine = json_is_object(json);
    const auto read_member
        = [&](const char *name, auto &member, auto... spared) {
              const json_t *value = json_object_get(json, name);
              known_members += value != nullptr;
              if (sizeof...(spared) && !value) {
                  member = {};
                  return;
              }
              if constexpr (requires { member.has_value(); }) {
                  member.reset();
                  if (fine && value && !read(value, member.emplace())) {
                      fine = wrong(name);
                  }
              } else if (fine && !(value && read(value, member))) {
                  fine = wrong(name);
              }
          };
    describe(out, read_member);
    // A member that nobody asked for is a mistake, or an attack.
    if (fine && json_object_size(json) != known_members) {
        fine = wrong("an unknown member");
    }
    return fine;
}

template <typename T>
bool
Reader::read(const json_t *json, T &out)
{
    return read_described(json, out, 0);
}

// A step with neither side would say nothing at all.
bool
has_a_side(const auto &step)
{
    if constexpr (requires { step.was.has_value(); }) {
        return step.was || step.becomes;
    } else if constexpr (std::is_same_v<decltype(step), const Set_switch &>) {
        return std::ranges::all_of(
            step.ports, [](const auto &item) { return has_a_side(item); });
    }
    return true;
}

template <size_t I = 0>
bool
emplace_step(size_t kind, Step &step)
{
    if constexpr (I < std::variant_size_v<Step>) {
        if (kind == I) {
            step.emplace<I>();
            return true;
        }
        return emplace_step<I + 1>(kind, step);
    }
    return false;
}

bool
Reader::read(const json_t *json, Step &out)
{
    size_t kind = 0;
    if (!read_enum(json_object_get(json, "step"), step_names, kind)
        || !emplace_step(kind, out)) {
        return wrong("step");
    }
    // "step" itself, and "words", which is for people only.
    const size_t known = 1 + (json_object_get(json, "words") != nullptr);
    return std::visit(
        [&](auto &step) {
            return read_described(json, step, known) && has_a_side(step);
        },
        out);
}

template <typename T>
Result<T>
read_whole(const json_t *json, const char *what)
{
    T value{};
    Reader reader;
    if (!reader.read(json, value)) {
        return Error{0, std::string{"not the JSON form of "} + what
                            + (reader.where.empty() ? "" : ": wrong at ")
                            + reader.where};
    }
    return value;
}

} // namespace

Result<Step>
step_from_json(const json_t *json)
{
    return read_whole<Step>(json, "a step");
}

Result<std::vector<Step>>
steps_from_json(const json_t *json)
{
    return read_whole<std::vector<Step>>(json, "a list of steps");
}

Result<Excerpt>
excerpt_from_json(const json_t *json)
{
    return read_whole<Excerpt>(json, "a router");
}

Result<Nat_rule>
nat_rule_from_json(const json_t *json)
{
    return read_whole<Nat_rule>(json, "a NAT rule");
}

Result<Wired>
wired_from_json(const json_t *json)
{
    return read_whole<Wired>(json, "a wired router");
}

} // namespace snat
