// Maps that share: alike to std::map in what they hold, whichever way they
// came to it.
#include "router/shared_set.hh"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <vector>

using snat::Digest;
using snat::Shared_map;
using snat::Shared_set;

namespace {

template <typename Value> using Map = Shared_map<std::string, Value>;
template <typename Value> using Model = std::map<std::string, Value>;

// With digests, and without.
using Values = std::tuple<std::string, int>;
static_assert(snat::Has_digest<std::string, std::string>);
static_assert(!snat::Has_digest<std::string, int>);

void
set_number(std::string &value, int number)
{
    value = std::to_string(number);
}

void
set_number(int &value, int number)
{
    value = number;
}

template <typename Value> struct Difference {
    std::string key;
    Value was{}, becomes{}; // As they are here: missing.

    bool operator==(const Difference &) const = default;
};

template <typename Value>
std::vector<Difference<Value>>
differences(const Map<Value> &was, const Map<Value> &becomes)
{
    std::vector<Difference<Value>> out;
    for_each_difference(
        was, becomes,
        [&](const std::string &key, const Value *old, const Value *fresh) {
            out.push_back(
                {key, old ? *old : Value{}, fresh ? *fresh : Value{}});
        });
    return out;
}

template <typename Value>
std::vector<Difference<Value>>
differences(const Model<Value> &was, const Model<Value> &becomes)
{
    Model<Difference<Value>> out;
    for (const auto &[key, value] : was) {
        out[key] = {key, value, {}};
    }
    for (const auto &[key, value] : becomes) {
        out[key].key = key;
        out[key].becomes = value;
    }
    std::vector<Difference<Value>> list;
    for (const auto &[key, difference] : out) {
        if (difference.was != difference.becomes) {
            list.push_back(difference);
        }
    }
    return list;
}

template <typename Value> struct Both {
    Map<Value> map;
    Model<Value> model;
};

template <typename Value>
void
change(Both<Value> &both, std::mt19937 &random)
{
    const std::string key = std::to_string(random() % 300);
    Value value;
    set_number(value, int(1 + random() % 3));
    switch (random() % 3) {
    case 0:
        both.map.set(key, value);
        both.model[key] = value;
        break;
    case 1:
        BOOST_TEST(both.map.insert(key, value)
                   == both.model.emplace(key, value).second);
        break;
    default:
        BOOST_TEST(both.map.erase(key) == (both.model.erase(key) > 0));
    }
}

template <typename Value>
bool
agree(const Both<Value> &both)
{
    return both.map.size() == both.model.size()
           && std::equal(both.map.begin(), both.map.end(), both.model.begin(),
                         both.model.end());
}

} // namespace

BOOST_AUTO_TEST_SUITE(shared_map)

BOOST_AUTO_TEST_CASE_TEMPLATE(it_is_like_a_map, Value, Values)
{
    std::mt19937 random{1};
    Both<Value> both;
    for (int i = 0; i < 2000; i++) {
        change(both, random);
        const std::string key = std::to_string(random() % 300);
        const auto found = both.model.find(key);
        const Value *value = both.map.find(key);
        BOOST_TEST((found == both.model.end()
                        ? !value
                        : value && *value == found->second));
        BOOST_TEST(both.map.contains(key) == both.model.contains(key));
        // The rest from there on is the same, too.
        BOOST_TEST(std::equal(both.map.lower_bound(key), both.map.end(),
                              both.model.lower_bound(key), both.model.end()));
    }
    BOOST_TEST(agree(both));
    BOOST_TEST(!both.map.empty());
    both.map.clear();
    BOOST_TEST(both.map.empty());
    BOOST_TEST((both.map.begin() == both.map.end()));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_copy_stays_as_it_was, Value, Values)
{
    std::mt19937 random{2};
    Both<Value> now;
    std::vector<Both<Value>> past;
    for (int i = 0; i < 1000; i++) {
        change(now, random);
        if (i % 50 == 0) {
            past.push_back(now);
        }
    }
    past.push_back(now);
    for (const auto &[map, model] : past) {
        BOOST_TEST((agree<Value>({map, model})));
        BOOST_TEST((differences<Value>(map, now.map)
                    == differences<Value>(model, now.model)));
        BOOST_TEST((differences<Value>(now.map, map)
                    == differences<Value>(now.model, model)));
        BOOST_TEST((map == now.map) == (model == now.model));
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_way_does_not_matter, Value, Values)
{
    std::mt19937 random{3};
    Both<Value> both;
    for (int i = 0; i < 1000; i++) {
        change(both, random);
    }
    Map<Value> again;
    for (const auto &[key, value] : both.model) {
        again.set(key, value);
    }
    BOOST_TEST((again == both.map));
    BOOST_TEST(differences<Value>(again, both.map).empty());
    const auto [key, value] = *both.model.begin();
    again.erase(key);
    BOOST_TEST((again != both.map));
    BOOST_TEST((differences<Value>(again, both.map)
                == std::vector<Difference<Value>>{{key, {}, value}}));
}

BOOST_AUTO_TEST_CASE(digests_tell_what_is_there)
{
    std::mt19937 random{4};
    Both<std::string> both;
    for (int i = 0; i < 1000; i++) {
        change(both, random);
    }
    const Digest was = both.map.digest();
    Map<std::string> again;
    for (const auto &[key, value] : both.model) {
        again.set(key, value);
    }
    BOOST_TEST((again.digest() == was));
    again.set("one more", "1");
    const Digest one = again.digest();
    BOOST_TEST((one != was));
    again.set("one more", "2");
    BOOST_TEST((again.digest() != one));
    again.erase("one more");
    BOOST_TEST((again.digest() == was));
    BOOST_TEST((Map<std::string>{}.digest() == Digest{}));
}

// What one more entry costs is told by how many nodes it must look at.
BOOST_AUTO_TEST_CASE(a_difference_costs_what_differs)
{
    struct Counted {
        int value = 0;
        bool
        operator==(const Counted &other) const
        {
            looks++;
            return value == other.value;
        }
        int &looks;
    };
    int looks = 0;
    Shared_map<std::string, Counted> map;
    for (int i = 0; i < 10000; i++) {
        map.insert(std::to_string(i), Counted{i, looks});
    }
    auto more = map;
    more.insert("one more", Counted{1, looks});
    looks = 0;
    int found = 0;
    for_each_difference(map, more,
                        [&](const std::string &, const Counted *,
                            const Counted *) { found++; });
    BOOST_TEST(found == 1);
    BOOST_TEST(looks < 100);
}

BOOST_AUTO_TEST_CASE(sets)
{
    Shared_set<std::string> set{"b", "a"};
    const auto was = set;
    BOOST_TEST(!set.insert("a"));
    BOOST_TEST(set.insert("c"));
    BOOST_TEST(set.erase("b"));
    BOOST_TEST(!set.contains("b"));
    BOOST_TEST((std::vector<std::string>{set.begin(), set.end()}
                == std::vector<std::string>{"a", "c"}));
    std::string told;
    for_each_difference(was, set, [&](const std::string &key, bool is_new) {
        told += (is_new ? "+" : "-") + key;
    });
    BOOST_TEST(told == "-b+c");
}

BOOST_AUTO_TEST_SUITE_END()
