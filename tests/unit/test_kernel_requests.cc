// Requests to the kernel process: which are refused, with what sentence, and
// what the main process makes of it.
#include "kernel/check.hh"
#include "sentences.hh"
#include "step/json.hh"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstring>

using namespace snat;
using namespace sentences;

namespace {

Request
request(const Step &step)
{
    Request out{1, Apply{"demo", {step}, false, {}}};
    return out;
}

Network
network(const char *text)
{
    return *parse_network(text);
}

Nat
nat(const std::string &mark = "0x00000002")
{
    Nat nat;
    nat.set("floating4", "198.51.100.20", mark);
    return nat;
}

Hosts
hosts(unsigned many)
{
    Hosts out;
    for (unsigned i = 1; i <= many; i++) {
        out.insert(*parse_ip("203.0.113." + std::to_string(i)));
    }
    return out;
}

Step
add_address(const char *address)
{
    return Set_addresses{"sg-demo", {}, {network(address)}};
}

Step
add_host(const char *address)
{
    return Change_hosts{"sg-demo", {}, {*parse_ip(address)}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(kernel_requests)

// Whatever the kernel lets a link have is seen there, kept and put back.
BOOST_AUTO_TEST_CASE(addresses_that_a_link_may_be_seen_to_have)
{
    for (const char *address :
         {"10.0.0.1/24", "127.0.0.5/8", "224.0.0.5/24", "10.0.0.9/0",
          "255.255.255.255/31", "fe80::1/64", "2001:db8::1/128"}) {
        BOOST_TEST(bool(check(request(add_address(address)))), address);
    }
    for (const char *address :
         {"0.0.0.0/8", "::/64", "::1/128", "ff05::1/64"}) {
        check_error(check(request(add_address(address))),
                    {"sg-demo", "no link can have"});
    }
    for (const char *address : {"10.0.0.1", "224.0.0.5", "255.255.255.255"}) {
        BOOST_TEST(bool(check(request(add_host(address)))), address);
        check_error(check(request(
                        add_address((std::string{address} + "/32").c_str()))),
                    {"sg-demo", "among these"});
    }
    for (const char *address : {"0.0.0.0", "::1", "2001:db8::1"}) {
        check_error(check(request(add_host(address))),
                    {"sg-demo", "among its hosts"});
    }
    const std::set<Ip> v4 = {*parse_ip("10.0.0.1")},
                       v6 = {*parse_ip("2001:db8::1")};
    BOOST_TEST(bool(check(request(Set_proxies{"sg-demo", {}, v6}))));
    check_error(check(request(Set_proxies{"sg-demo", v4, v6})),
                {"sg-demo", "no neighbour discovery"});
}

// What somebody has put in the place of ours, and its way back.
BOOST_AUTO_TEST_CASE(routes_of_a_foreign_shape)
{
    const Route strange{network("0.0.0.0/0"), {}};
    const Route ours{network("0.0.0.0/0"),
                     {{*parse_ip("198.51.100.1"), "qg-demo"}}};
    BOOST_TEST(bool(check(request(Set_route{strange, ours}))));
    BOOST_TEST(bool(check(request(Set_route{ours, strange}))));
}

// What a step would have an undo set is checked as well.
BOOST_AUTO_TEST_CASE(what_was_is_checked_too)
{
    BOOST_TEST(!check(request(inverse(add_address("::1/128")))));
    const std::string key = "net/ipv4/ip_forward";
    BOOST_TEST(bool(check(request(Set_sysctl{key, "0", "1"}))));
    BOOST_TEST(!check(request(Set_sysctl{key, "0\n1", "1"})));
    BOOST_TEST(!check(request(Set_sysctl{key, std::string(5000, '1'), "1"})));
}

BOOST_AUTO_TEST_CASE(the_refusal_names_the_step_and_the_reason)
{
    Device device;
    device.mtu = 1;
    check_error(check(request(Set_device{"sg-demo", std::nullopt, device})),
                {"sg-demo", "MTU would be 1 ", "68 to 65535"});
    Set_route step;
    step.becomes = Route{network("0.0.0.0/0"), {}};
    for (uint32_t i = 0; i < 100'001; i++) {
        Ip via;
        memcpy(via.bytes.data(), &i, sizeof i);
        step.becomes->hops.insert({via, "qg-demo"});
    }
    check_error(check(request(step)), {"100001 items"});
}

BOOST_AUTO_TEST_CASE(refused_requests_are_answered_in_their_own_way)
{
    const Error why{22, "no"};
    BOOST_TEST((std::get<Error>(refusal(Look{}, why)) == why));
    BOOST_TEST((std::get<Error>(refusal(Announce{}, why)) == why));
    Apply apply{"demo", {Set_up{"sg-demo", false, true}}, false, {}};
    const auto forward = std::get<Applied>(refusal(apply, why));
    BOOST_TEST(forward.done == 0u);
    BOOST_TEST((forward.error == why));
    BOOST_TEST(forward.outstanding.empty());
    // Nothing was undone, so all is still to be done.
    apply.undoing = true;
    const auto backward = std::get<Applied>(refusal(apply, why));
    BOOST_TEST((backward.outstanding == apply.steps));
    BOOST_TEST((backward.undo_error == why));
}

BOOST_AUTO_TEST_CASE(what_is_no_request_is_told_where)
{
    for (const Step &step :
         {add_address("10.0.0.1/24"), Step{Set_up{"sg-demo", false, true}}}) {
        std::string text = to_text(request(step));
        BOOST_TEST(bool(request_from_text(text)));
        const std::string was = "\"was\":";
        text.replace(text.find(was), was.size(), "\"war\":");
        check_error(request_from_text(text),
                    {"not a request", "list of steps", "wrong at 0.was"});
    }
}

BOOST_AUTO_TEST_CASE(what_is_owned_is_read_as_written)
{
    const Owned owned{{"demo", {"qg-a", "sg-a"}}, {"other", {}}};
    const auto read = answer_from_text(to_text(Answer{7, owned}));
    BOOST_REQUIRE(bool(read));
    BOOST_TEST((std::get<Owned>(read->body) == owned));
}

BOOST_AUTO_TEST_CASE(a_look_names_what_is_expected)
{
    Observe what;
    what.router = "demo";
    what.links = {"qg-demo"};
    what.lent = what.remembered = true;
    what.expected = {{}, {nat(), {{"qg-demo", hosts(2)}}}};
    const Look look = look_for(what);
    const auto read = request_from_text(to_text(Request{7, look}));
    BOOST_REQUIRE(bool(read));
    const Look &back = std::get<Look>(read->body);
    BOOST_TEST(back.what.router == "demo");
    BOOST_TEST(back.what.lent);
    BOOST_TEST(back.what.remembered);
    BOOST_REQUIRE(back.expected.size() == 2u);
    for (size_t i = 0; i < 2; i++) {
        BOOST_TEST(back.expected[i].nat == look.expected[i].nat);
        BOOST_TEST((back.expected[i].hosts == look.expected[i].hosts));
    }
    BOOST_TEST(back.expected[0].nat != back.expected[1].nat);
}

BOOST_AUTO_TEST_CASE(what_is_expected_is_not_told)
{
    const std::vector<Many> expected{
        {}, {nat(), {{"qg-demo", hosts(2)}}}, {{}, {{"qg-demo", hosts(3)}}}};
    const Look look = look_for({"demo", {}, {}, false, expected});
    Wired wired;
    for (const std::optional<Nat> &seen :
         {std::optional{nat()}, std::optional{Nat{}},
          std::optional{nat("0x00000009")}, std::optional<Nat>{}}) {
        for (const unsigned many : {0, 1, 2, 3, 4}) {
            wired.nat = seen;
            wired.links["qg-demo"].hosts = hosts(many);
            const Answer answer{7, tell(wired, look)};
            const Wired &told = std::get<Seen>(answer.body).wired;
            const bool is_expected
                = std::ranges::count(expected, seen, &Many::nat);
            BOOST_TEST(told.nat.has_value() == (seen && !is_expected));
            BOOST_TEST(told.links.at("qg-demo").hosts.empty()
                       == (many != 1 && many != 4));
            const auto read = answer_from_text(to_text(answer));
            BOOST_REQUIRE(bool(read));
            const auto back = understand(std::get<Seen>(read->body), expected);
            BOOST_REQUIRE(bool(back));
            BOOST_TEST((*back == wired));
        }
    }
}

BOOST_AUTO_TEST_CASE(hosts_that_nobody_expected_are_refused)
{
    const std::vector<Many> expected{{{}, {{"qg-demo", hosts(2)}}}};
    Seen seen;
    seen.hosts["qg-demo"] = 0;
    check_error(understand(seen, expected), {"nobody expected"}); // No link.
    seen.wired.links["qg-demo"];
    BOOST_TEST(bool(understand(seen, expected)));
    seen.hosts["qg-demo"] = 1;
    check_error(understand(seen, expected), {"nobody expected"});
    seen.hosts["qg-demo"] = 0;
    seen.wired.links["qg-demo"].hosts = hosts(1);
    check_error(understand(seen, expected), {"nobody expected"});
}

BOOST_AUTO_TEST_CASE(damaged_tables_are_not_those_that_are_expected)
{
    Nat damaged = nat();
    damaged.damaged = true;
    BOOST_TEST((damaged.digest() != nat().digest()));
    BOOST_TEST((Nat{}.digest() != nat().digest()));
    Nat changed = nat();
    changed.set("floating4", "198.51.100.21", "0x00000003");
    BOOST_TEST((changed.digest() != nat().digest()));
    changed.set("floating4", "198.51.100.21", std::nullopt);
    BOOST_TEST((changed.digest() == nat().digest()));
    changed.set("floating4", "198.51.100.20", std::nullopt);
    BOOST_TEST((changed == Nat{}));
}

BOOST_AUTO_TEST_CASE(what_is_no_answer_is_told_where)
{
    std::string text = to_text(Answer{1, Seen{}});
    BOOST_TEST(bool(answer_from_text(text)));
    text.replace(text.find("exists"), 6, "exits");
    check_error(answer_from_text(text), {"wired router", "wrong at exists"});
}

BOOST_AUTO_TEST_SUITE_END()
