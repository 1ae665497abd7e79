// Sorted sets whose copies share what they have in common.
#pragma once

#include "shared_map.hh"

#include <cstddef>
#include <initializer_list>
#include <utility>

namespace snat {

// What keys lead to in a set.
struct Nothing {
    bool operator==(const Nothing &) const = default;
};

template <typename Key>
Digest
digest_of(const Key &key, const Nothing &)
{
    return digest_of(key);
}

template <typename Key> class Shared_set {
    using Map = Shared_map<Key, Nothing>;

public:
    using value_type = Key;

    class const_iterator : public Map::const_iterator {
    public:
        using value_type = Key;
        using pointer = const Key *;
        using reference = const Key &;

        const_iterator() = default;
        explicit const_iterator(Map::const_iterator at)
            : Map::const_iterator{std::move(at)}
        {
        }
        reference
        operator*() const
        {
            return Map::const_iterator::operator*().first;
        }
        pointer
        operator->() const
        {
            return &**this;
        }
        const_iterator &
        operator++()
        {
            Map::const_iterator::operator++();
            return *this;
        }
        const_iterator
        operator++(int)
        {
            auto old = *this;
            ++*this;
            return old;
        }
    };
    using iterator = const_iterator;

    Shared_set() = default;
    Shared_set(std::initializer_list<Key> keys)
    {
        for (const Key &key : keys) {
            insert(key);
        }
    }

    size_t
    size() const
    {
        return keys_.size();
    }
    bool
    empty() const
    {
        return keys_.empty();
    }
    Digest
    digest() const requires Has_digest<Key, Nothing>
    {
        return keys_.digest();
    }
    const_iterator
    begin() const
    {
        return const_iterator{keys_.begin()};
    }
    const_iterator
    end() const
    {
        return const_iterator{keys_.end()};
    }
    bool
    contains(const Key &key) const
    {
        return keys_.contains(key);
    }
    // False if it was there already.
    bool
    insert(const Key &key)
    {
        return keys_.insert(key, {});
    }
    bool
    erase(const Key &key)
    {
        return keys_.erase(key);
    }
    bool operator==(const Shared_set &) const = default;

    // Calls 'tell' with each key that only one of the two has, in order, and
    // whether that is 'becomes'.
    template <typename Tell>
    friend void
    for_each_difference(const Shared_set &was, const Shared_set &becomes,
                        Tell tell)
    {
        for_each_difference(
            was.keys_, becomes.keys_,
            [&](const Key &key, const Nothing *, const Nothing *fresh) {
                tell(key, fresh != nullptr);
            });
    }

private:
    Map keys_;
};

} // namespace snat
