// Entries of tables as text and as the kernel's bytes: there and back again
// for each table there is, and nothing else is taken for one.
#include "kernel/nft_layout.hh"
#include "kernel/nft_text.hh"
#include "random_nat.hh"
#include "router/rules.hh"
#include "router/translate.hh"
#include "sentences.hh"

#include <boost/test/unit_test.hpp>

using namespace snat;
using namespace sentences;

namespace {

// A field of each type, and a range of them.
const char *
sample(Nft_type type, bool is_ranged)
{
    switch (type) {
    case Nft_type::ipv4_addr:
        return is_ranged ? "10.0.0.0-10.0.1.255" : "10.0.0.5";
    case Nft_type::ipv6_addr:
        return is_ranged ? "2001:db8::-2001:db8::ffff" : "2001:db8::5";
    case Nft_type::icmp_type:
    case Nft_type::icmpv6_type:
        return "3";
    case Nft_type::inet_proto:
        return is_ranged ? "0-255" : "6";
    case Nft_type::inet_service:
        return is_ranged ? "80-443" : "65535";
    case Nft_type::mark:
        return "0x8000000a";
    case Nft_type::ifname:
        return "qg-demo";
    }
    return "";
}

std::string
text(const std::vector<Nft_type> &types, bool is_ranged)
{
    std::string out;
    for (const Nft_type type : types) {
        out += (out.empty() ? "" : " . ")
               + std::string{sample(type, is_ranged)};
    }
    return out;
}

std::string
value_for(const Nft_set &set)
{
    return set.is_named        ? "dnat 198.51.100.20 10.0.0.5 on qg-demo"
           : set.is_limited    ? "8000 100"
           : set.is_numbered   ? "65536"
           : set.is_of_helpers ? "netbios-ns"
                               : text(set.value, false);
}

void
check_same(const Nft_set &set, const std::string &key,
           const std::string &value)
{
    const auto element = nft_element(set, key, value);
    BOOST_REQUIRE_MESSAGE(bool(element), set.name << ": " << key);
    BOOST_TEST(element->key_end.empty() == !set.is_ranged);
    const auto [key_again, value_again] = nft_entry(set, *element);
    BOOST_TEST(key_again == key);
    BOOST_TEST(value_again == value);
}

void
check_bad(const char *table, const std::string &key, const std::string &value)
{
    const Nft_set *set = find_nft_set(table);
    BOOST_REQUIRE(set);
    BOOST_TEST_CONTEXT(key << " = " << value)
    {
        check_error(nft_element(*set, key, value), {table});
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(nft_text)

BOOST_AUTO_TEST_CASE(entries_of_every_table_there_and_back)
{
    BOOST_TEST(nft_sets().size() > 30u);
    for (const Nft_set &set : nft_sets()) {
        for (const bool is_ranged : {false, set.is_ranged}) {
            check_same(set, text(set.key, is_ranged), value_for(set));
        }
        BOOST_TEST(find_nft_set(set.name) == &set);
    }
    BOOST_TEST(!find_nft_set("default"));
}

BOOST_AUTO_TEST_CASE(all_that_rules_become_there_and_back)
{
    std::set<std::string> tables;
    for (unsigned seed = 0; seed < 100; seed++) {
        const Nat nat = translate(samples::Random_nat{seed}.router(20));
        for (const auto &[name, table] : nat.tables) {
            const Nft_set *set = find_nft_set(name);
            BOOST_REQUIRE_MESSAGE(set, name);
            for (const auto &[key, value] : table) {
                check_same(*set, key, value);
            }
            tables.insert(name);
        }
    }
    // Those of options have no entries here.
    BOOST_TEST(tables.size() >= 40u);
}

// As nft has them: the first of a range in the key, numbers of the network's
// byte order, fields at multiples of four bytes.
BOOST_AUTO_TEST_CASE(bytes)
{
    const auto element = nft_element(
        *find_nft_set("kept4"), "10.0.0.5 . 6 . 80-81 . 0.0.0.0-10.0.0.255",
        "0x80000001");
    BOOST_REQUIRE(bool(element));
    BOOST_TEST((element->key
                == "\x0a\x00\x00\x05\x06\x00\x00\x00\x00\x50\x00\x00"s
                   "\x00\x00\x00\x00"s));
    BOOST_TEST((element->key_end
                == "\x0a\x00\x00\x05\x06\x00\x00\x00\x00\x51\x00\x00"s
                   "\x0a\x00\x00\xff"s));
    const uint32_t mark = 0x80000001;
    BOOST_TEST(
        (element->value
         == std::string{reinterpret_cast<const char *>(&mark), sizeof mark}));
    const auto name = nft_element(*find_nft_set("leaving6"), "a-b", "");
    BOOST_REQUIRE(bool(name));
    BOOST_TEST((name->key == "a-b" + std::string(13, '\0')));
}

BOOST_AUTO_TEST_CASE(what_is_no_address_number_or_name)
{
    for (const char *key :
         {"", " ", "10.0.0", "10.0.0.05", "10.0.0.5/32", "10.0.0.5 ",
          "10.0.0.5 . 6", "2001:db8::5", "10.0.0.5-10.0.0.6", " . "}) {
        check_bad("floating4", key, "0x80000001");
        check_bad("inside4", "0x80000001", key);
    }
    for (const char *mark : {"", "0x", "1", "0x100000000", "0x8000000g",
                             "-0x1", "0x-1", "80000001", "0x1 ", "0x 1"}) {
        check_bad("floating6", "2001:db8::5", mark);
        check_bad("inside6", mark, "2001:db8::5");
    }
    for (const char *name : {"", ".", "..", "a/b", "a b", "qg-0123456789abc",
                             "qg-a . 10.0.0.5"}) {
        check_bad("gateways", name, "");
    }
    for (const char *protocol : {"", "256", "-1", "tcp", "6-7", "06x"}) {
        check_bad("with_ports", protocol, "");
    }
    for (const char *port : {"", "65536", "-1", "http", "80-81"}) {
        check_bad("forwards4", "10.0.0.5 . 6 . "s + port, "0x80000001");
        check_bad("inside_ports4", "0x80000001 . 80", "10.0.0.5 . "s + port);
        check_bad("first_port4", "0x80000001", port);
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_range_or_list_of_fields)
{
    for (const char *key :
         {"10.0.0.5 . 6 . 80", "10.0.0.5 . 6 . 80 . 10.0.0.6 . 1",
          "10.0.0.5 . 6 . 80 . ", "10.0.0.5 . 6 .  80 . 10.0.0.6",
          "10.0.0.5.6.80.10.0.0.6", "10.0.0.5 . 6 . 80- . 10.0.0.6",
          "10.0.0.5 . 6 . -80 . 10.0.0.6", "10.0.0.5 . 6 . 1-2-3 . 10.0.0.6",
          "10.0.0.5 . 6 . 80 . 10.0.0.6-2001:db8::1",
          "10.0.0.5 . 6 . 80 . 10.0.0.0/24", "10.0.0.5 . 6 . 81-80 . 10.0.0.6",
          "10.0.0.5 . 6 . 80 . 10.0.0.7-10.0.0.6"}) {
        check_bad("kept4", key, "0x80000001");
    }
}

BOOST_AUTO_TEST_CASE(words_of_rules)
{
    for (const std::string &words : {""s, std::string(201, 'a'), "a\nb"s,
                                     "\x1b[2J"s, "\xc3\xa4"s, "a\0b"s}) {
        check_bad("rules", "0x80000001", words);
    }
    check_same(*find_nft_set("rules"), "0x80000001", std::string(200, 'a'));
    // Sets lead to nothing.
    check_bad("replies", "0x80000001", "a");
    check_bad("leaving4", "qg-a", "0x80000001");
    // Hostile texts are not repeated.
    for (const std::string &text : hostile) {
        check_bad("gateways", text, "");
        check_bad("callers4", "qg-a", text);
    }
}

BOOST_AUTO_TEST_SUITE_END()
