// The JSON form: what goes out comes back the same, and nothing else does.
#include "step/json.hh"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <functional>

using namespace snat;
using namespace std::string_literals;

namespace {

Device
full_device()
{
    Device out;
    out.wiring = Wiring::internal;
    out.mac = *parse_mac("02:00:00:00:00:0a");
    out.mtu = 65535;
    out.checksum_offload = false;
    out.index = 4294967295;
    out.node_index = 2147483647;
    out.node_mac = *parse_mac("02:00:00:00:00:0b");
    return out;
}

Switch_port
full_switch_port()
{
    return {"br-ex",
            uint16_t{4095},
            Wiring::internal,
            {{"", ""},
             {"iface-id", "\"quoted\" \\ \n\x1b \xc3\xa4"},
             {"snat-owner", "ovs-snatd"}}};
}

Route
full_route()
{
    return {*parse_network("2001:db8::/32"),
            {{*parse_ip("fe80::1"), "qg-a"}, {std::nullopt, "qg-b"}}};
}

Nat
full_nat()
{
    return {{{"qg-a", *parse_ip("198.51.100.10")},
             {"qg-b", *parse_ip("203.0.113.255")}}};
}

Router
full_router()
{
    Port gateway;
    gateway.name = "qg-a";
    gateway.role = Role::gateway;
    gateway.wiring = Wiring::internal;
    gateway.userspace = true;
    gateway.switch_port = full_switch_port();
    gateway.mac = *parse_mac("02:00:00:00:00:0a");
    gateway.mtu = 9000;
    // In the order they were written.
    gateway.networks
        = {*parse_network("198.51.100.10/24"),
           *parse_network("2001:db8::1/64"), *parse_network("10.0.0.1/8")};
    gateway.gateway_ips = {*parse_ip("198.51.100.1"), *parse_ip("fe80::1")};
    gateway.snat_ip = *parse_ip("198.51.100.10");
    Port internal;
    internal.name = "sg-a";
    return {"demo", {{"qg-a", gateway}, {"sg-a", internal}}};
}

Wired
full_wired()
{
    Wired out;
    out.name = Name_state::foreign;
    out.exists = true;
    out.links["qg-a"]
        = {full_device(),
           true,
           true,
           true,
           true,
           {*parse_network("198.51.100.10/24"), *parse_network("10.0.0.1/8")}};
    out.links["sg-a"] = {};
    out.routes[full_route().prefix] = full_route();
    out.routes[{}] = {};
    out.sysctls = {{"net/ipv4/ip_forward", "1"}, {"a", ""}};
    out.nat = full_nat();
    out.on_node = {{"sg-b", full_device()}};
    return out;
}

// Each kind at least once, with the optional members there and not.
std::vector<Step>
all_steps()
{
    return {
        Set_namespace{false, true},
        Set_namespace{true, false},
        Set_name{false, true},
        Set_nat{std::nullopt, Nat{}},
        Set_nat{Nat{}, full_nat()},
        Set_nat{full_nat(), std::nullopt},
        Set_sysctl{"net/ipv4/ip_forward", "", "1"},
        Set_device{"sg-a", std::nullopt, Device{}},
        Set_device{"sg-a", Device{}, full_device()},
        Set_device{"sg-a", full_device(), std::nullopt},
        Move_device{"sg-a", true, Device{}, full_device()},
        Move_device{"sg-a", false, full_device(), Device{}},
        Set_up{"sg-a", true, false},
        Set_addresses{
            "sg-a",
            {},
            {*parse_network("10.0.0.2/24"), *parse_network("10.0.0.1/24")}},
        Set_route{std::nullopt, full_route()},
        Set_route{full_route(), std::nullopt},
        Set_switch{},
        Set_switch{{{"b", std::nullopt, full_switch_port()},
                    {"a", full_switch_port(), Switch_port{}}}},
    };
}

// As it goes over a wire: through text, in one line or many.
Json
through_text(const Json &json, int indent)
{
    const std::string text = dump(json, indent);
    BOOST_TEST((text.find('\n') != std::string::npos) == (indent > 0));
    auto read = parse_json(text);
    BOOST_REQUIRE(bool(read));
    return std::move(*read);
}

void
check_error(const auto &result)
{
    BOOST_REQUIRE(!result);
    BOOST_TEST(result.error().what.size() > 0u);
}

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
            || key == "ports"s || key == "default_snat"s) {
            return false;
        }
    }
    return true;
}

} // namespace

BOOST_AUTO_TEST_SUITE(jsons)

BOOST_AUTO_TEST_CASE(steps_come_back)
{
    for (const Step &step : all_steps()) {
        BOOST_TEST_CONTEXT(words(step, true))
        {
            for (const int indent : {0, 2}) {
                const Json json = through_text(to_json(step), indent);
                const auto read = step_from_json(json.get());
                BOOST_REQUIRE(bool(read));
                BOOST_TEST((*read == step));
            }
            // With the words for people, which nobody reads back.
            const Json json = to_json(step);
            BOOST_TEST(json_string_value(json_object_get(json.get(), "words"))
                       == words(step, true));
            json_object_del(json.get(), "words");
            BOOST_TEST((*step_from_json(json.get()) == step));
        }
    }
    for (const auto &steps : {all_steps(), std::vector<Step>{}}) {
        const Json json = through_text(to_json(steps), 0);
        const auto read = steps_from_json(json.get());
        BOOST_REQUIRE(bool(read));
        BOOST_TEST((*read == steps));
    }
}

BOOST_AUTO_TEST_CASE(every_kind_of_step_is_tried)
{
    std::set<size_t> kinds;
    for (const Step &step : all_steps()) {
        kinds.insert(step.index());
    }
    BOOST_TEST(kinds.size() == std::variant_size_v<Step>);
}

BOOST_AUTO_TEST_CASE(routers_come_back)
{
    for (const Router &router : {full_router(), Router{}}) {
        for (const int indent : {0, 2}) {
            const Json json = through_text(to_json(router), indent);
            const auto read = router_from_json(json.get());
            BOOST_REQUIRE(bool(read));
            BOOST_TEST((*read == router));
        }
    }
}

BOOST_AUTO_TEST_CASE(wired_ones_come_back)
{
    for (const Wired &wired : {full_wired(), Wired{}, wire(full_router())}) {
        for (const int indent : {0, 2}) {
            const Json json = through_text(to_json(wired), indent);
            const auto read = wired_from_json(json.get());
            BOOST_REQUIRE(bool(read));
            BOOST_TEST((*read == wired));
        }
    }
}

BOOST_AUTO_TEST_CASE(texts_that_are_no_json)
{
    for (const std::string &text : {""s,
                                    " "s,
                                    "\0"s,
                                    "{"s,
                                    "[1"s,
                                    "[1,]"s,
                                    "[]x"s,
                                    "{}{}"s,
                                    "{}\0"s,
                                    "{a:1}"s,
                                    "{'a':1}"s,
                                    "[01]"s,
                                    "[1e999]"s,
                                    "[99999999999999999999]"s,
                                    "[\"\\u0000\"]"s,
                                    "[\"\xff\"]"s,
                                    "[\"\\ud800\"]"s,
                                    "[\"a\nb\"]"s,
                                    "\xef\xbb\xbf{}"s,
                                    R"({"a":1,"a":1})"s,
                                    R"([{"a":{"b":1,"b":2}}])"s,
                                    R"({"a":1,"\u0061":2})"s,
                                    std::string(100000, '['),
                                    std::string(100000, '{'),
                                    std::string(100000, '\xff')}) {
        BOOST_TEST_CONTEXT(text.substr(0, 20))
        {
            check_error(parse_json(text));
        }
    }
}

BOOST_AUTO_TEST_CASE(truncated_texts)
{
    for (const std::string &text :
         {dump(to_json(all_steps())), dump(to_json(full_router()), 2),
          dump(to_json(full_wired()))}) {
        for (size_t size = 0; size < text.size(); size++) {
            if (parse_json(text.substr(0, size))) {
                BOOST_TEST(false, text.substr(0, size));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(doubled_keys)
{
    for (const Step &step : all_steps()) {
        std::string text = dump(to_json(step));
        text.insert(1, R"("step":"set-up",)");
        check_error(parse_json(text));
    }
}

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
            check_error(router_from_json(json.get()));
            check_error(wired_from_json(json.get()));
            if (text != "[]"s) {
                check_error(steps_from_json(json.get()));
            }
        }
    }
    check_error(step_from_json(nullptr));
    check_error(steps_from_json(nullptr));
    check_error(router_from_json(nullptr));
    check_error(wired_from_json(nullptr));
}

BOOST_AUTO_TEST_CASE(members_unknown_missing_or_of_other_types)
{
    const auto check = [](const Json &good, const auto &read) {
        BOOST_REQUIRE(bool(read(good.get())));
        for_each_part(good.get(), [&](json_t *part) {
            if (json_is_array(part)) {
                json_array_append_new(part, json_integer(1));
                check_error(read(good.get()));
                json_array_remove(part, json_array_size(part) - 1);
                return;
            }
            if (!is_map(part)) {
                json_object_set_new(part, "evil", json_null());
                check_error(read(good.get()));
                json_object_del(part, "evil");
            }
            std::vector<std::string> keys;
            const char *name;
            json_t *member;
            json_object_foreach(part, name, member)
            {
                keys.push_back(name);
            }
            for (const std::string &key : keys) {
                if (key == "words") {
                    continue;
                }
                BOOST_TEST_CONTEXT(key)
                {
                    json_t *old = json_object_get(part, key.c_str());
                    json_incref(old);
                    for (json_t *other :
                         {json_null(), json_real(1.0), json_integer(-1),
                          json_integer(4294967296), json_string("banana/24"),
                          json_array(), json_object(), json_true()}) {
                        const bool same_type
                            = json_typeof(other) == json_typeof(old)
                              || (json_is_boolean(other)
                                  && json_is_boolean(old));
                        // A number out of range is none.
                        if (same_type && !json_is_integer(other)) {
                            json_decref(other);
                            continue;
                        }
                        json_object_set_new(part, key.c_str(), other);
                        check_error(read(good.get()));
                    }
                    json_object_set_new(part, key.c_str(), old);
                }
            }
        });
        BOOST_REQUIRE(bool(read(good.get())));
    };
    for (const Step &step : all_steps()) {
        BOOST_TEST_CONTEXT(words(step))
        {
            check(to_json(step), step_from_json);
        }
    }
    check(to_json(all_steps()), steps_from_json);
    check(to_json(full_router()), router_from_json);
    check(to_json(full_wired()), wired_from_json);
}

BOOST_AUTO_TEST_CASE(a_missing_member_is_named)
{
    for (const char *member :
         {"name", "exists", "links", "routes", "sysctls", "on_node"}) {
        const Json json = to_json(full_wired());
        json_object_del(json.get(), member);
        const auto read = wired_from_json(json.get());
        BOOST_REQUIRE(!read);
        BOOST_TEST(read.error().what.find(member) != std::string::npos);
    }
    for (const char *member : {"name", "ports"}) {
        const Json json = to_json(full_router());
        json_object_del(json.get(), member);
        const auto read = router_from_json(json.get());
        BOOST_REQUIRE(!read);
        BOOST_TEST(read.error().what.find(member) != std::string::npos);
    }
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
            R"({"step":"set-nat","becomes":{"default_snat":{"qg-a":"banana"}}})",
            R"({"step":"set-nat","becomes":{"default_snat":{"qg-a":"10.0.0.1/24"}}})",
            R"({"step":"set-nat","becomes":{"default_snat":["10.0.0.1"]}})",
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
            const Json json = to_json(full_router());
            json_t *port = json_object_get(
                json_object_get(json.get(), "ports"), "qg-a");
            BOOST_REQUIRE(json_object_get(port, row.member));
            json_object_set_new(port, row.member, json_string(row.value));
            const auto read = router_from_json(json.get());
            BOOST_REQUIRE(!read);
            BOOST_TEST(read.error().what.find("ports.qg-a."s + row.member)
                       != std::string::npos);
        }
    }
    // A prefix is given twice, a name state is none.
    Json json = to_json(full_wired());
    json_t *routes = json_object_get(json.get(), "routes");
    json_array_append(routes, json_array_get(routes, 0));
    check_error(wired_from_json(json.get()));
    json = to_json(full_wired());
    json_object_set_new(json.get(), "name", json_string("mine"));
    check_error(wired_from_json(json.get()));
}

BOOST_AUTO_TEST_SUITE_END()
