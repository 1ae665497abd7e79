// Bounds: what is refused beyond them, and how options move them.
#include "asked.hh"

using namespace asked;

BOOST_AUTO_TEST_SUITE(limits)

BOOST_AUTO_TEST_CASE(max_ports_per_router)
{
    Router_row row = demo({});
    for (int i = 0; i < 65; i++) {
        const std::string n = std::to_string(i);
        row.ports.push_back(
            make_row(i % 2 == 1, "sg-" + n, "10.0." + n + ".1/24"));
    }
    check_router_refused(accept_demo(row),
                         {"65 ports", "at most 64", "max-ports-per-router"});
    Limits limits;
    limits.max_ports_per_router = 65;
    BOOST_TEST(accept(row, bridges(), limits).refusals.empty());
    row.options = {{"max-ports-per-router", "3"}};
    check_router_refused(accept(row, bridges(), limits),
                         {"65 ports", "at most 3", "max-ports-per-router"});
}

BOOST_AUTO_TEST_CASE(max_addresses_per_port)
{
    for (const bool is_door1 : {true, false}) {
        Port_row port = make_gateway(is_door1);
        port.networks.clear();
        for (int i = 1; i <= 10000; i++) {
            port.networks.push_back("10.1." + std::to_string(i / 256) + "."
                                    + std::to_string(i % 256) + "/15");
        }
        Router_row row = demo({port});
        check_refused(
            accept_demo(row), port,
            {"10000 addresses", "at most 256", "max-addresses-per-port"});
        row.options = {{"max-addresses-per-port", "9"}};
        check_refused(
            accept_demo(row), port,
            {"10000 addresses", "at most 9 ", "max-addresses-per-port"});
        Limits limits;
        limits.max_addresses_per_port = 10000;
        row.options.clear();
        const Accepted accepted = accept_demo(row, limits);
        BOOST_TEST(accepted.refusals.empty());
        BOOST_REQUIRE(accepted.router.ports.contains("qg-a"));
        BOOST_TEST(accepted.router.ports.at("qg-a").networks.size() == 10000u);
    }
}

BOOST_AUTO_TEST_CASE(wrong_numbers_keep_the_base)
{
    for (const Limit &limit : all_limits) {
        for (const std::string &text :
             {""s, "banana"s, "-1"s, "+1"s, " 20"s, "20 "s, "0x20"s, "2e1"s,
              "4294967316"s, "99999999999999999999"s, "\x1b[2J"s,
              std::to_string(limit.most + 1), std::string(100000, '9')}) {
            BOOST_TEST_CONTEXT(limit.key << "=" << text.substr(0, 20))
            {
                Limits base;
                base.*limit.value = limit.least + 1;
                std::vector<std::string> errors;
                BOOST_TEST(
                    (read_limits(base, {{limit.key, text}}, errors) == base));
                BOOST_REQUIRE(errors.size() == 1u);
                check_sentence(errors[0], {limit.key, quoted(text), "expected",
                                           std::to_string(limit.least) + " to "
                                               + std::to_string(limit.most)});
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(edges_of_numbers)
{
    for (const Limit &limit : all_limits) {
        for (const uint32_t value : {limit.least, limit.most}) {
            std::vector<std::string> errors;
            const Limits limits = read_limits(
                {}, {{limit.key, std::to_string(value)}}, errors);
            BOOST_TEST(errors.empty());
            BOOST_TEST((limits.*limit.value) == value);
        }
    }
}

BOOST_AUTO_TEST_CASE(wrong_options_refuse_the_router)
{
    Router_row row = demo({make_gateway(false)});
    row.options = {{"max-ports-per-router", "many"}};
    check_router_refused(accept_demo(row),
                         {"max-ports-per-router", "\"many\"", "0 to 4096"});
    BOOST_TEST(accept_demo(row).router.ports.size() == 1u);
    row.options = {{"refused-rows", "ignore"}};
    check_router_refused(accept_demo(row),
                         {"refused-rows", "\"ignore\"", "stop or skip"});
}

BOOST_AUTO_TEST_CASE(options_that_nobody_knows)
{
    std::vector<std::string> errors;
    const Options options = {{"max_routers", "7"}, {"chassis", "gw1"}};
    BOOST_TEST((read_limits({}, options, errors) == Limits{}));
    // The first is enough, for there may be any number.
    BOOST_REQUIRE(errors.size() == 1u);
    check_sentence(errors[0], {"unknown option \"chassis\"", "ovs-snat(5)"});
    errors.clear();
    read_limits({}, {{"max_routers", "7"}}, errors);
    BOOST_REQUIRE(errors.size() == 1u);
    check_sentence(errors[0], {"unknown option \"max_routers\"",
                               "did you mean max-routers?"});
    Router_row row = demo({make_gateway(false)});
    row.options = {{"refused_rows", "skip"}};
    check_router_refused(accept_demo(row), {"did you mean refused-rows?"});
    for (const std::string &text : hostile) {
        row.options = {{text, ""}};
        check_router_refused(accept_demo(row), {"unknown option"});
    }
}

// What holds for all is no single router's to loosen.
BOOST_AUTO_TEST_CASE(bounds_of_one_router_are_only_stricter)
{
    Limits global;
    global.change_rate = 5;
    for (const Limit &limit : all_limits) {
        const auto try_value = [&](uint32_t value) {
            std::vector<std::string> errors;
            const Limits limits = read_router_limits(
                global, {{limit.key, std::to_string(value)}}, errors);
            BOOST_TEST((errors.empty() || limits == global), limit.key);
            return errors;
        };
        global.*limit.value += !(global.*limit.value); // 0 is nobody's.
        const uint32_t of_all = global.*limit.value;
        const auto looser = try_value(of_all + 1);
        const auto stricter = try_value(of_all - 1);
        BOOST_TEST(looser.empty() == (limit.scope == Scope::any), limit.key);
        BOOST_TEST(stricter.empty() == (limit.scope != Scope::global),
                   limit.key);
        if (!looser.empty()) {
            check_sentence(looser[0],
                           {limit.key, "expected", "SNAT_Global.options"});
        }
    }
    std::vector<std::string> errors;
    read_router_limits(global, {{"change-rate", "0"}}, errors);
    BOOST_TEST(errors.size() == 1u);
    global.change_rate = 0;
    errors.clear();
    read_router_limits(global, {{"change-rate", "7"}}, errors);
    BOOST_TEST(errors.empty());
}

BOOST_AUTO_TEST_CASE(refused_rows)
{
    std::vector<std::string> errors;
    BOOST_TEST(
        read_limits({}, {{"refused-rows", "skip"}}, errors).skip_refused_rows);
    Limits skip;
    skip.skip_refused_rows = true;
    BOOST_TEST(!read_limits(skip, {{"refused-rows", "stop"}}, errors)
                    .skip_refused_rows);
    BOOST_TEST(errors.empty());
}

// Of one router over all, in either direction.
BOOST_AUTO_TEST_CASE(checks_that_ask_the_networks)
{
    const std::pair<const char *, bool Limits::*> rows[]
        = {{"verify-duplicates", &Limits::verify_duplicates},
           {"verify-gateway", &Limits::verify_gateway}};
    for (const auto &[key, value] : rows) {
        BOOST_TEST(!(Limits{}.*value));
        std::vector<std::string> errors;
        const Limits on = read_limits({}, {{key, "true"}}, errors);
        BOOST_TEST((on.*value));
        BOOST_TEST((read_limits(on, {}, errors).*value));
        BOOST_TEST(!(read_limits(on, {{key, "false"}}, errors).*value));
        BOOST_TEST(errors.empty());
        BOOST_TEST((read_limits(on, {{key, "yes"}}, errors).*value));
        BOOST_REQUIRE(errors.size() == 1u);
        check_sentence(errors[0], {key, "\"yes\"", "false or true"});
    }
}

BOOST_AUTO_TEST_SUITE_END()
