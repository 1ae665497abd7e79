#include "step/json.hh"

#include <algorithm>
#include <concepts>
#include <span>
#include <type_traits>

namespace snat {
namespace {

// One description of each struct serves both directions: describe() hands
// every member with its name to 'field', which either writes or reads it.

template <typename Self, typename T>
concept Is = std::same_as<std::remove_const_t<Self>, T>;

void
describe(Is<Switch_port> auto &p, auto &&field)
{
    field("bridge", p.bridge);
    field("tag", p.tag);
    field("wiring", p.wiring);
    field("external_ids", p.external_ids);
}

void
describe(Is<Port> auto &p, auto &&field)
{
    field("name", p.name);
    field("role", p.role);
    field("wiring", p.wiring);
    field("userspace", p.userspace);
    field("switch_port", p.switch_port);
    field("mac", p.mac);
    field("mtu", p.mtu);
    field("networks", p.networks);
    field("gateway_ips", p.gateway_ips);
    field("snat_ip", p.snat_ip);
}

void
describe(Is<Router> auto &r, auto &&field)
{
    field("name", r.name);
    field("ports", r.ports);
}

void
describe(Is<Device> auto &d, auto &&field)
{
    field("wiring", d.wiring);
    field("mac", d.mac);
    field("mtu", d.mtu);
    field("checksum_offload", d.checksum_offload);
    field("index", d.index);
    field("node_index", d.node_index);
    field("node_mac", d.node_mac);
}

void
describe(Is<Link> auto &l, auto &&field)
{
    field("device", l.device);
    field("up", l.up);
    field("carrier", l.carrier);
    field("dad_failed", l.dad_failed);
    field("tentative", l.tentative);
    field("addresses", l.addresses);
}

void
describe(Is<Hop> auto &h, auto &&field)
{
    field("via", h.via);
    field("link", h.link);
}

void
describe(Is<Route> auto &r, auto &&field)
{
    field("prefix", r.prefix);
    field("hops", r.hops);
}

void
describe(Is<Nat> auto &n, auto &&field)
{
    field("default_snat", n.default_snat);
}

void
describe(Is<Wired> auto &w, auto &&field)
{
    field("name", w.name);
    field("exists", w.exists);
    field("links", w.links);
    field("routes", w.routes);
    field("sysctls", w.sysctls);
    field("nat", w.nat);
    field("on_node", w.on_node);
}

// Steps that only have two sides, and those that belong to a link besides.
template <typename Self>
concept Two_sided
    = Is<Self, Set_namespace> || Is<Self, Set_name> || Is<Self, Set_nat> || Is<Self, Set_route> || Is<
        Self,
        Set_switch::
            Item> || Is<Self,
                        Set_sysctl> || Is<Self,
                                          Set_device> || Is<Self,
                                                            Set_up> || Is<Self,
                                                                          Set_addresses>;

void
describe(Two_sided auto &s, auto &&field)
{
    if constexpr (requires { s.link; }) {
        field("link", s.link);
    } else if constexpr (requires { s.key; }) {
        field("key", s.key);
    } else if constexpr (requires { s.port; }) {
        field("port", s.port);
    }
    field("was", s.was);
    field("becomes", s.becomes);
}

void
describe(Is<Move_device> auto &s, auto &&field)
{
    field("link", s.link);
    field("inward", s.inward);
    field("on_node", s.on_node);
    field("inside", s.inside);
}

void
describe(Is<Set_switch> auto &s, auto &&field)
{
    field("ports", s.ports);
}

// The kinds of steps, in the order of the variant.
constexpr const char *step_names[] = {
    "set-namespace", "set-name", "set-nat",       "set-sysctl", "set-device",
    "move-device",   "set-up",   "set-addresses", "set-route",  "set-switch",
};
static_assert(std::size(step_names) == std::variant_size_v<Step>);

// Writing.

json_t *write(const std::string &text);
json_t *write(bool value);
template <std::unsigned_integral T> json_t *write(T value);
json_t *write(Role role);
json_t *write(Wiring wiring);
json_t *write(Name_state state);
json_t *write(const Ip &ip);
json_t *write(const Network &network);
json_t *write(const Mac &mac);
template <typename T> json_t *write(const std::vector<T> &list);
template <typename T> json_t *write(const std::set<T> &list);
template <typename T> json_t *write(const std::map<std::string, T> &map);
json_t *write(const std::map<Network, Route> &routes);
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

constexpr const char *name_states[] = {"free", "ours", "foreign"};

json_t *
write(Name_state state)
{
    return json_string(name_states[static_cast<size_t>(state)]);
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
write(const std::map<std::string, T> &map)
{
    json_t *json = json_object();
    for (const auto &[key, value] : map) {
        json_object_set_new(json, key.c_str(), write(value));
    }
    return json;
}

json_t *
write(const std::map<Network, Route> &routes)
{
    json_t *json = json_array();
    for (const auto &[prefix, route] : routes) {
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

// Reading.  Each read() says whether the JSON was fit; the first that was not
// leaves the way to it in 'where', innermost first.

class Reader {
public:
    bool read(const json_t *json, std::string &out);
    bool read(const json_t *json, bool &out);
    template <std::unsigned_integral T> bool read(const json_t *, T &out);
    bool read(const json_t *json, Role &out);
    bool read(const json_t *json, Wiring &out);
    bool read(const json_t *json, Name_state &out);
    bool read(const json_t *json, Ip &out);
    bool read(const json_t *json, Network &out);
    bool read(const json_t *json, Mac &out);
    template <typename T> bool read(const json_t *, std::vector<T> &out);
    template <typename T> bool read(const json_t *, std::set<T> &out);
    template <typename T>
    bool read(const json_t *, std::map<std::string, T> &out);
    bool read(const json_t *json, std::map<Network, Route> &out);
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
Reader::read(const json_t *json, std::map<std::string, T> &out)
{
    out.clear();
    const char *key;
    json_t *value;
    json_object_foreach(const_cast<json_t *>(json), key, value)
    {
        if (!read(value, out[key])) {
            return wrong(key);
        }
    }
    return json_is_object(json);
}

bool
Reader::read(const json_t *json, std::map<Network, Route> &out)
{
    std::vector<Route> routes;
    const bool fine = read(json, routes);
    out.clear();
    for (Route &route : routes) {
        out.emplace(route.prefix, route);
    }
    return fine && out.size() == routes.size();
}

template <typename T>
bool
Reader::read_described(const json_t *json, T &out, size_t known_members)
{
    bool fine = json_is_object(json);
    const auto read_member = [&](const char *name, auto &member) {
        const json_t *value = json_object_get(json, name);
        known_members += value != nullptr;
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
    } else if constexpr (requires { step.ports; }) {
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

std::string
dump(const Json &json, int indent)
{
    const size_t flags = indent ? JSON_INDENT(indent) : JSON_COMPACT;
    char *text = json_dumps(json.get(), flags);
    std::string out = text ? text : "";
    free(text);
    return out;
}

Result<Json>
parse_json(std::string_view text)
{
    json_error_t error;
    Json json{
        json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, &error)};
    if (!json) {
        return Error{0, std::string{"not JSON: "} + error.text};
    }
    return json;
}

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
to_json(const Wired &wired)
{
    return Json{write(wired)};
}

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

Result<Router>
router_from_json(const json_t *json)
{
    return read_whole<Router>(json, "a router");
}

Result<Wired>
wired_from_json(const json_t *json)
{
    return read_whole<Wired>(json, "a wired router");
}

} // namespace snat
