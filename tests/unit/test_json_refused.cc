// The JSON form: what is no value is refused, and told where it is wrong.
#include "full.hh"
#include "router/names.hh"
#include "sentences.hh"

#include <boost/test/unit_test.hpp>
#include <functional>

using namespace snat;
using namespace sentences;

namespace {

Json
must_parse(const std::string &text)
{
    auto json = parse_json(text);
    BOOST_REQUIRE(bool(json));
    return std::move(*json);
}

// Calls 'test' with every object and array within 'json'.
void
for_each_part(json_t *json, const std::function<void(json_t *)> &test)
{
    if (json_is_object(json) || json_is_array(json)) {
        test(json);
    }
    const char *key;
    json_t *value;
    json_object_foreach(json, key, value)
    {
        for_each_part(value, test);
    }
    size_t i;
    json_array_foreach(json, i, value)
    {
        for_each_part(value, test);
    }
}

// Members that are maps, where any key is fine.
bool
is_map(const json_t *json)
{
    const char *key;
    json_t *value;
    json_object_foreach(const_cast<json_t *>(json), key, value)
    {
        (void)value;
        if (key == "step"s || key == "name"s || key == "wiring"s
            || key == "was"s || key == "becomes"s || key == "bridge"s
            || key == "prefix"s || key == "link"s || key == "device"s
            || key == "ports"s || key == "tables"s || key == "type"s
            || key == "first"s || key == "ipv4"s || key == "to_path"s) {
            return false;
        }
    }
    return true;
}

std::vector<std::string>
keys_of(json_t *object)
{
    std::vector<std::string> keys;
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        keys.push_back(key);
    }
    return keys;
}

// Values that cannot stand where 'good' does: of other types, or numbers out
// of range.
std::vector<Json>
others_than(const json_t *good)
{
    std::vector<Json> others;
    for (json_t *other : {json_null(), json_real(1.0), json_integer(-1),
                          json_integer(4294967296), json_string("banana/24"),
                          json_array(), json_object(), json_true()}) {
        const bool same_type
            = json_typeof(other) == json_typeof(good)
              || (json_is_boolean(other) && json_is_boolean(good));
        Json owned{other};
        if (!same_type || json_is_integer(other)) {
            others.push_back(std::move(owned));
        }
    }
    return others;
}

void
spoil_array(json_t *array, const std::function<void()> &check)
{
    json_array_append_new(array, json_null());
    check();
    json_array_remove(array, json_array_size(array) - 1);
}

void
spoil_object(json_t *object, const std::function<void()> &check)
{
    if (!is_map(object)) {
        json_object_set_new(object, "evil", json_null());
        check();
        json_object_del(object, "evil");
    }
    for (const std::string &key : keys_of(object)) {
        if (key == "words") {
            continue;
        }
        BOOST_TEST_CONTEXT(key)
        {
            const Json good{json_incref(json_object_get(object, key.c_str()))};
            for (const Json &other : others_than(good.get())) {
                json_object_set(object, key.c_str(), other.get());
                check();
            }
            json_object_set(object, key.c_str(), good.get());
        }
    }
}

// Whatever part of 'good' is spoilt, 'read' refuses the whole.
void
check_spoilt(const Json &good, const auto &read)
{
    BOOST_REQUIRE(bool(read(good.get())));
    const auto check = [&] { check_error(read(good.get())); };
    for_each_part(good.get(), [&](json_t *part) {
        if (json_is_array(part)) {
            spoil_array(part, check);
        } else {
            spoil_object(part, check);
        }
    });
    BOOST_REQUIRE(bool(read(good.get())));
}

} // namespace

BOOST_AUTO_TEST_SUITE(jsons_refused)

BOOST_AUTO_TEST_CASE(other_things_are_no_values)
{
    for (const char *text :
         {"null", "true", "0", "1.5", "\"\"", "\"set-up\"", "[]", "[[]]",
          "[null]", "{}", "{\"step\":null}", "{\"step\":0}", "{\"step\":\"\"}",
          "{\"step\":\"reboot\"}", "{\"step\":\"SET-UP\"}",
          "{\"step\":[\"set-up\"]}", "{\"step\":\"set-up\"}",
          "{\"step\":{\"step\":\"set-up\"}}"}) {
        BOOST_TEST_CONTEXT(text)
        {
            json_error_t unused;
            const Json json{json_loads(text, JSON_DECODE_ANY, &unused)};
            BOOST_REQUIRE(json);
            check_error(step_from_json(json.get()));
            check_error(excerpt_from_json(json.get()));
            check_error(wired_from_json(json.get()));
            if (text != "[]"s) {
                check_error(steps_from_json(json.get()));
            }
        }
    }
    check_error(step_from_json(nullptr));
    check_error(steps_from_json(nullptr));
    check_error(excerpt_from_json(nullptr));
    check_error(wired_from_json(nullptr));
}

BOOST_AUTO_TEST_CASE(members_unknown_or_of_other_types)
{
    for (const Step &step : full::steps()) {
        BOOST_TEST_CONTEXT(words(step))
        {
            check_spoilt(to_json(step), step_from_json);
        }
    }
    check_spoilt(to_json(full::steps()), steps_from_json);
    check_spoilt(to_json(full::router()), excerpt_from_json);
    check_spoilt(to_json(full::wired()), wired_from_json);
}

BOOST_AUTO_TEST_CASE(a_missing_member_is_named)
{
    for (const char *member :
         {"name", "exists", "links", "routes", "sysctls", "on_node"}) {
        const Json json = to_json(full::wired());
        json_object_del(json.get(), member);
        check_error(wired_from_json(json.get()), {member});
    }
    for (const char *member : {"name", "ports"}) {
        const Json json = to_json(full::router());
        json_object_del(json.get(), member);
        check_error(excerpt_from_json(json.get()), {member});
    }
}

BOOST_AUTO_TEST_CASE(records_of_older_versions_have_no_settings)
{
    const Json json = to_json(full::router());
    BOOST_REQUIRE(!json_object_del(json.get(), "settings"));
    BOOST_TEST((excerpt_from_json(json.get())->router.settings == Settings{}));
}

BOOST_AUTO_TEST_CASE(wrong_values)
{
    for (
        const char *text : {
            R"({"step":"set-addresses","link":"l","was":[],"becomes":["10.0.0.1"]})",
            R"({"step":"set-addresses","link":"l","was":[],"becomes":["10.0.0.1/33"]})",
            R"({"step":"set-addresses","link":"l","was":[],"becomes":["10.0.0.01/24"]})",
            R"({"step":"set-addresses","link":"l","was":["fe80::1%l/64"],"becomes":[]})",
            R"({"step":"set-addresses","link":"l","was":[],"becomes":"10.0.0.1/24"})",
            R"({"step":"set-addresses","link":"l","was":[],"becomes":[1]})",
            R"({"step":"set-nat","becomes":{"damaged":false}})",
            R"({"step":"set-nat","becomes":{"damaged":false,"tables":{"default4":["qg-a"]}}})",
            R"({"step":"change-nat","entries":[{"table":"leaving4","was":""}]})",
            R"({"step":"end-flows","marks":[4294967296],"arrivals":[],"untranslated":[],"was":false,"becomes":true})",
            R"({"step":"end-flows","marks":[],"arrivals":[],"untranslated":[{"first":"10.0.0.0","last":"10.0.0.0/24"}],"was":false,"becomes":true})",
            R"({"step":"end-flows","marks":[],"arrivals":[{"to":"10.0.0.1","protocol":256,"ports":{"first":1,"last":2},"over":[]}],"untranslated":[],"was":false,"becomes":true})",
            R"({"step":"set-route","becomes":{"prefix":"0.0.0.0","hops":[]}})",
            R"({"step":"set-route","becomes":{"prefix":"::/0","hops":[{"link":"l"},{"link":"l"}]}})",
            R"({"step":"set-route","becomes":{"prefix":"::/0","hops":[{"via":"::g","link":"l"}]}})",
            R"({"step":"set-route","becomes":{"prefix":"::/0","hops":[{"via":"::1"}]}})",
            R"({"step":"set-switch","ports":[{"port":"p","was":{"bridge":"b","tag":65536,"wiring":"veth","external_ids":{}}}]})",
            R"({"step":"set-switch","ports":[{"port":"p","was":{"bridge":"b","wiring":"vxlan","external_ids":{}}}]})",
            R"({"step":"set-switch","ports":[{"port":"p","was":{"bridge":"b","wiring":"veth","external_ids":{"a":1}}}]})",
            R"({"step":"set-up","link":"l","was":0,"becomes":1})",
            R"({"step":"set-up","link":"l","was":"false","becomes":"true"})",
            R"({"step":"set-up","link":"l","was":false})",
            R"({"step":"set-name","link":"l","was":false,"becomes":true})",
        }) {
        BOOST_TEST_CONTEXT(text)
        {
            check_error(step_from_json(must_parse(text).get()));
        }
    }
    // MACs and roles, by their members.
    const struct {
        const char *member, *value;
    } rows[] = {
        {"mac", "02:00:00:00:00"},
        {"mac", "02-00-00-00-00-01"},
        {"mac", ""},
        {"role", "Gateway"},
        {"role", ""},
        {"wiring", "auto"},
        {"snat_ip", "10.0.0.256"},
        {"snat_ip", ""},
    };
    for (const auto &row : rows) {
        BOOST_TEST_CONTEXT(row.member << " " << row.value)
        {
            const Json json = to_json(full::router());
            json_t *port = json_object_get(
                json_object_get(json.get(), "ports"), "qg-a");
            BOOST_REQUIRE(json_object_get(port, row.member));
            json_object_set_new(port, row.member, json_string(row.value));
            check_error(excerpt_from_json(json.get()),
                        {"ports.qg-a."s + row.member});
        }
    }
    // A prefix is given twice, a name state is none.
    Json json = to_json(full::wired());
    json_t *routes = json_object_get(json.get(), "routes");
    json_array_append(routes, json_array_get(routes, 0));
    check_error(wired_from_json(json.get()));
    json = to_json(full::wired());
    json_object_set_new(json.get(), "name", json_string("mine"));
    check_error(wired_from_json(json.get()));
}

BOOST_AUTO_TEST_CASE(a_port_stands_under_its_own_name)
{
    const Json router = to_json(full::router());
    json_t *ports = json_object_get(router.get(), "ports");
    json_t *port = json_object_get(ports, "qg-a");
    for (const char *key : {"qg-b", "QG-A", "qg-a ", ""}) {
        BOOST_TEST_CONTEXT(key)
        {
            json_object_set(ports, key, port);
            check_error(excerpt_from_json(router.get()),
                        {"ports."s + key + ".name"});
            json_object_del(ports, key);
        }
    }
    // Two ports that changed places.
    json_incref(port);
    json_object_set(ports, "qg-a", json_object_get(ports, "sg-a"));
    json_object_set_new(ports, "sg-a", port);
    check_error(excerpt_from_json(router.get()), {"ports.qg-a.name"});
}

BOOST_AUTO_TEST_CASE(hostile_keys_make_short_plain_sentences)
{
    for (const std::string &text : hostile) {
        const char *key = text.c_str();
        const Json router = to_json(full::router());
        json_t *ports = json_object_get(router.get(), "ports");
        json_t *port = json_object_get(ports, "qg-a");
        json_t *ids = json_object_get(json_object_get(port, "switch_port"),
                                      "external_ids");
        if (json_object_set_new(ids, key, json_null())) {
            continue; // No UTF-8, which JSON cannot say.
        }
        BOOST_TEST_CONTEXT(quoted(key))
        {
            const std::string way = ".switch_port.external_ids." + plain(key);
            check_error(excerpt_from_json(router.get()), {"ports.qg-a" + way});
            json_object_set(ports, key, port);
            json_object_del(ports, "qg-a");
            check_error(excerpt_from_json(router.get()),
                        {"ports." + plain(key) + way});
            for (const char *map : {"links", "sysctls", "on_node"}) {
                const Json wired = to_json(full::wired());
                json_object_set_new(json_object_get(wired.get(), map), key,
                                    json_null());
                check_error(wired_from_json(wired.get()),
                            {map + ("." + plain(key))});
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
