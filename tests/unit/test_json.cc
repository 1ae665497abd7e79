// The JSON form: what goes out comes back the same, and what is no JSON does
// not come in.
#include "full.hh"
#include "sentences.hh"

#include <boost/test/unit_test.hpp>
#include <set>

using namespace snat;
using namespace sentences;

namespace {

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

} // namespace

BOOST_AUTO_TEST_SUITE(jsons)

BOOST_AUTO_TEST_CASE(steps_come_back)
{
    for (const Step &step : full::steps()) {
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
    for (const auto &steps : {full::steps(), std::vector<Step>{}}) {
        const Json json = through_text(to_json(steps), 0);
        const auto read = steps_from_json(json.get());
        BOOST_REQUIRE(bool(read));
        BOOST_TEST((*read == steps));
    }
}

BOOST_AUTO_TEST_CASE(every_kind_of_step_is_tried)
{
    std::set<size_t> kinds;
    for (const Step &step : full::steps()) {
        kinds.insert(step.index());
    }
    BOOST_TEST(kinds.size() == std::variant_size_v<Step>);
}

BOOST_AUTO_TEST_CASE(routers_come_back)
{
    for (const Router &router : {full::router(), Router{}}) {
        for (const int indent : {0, 2}) {
            const Json json = through_text(to_json(router), indent);
            const auto read = excerpt_from_json(json.get());
            BOOST_REQUIRE(bool(read));
            BOOST_TEST((*read == Excerpt{router, std::nullopt}));
        }
    }
}

// Who has upgraded since has records without what ports say of forwarding.
BOOST_AUTO_TEST_CASE(routers_of_older_versions_come_back)
{
    Router router = full::router();
    const Json json = to_json(router);
    json_t *gateway
        = json_object_get(json_object_get(json.get(), "ports"), "qg-a");
    for (const char *member : {"scopes", "mss_clamp", "ndp_proxy"}) {
        BOOST_TEST(json_object_del(gateway, member) == 0, member);
    }
    const auto read = excerpt_from_json(json.get());
    BOOST_REQUIRE(bool(read));
    Port &port = router.ports.at("qg-a");
    port.scopes = {};
    port.mss_clamp = {};
    port.ndp_proxy.clear();
    BOOST_TEST((*read == Excerpt{router, std::nullopt}));
}

BOOST_AUTO_TEST_CASE(wired_ones_come_back)
{
    for (const Wired &wired : {full::wired(), Wired{}, wire(full::router())}) {
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
                                    "[\"\xc3\xa4\x1b\"]"s,
                                    "[\xc3\xa4]"s,
                                    "\xef\xbb\xbf{}"s,
                                    R"({"a":1,"a":1})"s,
                                    R"([{"a":{"b":1,"b":2}}])"s,
                                    R"({"a":1,"\u0061":2})"s,
                                    "{\"\xc3\xa4\":1,\"\xc3\xa4\":1}"s,
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
         {dump(to_json(full::steps())), dump(to_json(full::router()), 2),
          dump(to_json(full::wired()))}) {
        for (size_t size = 0; size < text.size(); size++) {
            if (parse_json(text.substr(0, size))) {
                BOOST_TEST(false, text.substr(0, size));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(doubled_keys)
{
    for (const Step &step : full::steps()) {
        std::string text = dump(to_json(step));
        text.insert(1, R"("step":"set-up",)");
        check_error(parse_json(text));
    }
}

BOOST_AUTO_TEST_SUITE_END()
