// The one way in which this room puts its errors: "cannot WHAT: why".
#pragma once

#include "router/result.hh"

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

namespace snat {

// "No such device".
inline std::string
reason(int code)
{
    return std::generic_category().message(code);
}

inline Error
failure(std::string_view what, const Error &why)
{
    return {why.code, "cannot " + std::string{what} + ": " + why.what};
}

// Of the system call that has just failed.
inline Error
failure(std::string_view what)
{
    const int code = errno;
    return failure(what, Error{code, reason(code)});
}

} // namespace snat
