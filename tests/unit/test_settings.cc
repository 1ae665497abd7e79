// Options that set something in a router's namespace: read, refused, wired,
// and written back.
#include "asked.hh"
#include "router/entries.hh"
#include "router/helpers.hh"
#include "router/read_settings.hh"
#include "router/timeouts.hh"
#include "router/translate.hh"
#include "router/wired.hh"

#include <random>

using namespace asked;

namespace {

constexpr const char *loose = "net/netfilter/nf_conntrack_tcp_loose";
constexpr const char *udp = "net/netfilter/nf_conntrack_udp_timeout";
constexpr const char *udp_stream
    = "net/netfilter/nf_conntrack_udp_timeout_stream";

Settings
read(const Options &options, const Settings &base = {})
{
    Settings settings = base;
    std::vector<std::string> errors;
    read_settings(options, settings, errors);
    BOOST_TEST(errors.empty(), joined(errors, "; "));
    return settings;
}

std::string
wired(const Options &options, const std::string &sysctl)
{
    Router router;
    router.settings = read(options);
    const auto sysctls = wire_sysctls(router);
    const auto found = sysctls.find(sysctl);
    return found == sysctls.end() ? "none" : found->second;
}

// Changes nothing, and says one sentence.
void
check_wrong(const std::string &key, const std::string &text,
            const std::vector<std::string> &parts)
{
    const Settings base = read({{"ct-timeouts", "udp:5"}});
    Settings settings = base;
    std::vector<std::string> errors;
    read_settings({{key, text}}, settings, errors);
    BOOST_TEST((settings == base), key << "=" << text);
    BOOST_REQUIRE(errors.size() == 1u);
    check_sentence(errors[0], parts);
    Router_row row = demo({make_gateway(false)});
    row.options = {{key, text}};
    check_router_refused(accept_demo(row), parts);
}

const char *
one_of(std::mt19937 &random, std::vector<const char *> words)
{
    return words[random() % words.size()];
}

// Half of them, with any of their values.
Options
random_options(std::mt19937 &random)
{
    Options all = {
        {"arp-ignore", one_of(random, {"0", "1", "8"})},
        {"arp-announce", one_of(random, {"0", "1", "2"})},
        {"ip-nonlocal-bind", one_of(random, {"false", "true"})},
        {"conntrack-tcp-loose", one_of(random, {"false", "true"})},
        {"conntrack-tcp-be-liberal", one_of(random, {"false", "true"})},
        {"ct-timeouts",
         one_of(random, {"", "udp:30", "udp:7", "icmp:9, tcp-close:11"})},
        {"ct-helpers",
         one_of(random, {"", "ftp:21", "ftp:2121,sip:5060/tcp"})},
        {"ct-limit", one_of(random, {"0", "1", "1000000"})},
    };
    std::erase_if(all, [&](const auto &) { return random() % 2; });
    return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(settings)

BOOST_AUTO_TEST_CASE(without_options_the_sysctls_are_neutrons)
{
    const std::map<std::string, std::string> neutrons = {
        {"net/ipv4/conf/all/arp_announce", "2"},
        {"net/ipv4/conf/all/arp_ignore", "1"},
        {"net/ipv4/conf/all/promote_secondaries", "1"},
        {"net/ipv4/ip_forward", "1"},
        {"net/ipv4/ip_nonlocal_bind", "1"},
        {"net/ipv6/conf/all/forwarding", "1"},
        {"net/netfilter/nf_conntrack_tcp_be_liberal", "1"},
        {"net/netfilter/nf_conntrack_tcp_loose", "0"},
    };
    BOOST_TEST((wire_sysctls(Router{}) == neutrons));
}

BOOST_AUTO_TEST_CASE(words_of_options_are_values_of_sysctls)
{
    for (const char *text : {"0", "1", "2", "3", "8"}) {
        BOOST_TEST(
            wired({{"arp-ignore", text}}, "net/ipv4/conf/all/arp_ignore")
            == text);
    }
    BOOST_TEST(wired({{"arp-announce", "1"}}, "net/ipv4/conf/all/arp_announce")
               == "1");
    BOOST_TEST(
        wired({{"ip-nonlocal-bind", "false"}}, "net/ipv4/ip_nonlocal_bind")
        == "0");
    BOOST_TEST(wired({{"conntrack-tcp-loose", "true"}}, loose) == "1");
    BOOST_TEST(wired({{"conntrack-tcp-be-liberal", "false"}},
                     "net/netfilter/nf_conntrack_tcp_be_liberal")
               == "0");
}

BOOST_AUTO_TEST_CASE(timeouts)
{
    const Options options = {{"ct-timeouts", " udp:30,,udp-stream:2147483 "}};
    BOOST_TEST(wired(options, udp) == "30"); // Asked for as it is.
    BOOST_TEST(wired(options, udp_stream) == "2147483");
    BOOST_TEST(wired({{"ct-timeouts", ""}}, udp) == "none");
    for (const Timeout &one : all_timeouts()) {
        const std::string name = one.name;
        BOOST_TEST(wired({{"ct-timeouts", name + ":1"}}, one.path()) == "1");
        BOOST_TEST(usual_timeout(one.path()).value()
                   == std::to_string(one.usual));
    }
    BOOST_TEST(!usual_timeout(loose));
}

BOOST_AUTO_TEST_CASE(wrong_ones_are_refused)
{
    for (const char *text : {"4", "", "-1", "01", "9"}) {
        check_wrong("arp-ignore", text,
                    {"arp-ignore", quoted(text), "0, 1, 2, 3 or 8"});
    }
    check_wrong("arp-announce", "3", {"arp-announce", "0, 1 or 2"});
    for (const char *key : {"ip-nonlocal-bind", "conntrack-tcp-loose",
                            "conntrack-tcp-be-liberal"}) {
        check_wrong(key, "1", {key, "\"1\"", "false or true"});
    }
    for (const char *text : {"banana", ":5", ":", "UDP:5"}) {
        check_wrong("ct-timeouts", text,
                    {"ct-timeouts", quoted(text), "NAME:SECONDS",
                     "generic, gre, icmp, icmpv6, sctp, tcp or udp"});
    }
    check_wrong("ct-timeouts", "udp-stram:5",
                {"\"udp-stram:5\"", "udp or udp-stream"});
    check_wrong("ct-timeouts", "generic-x:5", {"NAME being generic"});
    check_wrong("ct-timeouts", "sctp-open:5",
                {"sctp-closed, ", " or sctp-shutdown-sent"});
    for (const char *text : {"udp", "udp:", "udp:0", "udp:-1", "udp:2147484",
                             "udp:5s", "udp:5:5", "udp:99999999999"}) {
        check_wrong("ct-timeouts", text,
                    {"ct-timeouts", quoted(text), "udp:", "1 to 2147483"});
    }
    check_wrong("ct-timeouts", "icmp:5,udp:5,icmp:5",
                {"ct-timeouts", "\"icmp:5\"", "each time-out once"});
}

BOOST_AUTO_TEST_CASE(helpers)
{
    const auto read_list = [](const std::string &text) {
        return read({{"ct-helpers", text}}).helpers;
    };
    BOOST_TEST((read_list("ftp:21, tftp:69,sip:5060 sip:5060/tcp")
                == std::set<Helper>{{Protocol::tcp, 21, "ftp"},
                                    {Protocol::udp, 69, "tftp"},
                                    {Protocol::udp, 5060, "sip"},
                                    {Protocol::tcp, 5060, "sip"}}));
    BOOST_TEST(read_list("").empty());
    for (const Helper_kind &kind : all_helpers()) {
        const std::string name = kind.name;
        BOOST_TEST((read_list(name + ":65535")
                    == std::set<Helper>{{kind.protocol, 65535, name}}));
    }
    Router router;
    router.settings = read({{"ct-helpers", "ftp:21,sip:5060"}});
    const Nat nat = translate(router);
    BOOST_TEST((nat.table("helpers")
                == Nat_table{{"6 . 21", "ftp"}, {"17 . 5060", "sip"}}));
}

BOOST_AUTO_TEST_CASE(wrong_helpers_are_refused)
{
    const std::string key = "ct-helpers";
    for (const char *text :
         {"ftpd:21", ":21", "FTP:21", "banana", "ftp/tcp", "ftp/tcp:21"}) {
        check_wrong(
            key, text,
            {key, quoted(text), "NAME:PORT/PROTOCOL", "amanda, ftp, irc, "});
    }
    for (const char *text : {"ftp", "ftp:", "ftp:0", "ftp:65536", "ftp:21x",
                             "ftp:-1", "ftp:21:22"}) {
        check_wrong(key, text, {key, quoted(text), "ftp:PORT", "1 to 65535"});
    }
    for (const char *text : {"ftp:21/udp", "ftp:21/", "ftp:21/sctp"}) {
        check_wrong(key, text, {key, quoted(text), "ftp over tcp"});
    }
    check_wrong(key, "sip:5060/sctp", {key, "sip over tcp or udp"});
    check_wrong(key, "ftp:21,sane:21",
                {key, "\"sane:21\"", "one helper for each port"});
    std::string many = "ftp:1";
    for (int port = 2; port <= 65; port++) {
        many += ",ftp:" + std::to_string(port);
    }
    check_wrong(key, many, {key, "\"ftp:65\"", "at most 64"});
}

// The shares of a limit add up to it, and so do the parts of the hash.
BOOST_AUTO_TEST_CASE(limit)
{
    for (const uint32_t most :
         {1u, 999u, 1000u, 1999u, 2000u, 50001u, 1000000u}) {
        Router router;
        router.settings = read({{"ct-limit", std::to_string(most)}});
        const Nat nat = translate(router);
        std::map<uint32_t, uint32_t> ends; // By first hash: the last.
        uint32_t sum = 0;
        for (const auto &[key, flows] : nat.table("tracked")) {
            const auto fields = fields_of(key);
            BOOST_TEST(fields.at(0) == "0-255");
            const auto range = fields.at(1);
            ends[entry_number(range)]
                = entry_number(range.substr(range.find('-') + 1));
            sum += entry_number(flows);
            BOOST_TEST(entry_number(flows) < 2000u);
        }
        BOOST_TEST(sum == most);
        BOOST_TEST(ends.size() == (most < 2000 ? 1 : most / 250));
        uint32_t next = 0;
        for (const auto &[first, last] : ends) {
            BOOST_TEST(first == next);
            next = last + 1;
        }
        BOOST_TEST(next == 65536u);
    }
    BOOST_TEST(translate(Router{}).table("tracked").empty());
    for (const char *text : {"-1", "many", "1000001", "1e3"}) {
        check_wrong("ct-limit", text, {"ct-limit", "0 to 1000000"});
    }
}

// One router's own come before those of all, each by itself.
BOOST_AUTO_TEST_CASE(a_routers_options_come_before_those_of_all)
{
    Limits all;
    all.settings = read({{"conntrack-tcp-loose", "true"},
                         {"ct-timeouts", "udp:5,udp-stream:6"}});
    Router_row row = demo({make_gateway(false)});
    const auto sysctls
        = [&] { return wire_sysctls(accept_demo(row, all).router); };
    BOOST_TEST(sysctls()[loose] == "1");
    row.options
        = {{"conntrack-tcp-loose", "false"}, {"ct-timeouts", "udp-stream:7"}};
    BOOST_TEST(sysctls()[loose] == "0");
    BOOST_TEST(sysctls()[udp] == "5");
    BOOST_TEST(sysctls()[udp_stream] == "7");
}

BOOST_AUTO_TEST_CASE(options_come_back_from_anywhere)
{
    std::mt19937 random{1};
    for (int i = 0; i < 2000; i++) {
        const Settings base = read(random_options(random));
        Options there = random_options(random);
        there["unrelated"] = "stays";
        if (i % 5 == 0) {
            there["arp-announce"] = "banana"; // Would refuse the router.
        }
        const Settings wanted = read(random_options(random), base);
        const Options written = write_settings(there, base, wanted);
        BOOST_TEST((read(written, base) == wanted), "round " << i);
        BOOST_TEST(written.at("unrelated") == "stays");
        BOOST_TEST((write_settings(written, base, wanted) == written));
    }
}

// Of a time-out that all have by now and the router had not.
BOOST_AUTO_TEST_CASE(what_all_ask_for_can_be_as_the_kernel_has_it)
{
    const Settings base = read({{"ct-timeouts", "udp:5,icmp:6"}});
    const Options written = write_settings({}, base, {});
    BOOST_TEST(written.at("ct-timeouts") == "icmp:30,udp:30");
}

BOOST_AUTO_TEST_SUITE_END()
