// Sorted maps whose copies share what they have in common.  Of n entries, a
// copy costs nothing, a change of one O(log n), and so does finding each
// difference between two that came of one another: with them a change costs
// what it changes, not what there is.
//
// A treap (Seidel and Aragon, 1996) whose priorities are hashes of the keys,
// so the same entries have the same shape, whichever way they came together.
// A node that two of them share is copied before it is changed.
#pragma once

#include "digest.hh"

#include <concepts>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace snat {

inline Digest
digest_of(const std::string &key, const std::string &value)
{
    return digest_of(key + '\n' + value);
}

// Whether a map of these keeps the sum of its entries' digests, by which it is
// compared as well.
template <typename Key, typename Value>
concept Has_digest = requires(const Key &key, const Value &value)
{
    {
        digest_of(key, value)
        } -> std::same_as<Digest>;
};

template <typename Key, typename Value> class Shared_map {
public:
    using value_type = std::pair<const Key, Value>;

private:
    struct Node;
    using Ptr = std::shared_ptr<Node>;

public:
    class const_iterator {
    public:
        using iterator_category = std::forward_iterator_tag;
        using value_type = Shared_map::value_type;
        using difference_type = std::ptrdiff_t;
        using pointer = const value_type *;
        using reference = const value_type &;

        reference
        operator*() const
        {
            return path_.back()->entry;
        }
        pointer
        operator->() const
        {
            return &path_.back()->entry;
        }
        const_iterator &
        operator++()
        {
            const Node *at = path_.back();
            path_.pop_back();
            descend(at->right.get());
            return *this;
        }
        const_iterator
        operator++(int)
        {
            auto old = *this;
            ++*this;
            return old;
        }
        bool operator==(const const_iterator &) const = default;

    private:
        friend Shared_map;
        void
        descend(const Node *at)
        {
            for (; at; at = at->left.get()) {
                path_.push_back(at);
            }
        }
        std::vector<const Node *> path_; // Whose entries are still to come.
    };
    using iterator = const_iterator;

    Shared_map() = default;
    Shared_map(std::initializer_list<value_type> entries)
    {
        for (const auto &[key, value] : entries) {
            set(key, value);
        }
    }

    size_t
    size() const
    {
        return size_of(root_);
    }
    bool
    empty() const
    {
        return !root_;
    }
    Digest
    digest() const requires Has_digest<Key, Value>
    {
        return root_ ? root_->sum : Digest{};
    }
    const_iterator
    begin() const
    {
        const_iterator first;
        first.descend(root_.get());
        return first;
    }
    const_iterator
    end() const
    {
        return {};
    }
    // From the first key on that is not less.
    const_iterator
    lower_bound(const Key &key) const
    {
        const_iterator found;
        for (const Node *at = root_.get(); at;) {
            if (at->key() < key) {
                at = at->right.get();
            } else {
                found.path_.push_back(at);
                at = at->left.get();
            }
        }
        return found;
    }
    // Null if there is none.
    const Value *
    find(const Key &key) const
    {
        for (const Node *at = root_.get(); at;) {
            const auto order = key <=> at->key();
            if (order == 0) {
                return &at->entry.second;
            }
            at = (order < 0 ? at->left : at->right).get();
        }
        return nullptr;
    }
    bool
    contains(const Key &key) const
    {
        return find(key);
    }

    void
    set(const Key &key, Value value)
    {
        const Value *old = find(key);
        if (!old || *old != value) {
            put(root_, std::make_shared<Node>(key, std::move(value)));
        }
    }
    // False if there is one, which stays.
    bool
    insert(const Key &key, Value value)
    {
        if (contains(key)) {
            return false;
        }
        put(root_, std::make_shared<Node>(key, std::move(value)));
        return true;
    }
    bool
    erase(const Key &key)
    {
        if (!contains(key)) {
            return false;
        }
        remove(root_, key);
        return true;
    }
    void
    clear()
    {
        root_.reset();
    }

    bool
    operator==(const Shared_map &other) const
    {
        return size() == other.size()
               && compare(root_, other.root_,
                          [](const Key &, const Value *, const Value *) {
                              return false;
                          });
    }

    // Calls 'tell' in the order of the keys with each entry that only one of
    // the two has, or that leads elsewhere: its key, its value in 'was' and in
    // 'becomes', null where it is missing.
    template <typename Tell>
    friend void
    for_each_difference(const Shared_map &was, const Shared_map &becomes,
                        Tell tell)
    {
        compare(was.root_, becomes.root_,
                [&](const Key &key, const Value *old, const Value *fresh) {
                    tell(key, old, fresh);
                    return true;
                });
    }

private:
    struct Node {
        Node(const Key &key, Value value)
            : entry{key, std::move(value)}, rank{std::hash<Key>{}(key)}
        {
            if constexpr (Has_digest<Key, Value>) {
                own = digest_of(entry.first, entry.second);
            }
            sum = own;
        }
        const Key &
        key() const
        {
            return entry.first;
        }
        bool
        is_above(const Node &other) const
        {
            return rank != other.rank ? rank > other.rank
                                      : key() < other.key();
        }
        void
        refresh()
        {
            size = 1 + size_of(left) + size_of(right);
            sum = own;
            for (const Node *child : {left.get(), right.get()}) {
                if (child) {
                    sum += child->sum;
                }
            }
        }

        value_type entry;
        size_t rank;
        size_t size = 1;
        Digest own, sum; // Of the entry; and of all below it, too.
        Ptr left, right;
    };

    static size_t
    size_of(const Ptr &node)
    {
        return node ? node->size : 0;
    }

    // Before it is changed.
    static void
    make_own(Ptr &node)
    {
        if (node.use_count() > 1) {
            node = std::make_shared<Node>(*node);
        }
    }

    static void
    put(Ptr &at, Ptr fresh)
    {
        if (!at) {
            at = std::move(fresh);
            return;
        }
        const auto order = fresh->key() <=> at->key();
        if (order == 0) {
            fresh->left = at->left;
            fresh->right = at->right;
            at = std::move(fresh);
            at->refresh();
            return;
        }
        make_own(at);
        const bool is_left = order < 0;
        put(is_left ? at->left : at->right, std::move(fresh));
        Ptr child = is_left ? at->left : at->right;
        if (child->is_above(*at)) {
            rotate_up(at, std::move(child), is_left);
        }
        at->refresh();
    }

    // The child, which nobody else has, changes places with 'at'.
    static void
    rotate_up(Ptr &at, Ptr child, bool is_left)
    {
        Ptr &inner = is_left ? child->right : child->left;
        (is_left ? at->left : at->right) = std::move(inner);
        at->refresh();
        inner = std::move(at);
        at = std::move(child);
    }

    static void
    remove(Ptr &at, const Key &key)
    {
        const auto order = key <=> at->key();
        if (order == 0) {
            at = merge(at->left, at->right);
            return;
        }
        make_own(at);
        remove(order < 0 ? at->left : at->right, key);
        at->refresh();
    }

    // All keys of 'low' are less than those of 'high'.
    static Ptr
    merge(Ptr low, Ptr high)
    {
        if (!low || !high) {
            return low ? low : high;
        }
        const bool is_low = low->is_above(*high);
        Ptr top = std::make_shared<Node>(is_low ? *low : *high);
        if (is_low) {
            top->right = merge(low->right, high);
        } else {
            top->left = merge(low, high->left);
        }
        top->refresh();
        return top;
    }

    struct Split {
        Ptr less, same, greater;
    };

    static Split
    split(const Ptr &node, const Key &key)
    {
        if (!node) {
            return {};
        }
        const auto order = node->key() <=> key;
        if (order == 0) {
            return {node->left, node, node->right};
        }
        const bool is_less = order < 0;
        Split parts = split(is_less ? node->right : node->left, key);
        const Ptr top = std::make_shared<Node>(*node);
        if (is_less) {
            top->right = std::exchange(parts.less, top);
        } else {
            top->left = std::exchange(parts.greater, top);
        }
        top->refresh();
        return parts;
    }

    static bool
    are_alike(const Ptr &one, const Ptr &other)
    {
        if constexpr (Has_digest<Key, Value>) {
            return one == other
                   || (one && other && one->size == other->size
                       && one->sum == other->sum);
        } else {
            return one == other;
        }
    }

    // Until 'tell' says false; tells whether it never did.
    template <typename Tell>
    static bool
    compare(const Ptr &was, const Ptr &becomes, Tell tell)
    {
        if (are_alike(was, becomes)) {
            return true;
        }
        const Ptr &top
            = !was || (becomes && becomes->is_above(*was)) ? becomes : was;
        const Split old = split(was, top->key()),
                    fresh = split(becomes, top->key());
        return compare(old.less, fresh.less, tell)
               && compare_entries(old.same, fresh.same, tell)
               && compare(old.greater, fresh.greater, tell);
    }

    template <typename Tell>
    static bool
    compare_entries(const Ptr &was, const Ptr &becomes, Tell tell)
    {
        if (was && becomes && was->entry.second == becomes->entry.second) {
            return true;
        }
        return tell((was ? was : becomes)->key(),
                    was ? &was->entry.second : nullptr,
                    becomes ? &becomes->entry.second : nullptr);
    }

    Ptr root_;
};

} // namespace snat
