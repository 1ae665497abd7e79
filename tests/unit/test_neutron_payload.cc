// What Neutron's server sends, read: values, or a sentence with the way to
// what is wrong.
#include "neutron-rows.hh"
#include "neutron.hh"
#include "sentences.hh"
#include "step/json.hh"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <random>

using namespace samples;
using namespace sentences;
using namespace snat;
using neutron::read_payload;

namespace {

Ip
ip(const char *text)
{
    return *parse_ip(text);
}

void
is_refused(const std::string &passage, const std::string &other,
           const std::string &where, const std::string &expected)
{
    check_error(read_payload(neutron_with(passage, other)),
                {where + ": ", "expected " + expected});
}

// Calls 'visit' with the way to each value within 'json', and with a function
// that puts another one in its place.
using Put = std::function<void(json_t *)>;
using Visit = std::function<void(const std::string &, json_t *, const Put &)>;

void
for_each_value(json_t *json, const std::string &way, const Visit &visit)
{
    const char *key;
    void *next;
    json_t *value;
    json_object_foreach_safe(json, next, key, value)
    {
        const std::string name = key;
        const auto there = way.empty() ? name : way + "." + name;
        for_each_value(value, there, visit);
        visit(there, value, [&](json_t *other) {
            json_object_set(json, name.c_str(), other);
        });
    }
    for (size_t i = 0; i < json_array_size(json); i++) {
        value = json_array_get(json, i);
        const auto there = way + "[" + std::to_string(i) + "]";
        for_each_value(value, there, visit);
        visit(there, value,
              [&](json_t *other) { json_array_set(json, i, other); });
    }
}

// Text with one thing done to it that may happen to text.
std::string
mutated(std::string text, std::mt19937 &random)
{
    const auto below = [&](size_t n) {
        return std::uniform_int_distribution<size_t>{0, n - 1}(random);
    };
    static const std::string pieces[]
        = {"\"",       "{",    "}",         "[",  "]",    ",",    ":",
           "null",     "true", "0",         "-1", "1e99", "\xff", "\0"s,
           "\\u0000",  "\\",   "999999999", "\n", "x",    "\"\"", "\"10.0.0\"",
           "{\"a\": ", "0.5",  "\"id\": 1,"};
    const size_t at = below(text.size());
    const size_t length = std::min(below(40), text.size() - at);
    switch (below(5)) {
    case 0:
        return text.substr(0, at);
    case 1:
        return text.erase(at, length);
    case 2:
        return text.insert(at, text.substr(below(text.size()), length));
    case 3:
        text[at] = static_cast<char>(below(256));
        return text;
    default:
        return text.replace(at, below(8), pieces[below(std::size(pieces))]);
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(neutron_payload)

BOOST_AUTO_TEST_CASE(good_router)
{
    const auto router = neutron_router();
    BOOST_TEST(router.id == "00000000-1111-4000-8000-000000000001");
    BOOST_TEST(router.revision.value() == 7);
    BOOST_TEST(router.enabled);
    BOOST_TEST(router.enable_snat);
    BOOST_TEST(router.distributed);
    BOOST_TEST(router.gateway_host.value() == "gw");
    BOOST_CHECK(router.gateway_rates
                == (neutron::Rates{{2000, 100}, {1000, 0}}));
    BOOST_CHECK(router.routes
                == std::vector<neutron::Static_route>(
                    {{*parse_network("10.1.0.0/16"), ip("10.0.0.254")}}));
    BOOST_CHECK(
        router.helpers
        == std::vector<neutron::Conntrack_helper>(
            {{"tftp", Protocol::udp, 69}, {"ftp", Protocol::tcp, 21}}));
    BOOST_CHECK(router.ndp_proxies == std::vector{ip("2001:db8:1::5")});
}

BOOST_AUTO_TEST_CASE(good_ports)
{
    const auto router = neutron_router();
    const auto &gateway = router.gateway.value();
    BOOST_TEST(neutron::device_name("qg-", gateway) == "qg-aaaaaaaa-bb");
    BOOST_TEST(to_string(gateway.mac) == "fa:16:3e:00:00:01");
    BOOST_TEST(gateway.mtu.value() == 1450);
    // One address has its length from its subnet.
    BOOST_CHECK(gateway.networks
                == std::vector({*parse_network("198.51.100.10/24"),
                                *parse_network("198.51.100.9/24"),
                                *parse_network("2001:db8::10/64")}));
    // Of the subnet without an address there is no gateway.
    BOOST_CHECK(gateway.gateways
                == std::vector({ip("198.51.100.1"), ip("2001:db8::1")}));
    BOOST_CHECK(gateway.on_link
                == std::vector{*parse_network("203.0.113.0/24")});
    BOOST_TEST(gateway.scope_v6 == "00000000-5555-4000-8000-000000000006");
    BOOST_REQUIRE_EQUAL(router.internal.size(), 1u);
    BOOST_TEST(!router.internal[0].mtu); // 0: not known.
    BOOST_TEST(router.internal[0].scope_v6 == "");
}

BOOST_AUTO_TEST_CASE(good_floating_ips)
{
    const auto all = neutron_router().floating_ips;
    BOOST_REQUIRE_EQUAL(all.size(), 3u);
    BOOST_CHECK(all[0].fixed == ip("10.0.0.5"));
    BOOST_CHECK(all[0].rates == (neutron::Rates{{2000, 100}, {1000, 0}}));
    BOOST_TEST(!all[1].fixed); // Served where its host is.
    BOOST_CHECK(
        all[2].forwards
        == std::vector<neutron::Forward>(
            {{Protocol::tcp, ip("10.0.0.7"), {8080, 8080}, {80, 80}},
             {Protocol::udp, ip("10.0.0.7"), {5000, 5010}, {6000, 6010}}}));
}

BOOST_AUTO_TEST_CASE(a_floating_ip_in_both_lists_is_one)
{
    const auto text
        = neutron_with(R"("floating_ip_address": "198.51.100.22")",
                       R"("floating_ip_address": "198.51.100.20")");
    const auto all = neutron_router(text).floating_ips;
    BOOST_REQUIRE_EQUAL(all.size(), 2u);
    BOOST_CHECK(all[0].fixed == ip("10.0.0.5"));
    BOOST_TEST(all[0].forwards.size() == 2u);
}

BOOST_AUTO_TEST_CASE(forms_of_a_payload)
{
    const auto result = neutron_with("\"routers\"", "\"result\"");
    BOOST_CHECK(neutron_router(result) == neutron_router());
    BOOST_TEST(read_payload("[]")->empty());
    BOOST_TEST(read_payload(R"({"routers": []})")->empty());
    check_error(read_payload("{}"), {"payload: ", "expected a list"});
    check_error(read_payload("3"), {"not JSON", "expected"});
    check_error(read_payload("[3]"), {"routers[0]: 3", "expected an object"});
    check_error(read_payload(R"({"routers": {}})"),
                {"routers: an object", "expected a list"});
}

BOOST_AUTO_TEST_CASE(wrong_values)
{
    const std::string r = "routers[0]";
    is_refused("10.0.0.5", "10.0.0", r + "._floatingips[0].fixed_ip_address",
               "an IPv4 or IPv6 address");
    is_refused("\"10.0.0.5\"", "\"2001:db8::5\"",
               r + "._floatingips[0].fixed_ip_address", "an IPv4 address");
    is_refused("00000000-1111-4000", "r1", r + ".id", "a UUID");
    is_refused("1450", "60", r + ".gw_port.mtu", "0 or a whole number");
    is_refused("\"prefixlen\": 24", "\"prefixlen\": 33",
               r + ".gw_port.fixed_ips[0].prefixlen", "a whole number");
    is_refused("\"subnet_id\": \"out6\"", "\"subnet_id\": \"x\"",
               r + ".gw_port.fixed_ips[2].prefixlen", "a whole number");
    is_refused("10.1.0.0/16", "10.1.0.1/16", r + ".routes[0].destination",
               "a network without host bits");
    is_refused("\"tcp\", \"external_port\"", "\"icmp\", \"external_port\"",
               r + "._pf_floatingips[0].port_forwardings[0].protocol",
               "one of tcp, udp, sctp");
    for (const std::string ports :
         {"6010:6000", "6000:", ":", "0:10", "x", "6000-6010", "6000:66000"}) {
        is_refused("6000:6010", ports,
                   r
                       + "._pf_floatingips[0].port_forwardings[1]"
                         ".internal_port_range",
                   "two ports");
    }
    is_refused("6000:6010", "6000:6011",
               r
                   + "._pf_floatingips[0].port_forwardings[1]"
                     ".internal_port_range",
               "as many ports");
    is_refused("\"port\": 69", "\"port\": 0", r + ".conntrack_helpers[0].port",
               "a whole number from 1");
    is_refused("\"helper\": \"ftp\"", "\"helper\": \"../ftp\"",
               r + ".conntrack_helpers[1].helper", "one of ");
    is_refused("\"max_kbps\": 2000", "\"max_kbps\": 8",
               "qos_policies[0].rules[0].max_kbps", "0, for none");
    is_refused("\"id\": \"00000000-9999-4000-8000-000000000001\"",
               "\"id\": \"00000000-9999-4000-8000-000000000002\"",
               r + ".external_gateway_info.qos_policy_id",
               "the id of one of qos_policies");
}

BOOST_AUTO_TEST_CASE(what_may_be_there_once)
{
    const std::string router
        = R"({"id": "00000000-1111-4000-8000-000000000001"})";
    check_error(read_payload("[" + router + ", " + router + "]"),
                {"routers[1].id: ", "routers[0].id"});
    is_refused("cccccccc-dddd-4000-8000-000000000001\",",
               "cccccccc-dddd-4000-8000-000000000001\", \"mac_address\": "
               "\"fa:16:3e:00:00:03\"}, {\"id\": "
               "\"cccccccc-dddd-4000-8000-000000000002\",",
               "routers[0]._snat_router_interfaces[1].id", "another one");
    is_refused("198.51.100.21", "198.51.100.20",
               "routers[0]._floatingips[1].floating_ip_address",
               "an address that no other");
}

// A known key is told by the way to it, one that we do not know of is none of
// our business.
BOOST_AUTO_TEST_CASE(every_value_of_another_type)
{
    const Json wrong[]{Json{json_object()}, Json{json_real(0.5)}};
    const auto good = neutron_router();
    const Json json = std::move(*parse_json(neutron_text));
    size_t refused = 0, ignored = 0;
    for_each_value(
        json.get(), "",
        [&](const std::string &way, json_t *value, const Put &put) {
            const Json kept{json_incref(value)};
            for (const Json &other : wrong) {
                put(other.get());
                const auto routers = read_payload(dump(json));
                if (!routers) {
                    check_sentence(routers.error().what, {"expected "});
                    BOOST_TEST(routers.error().what.starts_with(way),
                               way << " gives " << routers.error().what);
                    refused++;
                } else {
                    ignored++;
                }
            }
            put(kept.get());
        });
    BOOST_CHECK(neutron_router(dump(json)) == good);
    BOOST_TEST(refused > 200u);
    BOOST_TEST(ignored > 10u);
}

BOOST_AUTO_TEST_CASE(hostile_text)
{
    for (const auto &text : hostile) {
        check_error(read_payload(text));
    }
    const auto id = "\"id\": \"00000000-1111-4000-8000-000000000001\"";
    check_error(read_payload(neutron_with(id, id + ", "s + id)),
                {"line ", "duplicate"});
    for (const std::string piece : {"[", "{\"a\":", "[{\"a\":"}) {
        std::string deep;
        for (int i = 0; i < 100000; i++) {
            deep += piece;
        }
        check_error(read_payload(deep), {"line ", "depth"});
    }
    for (const auto &number : {"1e999"s, "99999999999999999999"s, "-0x1"s,
                               "01"s, "1450\0"s, "\"\\u0000\""s, "\xff"s}) {
        BOOST_TEST_CONTEXT(number)
        check_error(read_payload(neutron_with("1450", number)));
    }
    check_error(read_payload(neutron_with("1450", "9223372036854775807")),
                {"routers[0].gw_port.mtu: 9223372036854775807: "});
    for (size_t n = 0; n < neutron_text.size(); n += 7) {
        check_error(read_payload(neutron_text.substr(0, n)), {"not JSON"});
    }
}

// Whole or not at all, and never a crash.
BOOST_AUTO_TEST_CASE(random_mutations)
{
    std::mt19937 random{20261129};
    size_t taken = 0;
    for (int i = 0; i < 10000; i++) {
        std::string text = neutron_text;
        for (unsigned n = 1 + random() % 3; n; n--) {
            text = mutated(text.empty() ? neutron_text : text, random);
        }
        const auto routers = read_payload(text);
        if (!routers) {
            const auto &what = routers.error().what;
            check_sentence(what, {});
            BOOST_TEST((has(what, "not JSON: ") || has(what, ": expected ")),
                       what);
            continue;
        }
        taken++;
        for (const auto &router : *routers) {
            neutron::wanted_rows(router, {.host = "gw"});
        }
    }
    BOOST_TEST(taken > 100u);
    BOOST_TEST(taken < 9000u);
}

BOOST_AUTO_TEST_SUITE_END()
