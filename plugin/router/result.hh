// Expected failures are values: a Result holds what was asked for, or an
// Error that says in one plain sentence what was tried, on what, and why it
// failed.  Exceptions are left to broken invariants.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace snat {

struct Error {
    int code = 0;     // An errno value, or 0 if the kernel had no say.
    std::string what; // One sentence, no final dot, for a person to read.

    bool operator==(const Error &) const = default;
};

struct Done {
    bool operator==(const Done &) const = default;
};

template <typename T> class [[nodiscard]] Result {
public:
    Result(T value) : either_{std::move(value)} {}
    Result(Error error) : either_{std::move(error)} {}

    explicit operator bool() const { return either_.index() == 0; }
    const T &
    operator*() const &
    {
        return std::get<0>(either_);
    }
    T &
    operator*() &
    {
        return std::get<0>(either_);
    }
    T &&
    operator*() &&
    {
        return std::get<0>(std::move(either_));
    }
    const T *
    operator->() const
    {
        return &std::get<0>(either_);
    }
    T *
    operator->()
    {
        return &std::get<0>(either_);
    }
    const Error &
    error() const
    {
        return std::get<1>(either_);
    }

private:
    std::variant<T, Error> either_;
};

using Outcome = Result<Done>;

} // namespace snat
