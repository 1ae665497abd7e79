// Maps that share: alike to std::map in what they hold, whichever way they
// came to it.
#include "router/shared_map.hh"

#include <boost/test/unit_test.hpp>
#include <map>
#include <random>
#include <string>
#include <vector>

using snat::Digest;
using snat::Shared_map;
using snat::Shared_set;

namespace {

using Map = Shared_map<std::string, std::string>;
using Model = std::map<std::string, std::string>;

struct Difference {
    std::string key, was, becomes; // "": missing.

    bool operator==(const Difference &) const = default;
};

std::vector<Difference>
differences(const Map &was, const Map &becomes)
{
    std::vector<Difference> out;
    for_each_difference(was, becomes,
                        [&](const std::string &key, const std::string *old,
                            const std::string *fresh) {
                            out.push_back(
                                {key, old ? *old : "", fresh ? *fresh : ""});
                        });
    return out;
}

std::vector<Difference>
differences(const Model &was, const Model &becomes)
{
    std::map<std::string, Difference> out;
    for (const auto &[key, value] : was) {
        out[key] = {key, value, ""};
    }
    for (const auto &[key, value] : becomes) {
        out[key].key = key;
        out[key].becomes = value;
    }
    std::vector<Difference> list;
    for (const auto &[key, difference] : out) {
        if (difference.was != difference.becomes) {
            list.push_back(difference);
        }
    }
    return list;
}

struct Both {
    Map map;
    Model model;
};

void
change(Both &both, std::mt19937 &random)
{
    const std::string key = std::to_string(random() % 300);
    const std::string value = std::to_string(1 + random() % 3);
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

bool
agree(const Both &both)
{
    Model all;
    for (const auto &[key, value] : both.map) {
        all.emplace_hint(all.end(), key, value);
    }
    return all == both.model && both.map.size() == both.model.size();
}

} // namespace

BOOST_AUTO_TEST_SUITE(shared_map)

BOOST_AUTO_TEST_CASE(it_is_like_a_map)
{
    std::mt19937 random{1};
    Both both;
    for (int i = 0; i < 2000; i++) {
        change(both, random);
        const std::string key = std::to_string(random() % 300);
        const auto found = both.model.find(key);
        const std::string *value = both.map.find(key);
        BOOST_TEST((found == both.model.end() ? !value
                                              : value
                                                    && *value
                                                           == found->second));
        const auto at = both.map.lower_bound(key);
        const auto model_at = both.model.lower_bound(key);
        BOOST_TEST((at == both.map.end()) == (model_at == both.model.end()));
        if (at != both.map.end()) {
            BOOST_TEST(at->first == model_at->first);
        }
    }
    BOOST_TEST(agree(both));
}

BOOST_AUTO_TEST_CASE(a_copy_stays_as_it_was)
{
    std::mt19937 random{2};
    Both now;
    std::vector<Both> past;
    for (int i = 0; i < 1000; i++) {
        change(now, random);
        if (i % 50 == 0) {
            past.push_back(now);
        }
    }
    for (const Both &both : past) {
        BOOST_TEST(agree(both));
        BOOST_TEST((differences(both.map, now.map)
                    == differences(both.model, now.model)));
        BOOST_TEST((both.map == now.map) == (both.model == now.model));
    }
}

BOOST_AUTO_TEST_CASE(the_way_does_not_matter)
{
    std::mt19937 random{3};
    Both both;
    for (int i = 0; i < 1000; i++) {
        change(both, random);
    }
    Map again;
    for (const auto &[key, value] : both.model) {
        again.set(key, value);
    }
    BOOST_TEST((again == both.map));
    BOOST_TEST((again.digest() == both.map.digest()));
    again.set("one more", "1");
    BOOST_TEST((again.digest() != both.map.digest()));
    BOOST_TEST((differences(both.map, again)
                == std::vector<Difference>{{"one more", "", "1"}}));
    again.erase("one more");
    BOOST_TEST((again.digest() == both.map.digest()));
    BOOST_TEST((Map{}.digest() == Digest{}));
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
    for_each_difference(
        map, more,
        [&](const std::string &, const Counted *, const Counted *) {
            found++;
        });
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
