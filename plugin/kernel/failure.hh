// The one way in which this room puts its errors: "cannot WHAT: why".
#pragma once

#include "router/result.hh"

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

namespace snat {

// "No such device".  Of the kernel's own codes (include/linux/errno.h) there
// is one that reaches user space although C has no words for it.
inline std::string
reason(int code)
{
    constexpr int not_supported = 524; // ENOTSUPP
    return std::generic_category().message(code == not_supported ? EOPNOTSUPP
                                                                 : code);
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
