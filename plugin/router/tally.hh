// How many of each kind routers have.
#pragma once

#include "router.hh"

#include <array>
#include <cstddef>
#include <optional>

namespace snat {

enum class Rule_kind {
    by_default, // Default SNAT of a gateway port.
    snat,
    dnat, // Of a whole address.
    port_forward,
    floating_ip,
    exception, // What is left untranslated.
};
constexpr std::array rule_kinds{"default",      "snat",        "dnat",
                                "port_forward", "floating_ip", "exception"};

struct Tally {
    std::array<std::array<size_t, 2>, 2> ports{}; // By Role, and by Wiring.
    std::array<size_t, rule_kinds.size()> rules{};
    size_t routes = 0; // Static ones.

    bool operator==(const Tally &) const = default;
    Tally &operator+=(const Tally &other);
    Tally &operator-=(const Tally &other);
    // As max-nat-per-router counts them.
    size_t
    rules_asked_for() const
    {
        size_t sum = 0;
        for (const size_t count : rules) {
            sum += count;
        }
        return sum - rules[static_cast<size_t>(Rule_kind::by_default)];
    }
};

// Makes the tally of 'was' that of 'becomes'.  Of many rules only those that
// differ are looked at.
void recount(Tally &tally, const std::optional<Router> &was,
             const std::optional<Router> &becomes);

} // namespace snat
